import { execFile } from 'node:child_process';

/** A program that tells of the machine answers at once; one that hangs must not hold up the rest. */
const ANSWER_MS = 5_000;

/** What a program prints; null when it is missing, fails, is cut off, or does not answer within `withinMs`. */
export function outputOf(
  program: string,
  args: readonly string[],
  withinMs = ANSWER_MS,
  signal?: AbortSignal,
): Promise<string | null> {
  return new Promise((resolve) => {
    execFile(
      program,
      args,
      {
        encoding: 'utf8',
        timeout: withinMs,
        killSignal: 'SIGKILL',
        ...(signal ? { signal } : {}),
        env: { ...process.env, LC_ALL: 'C' },
      },
      (error, stdout) => resolve(error ? null : stdout),
    );
  });
}
