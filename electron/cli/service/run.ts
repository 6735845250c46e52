import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { WRITTEN_BY } from '../../../shared/service/serviceSpec.ts';
import { VigilError } from '../../../shared/model/errors.ts';

interface Ran {
  readonly ok: boolean;
  readonly out: string;
  /** What it said when it failed, in a line. */
  readonly said: string;
}

/** A service manager that takes longer is not there. */
const PATIENCE_MS = 90_000;

/** Runs a program of the system to its end, whatever it says. */
export function run(program: string, ...args: readonly string[]): Promise<Ran> {
  return new Promise((resolve) => {
    execFile(program, args, { timeout: PATIENCE_MS }, (error, out, err) => {
      const said = (err.trim() || out.trim() || error?.message || '').split('\n').join(' ');
      resolve({ ok: error === null, out: out.trim(), said });
    });
  });
}

/** Runs it and throws `command-failed` with its own words when it fails. */
export async function mustRun(program: string, ...args: readonly string[]): Promise<string> {
  const ran = await run(program, ...args);
  if (ran.ok) return ran.out;
  throw new VigilError(
    'command-failed',
    `\`${[program, ...args].join(' ')}\` failed: ${ran.said}`,
    'Nothing more was changed. Mend what it says and install again; `vigil service uninstall` takes back what was written.',
  );
}

/** The text of our file, or null where there is none. Throws `conflict` when it is somebody else's. */
export function ownFile(file: string): string | null {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    return null;
  }
  if (text.includes(WRITTEN_BY)) return text;
  throw new VigilError(
    'conflict',
    `${file} was not written by Vigil`,
    'Stop that service and move its file away, then try again.',
  );
}
