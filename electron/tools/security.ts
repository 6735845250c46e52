import { z } from 'zod';
import { Finding } from '../../shared/model/attempt.ts';
import { VigilError } from '../../shared/model/errors.ts';
import { childEntry } from './package.ts';
import { runScript } from './runTool.ts';

/** What the child process reads from its standard input. */
export const SecurityRequest = z.object({
  /** Of every touched file, the lines that were added and their numbers, and the lines that were removed. */
  lines: z.array(
    z.object({
      file: z.string(),
      added: z.array(z.object({ number: z.number().int(), text: z.string() })),
      removed: z.array(z.string()),
    }),
  ),
  /** Of every touched file of code, its text before (null: it is new) and after. */
  sources: z.array(
    z.object({ file: z.string(), before: z.string().nullable(), after: z.string() }),
  ),
});
export type SecurityRequest = z.infer<typeof SecurityRequest>;

const Part = z.object({
  findings: z.array(Finding),
  /** Why it gave no full answer; null when it did. */
  trouble: z.string().nullable(),
});

/** What the scanners found that was not there before. No finding holds a secret. */
export const SecurityAnswer = z.object({ secrets: Part, static: Part });
export type SecurityAnswer = z.infer<typeof SecurityAnswer>;

/** A change that takes longer to scan is not one that a human would wait for either, ms. */
const SCAN_TIMEOUT_MS = 60_000;

/**
 * Scans the lines that a change adds for secrets, and its code for unsafe patterns, in a child process:
 * regular expressions on foreign text may run long, and a secret that was found ends with the process.
 * @throws VigilError `command-failed` or `timeout`.
 */
export async function runSecurityScan(
  request: SecurityRequest,
  cwd: string,
  signal?: AbortSignal,
): Promise<SecurityAnswer> {
  const entry = childEntry('security', new URL('./securityProcess.ts', import.meta.url));
  const run = await runScript(entry, [], {
    cwd,
    input: JSON.stringify(request),
    signal,
    timeoutMs: SCAN_TIMEOUT_MS,
  });
  if (run.code !== 0)
    throw new VigilError(
      'command-failed',
      `The security scan failed: ${run.stderr.trim().slice(0, 500)}`,
      'Look at the change by hand.',
    );
  return SecurityAnswer.parse(JSON.parse(run.stdout));
}
