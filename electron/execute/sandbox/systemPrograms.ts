import { execFile } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
/** A namespace takes milliseconds; a machine that needs this long is in no state to work. */
const PROBE_TIMEOUT_MS = 20_000;

/**
 * A program of the system by its absolute path, or null. A folder on PATH that is no absolute path would
 * be looked up in the worktree, whose author could put a program of that name there.
 */
export function systemProgram(name: string, from = process.env['PATH'] ?? ''): string | null {
  return (
    from
      .split(path.delimiter)
      .filter((folder) => path.isAbsolute(folder))
      .map((folder) => path.join(folder, name))
      .find(isProgram) ?? null
  );
}

/** Why this system lets no sandbox start, or null when it does: really starts one around a program that does nothing. */
export async function refusal(): Promise<string | null> {
  const [file, args] =
    process.platform === 'darwin'
      ? ['/usr/bin/sandbox-exec', ['-p', '(version 1)(allow default)', '/usr/bin/true']]
      : [systemProgram('bwrap') ?? 'bwrap', [...NAMESPACES, '/bin/true']];
  try {
    await run(file, args, { timeout: PROBE_TIMEOUT_MS });
    return null;
  } catch (error) {
    const said = error instanceof Error && 'stderr' in error ? String(error.stderr).trim() : '';
    return said || (error instanceof Error ? error.message : String(error));
  }
}

/** The namespaces of every sandboxed command. Filesystem, processes and network are each one. */
const NAMESPACES = [
  ...['--unshare-user', '--unshare-net', '--unshare-pid', '--die-with-parent'],
  ...['--ro-bind', '/', '/', '--dev', '/dev', '--proc', '/proc', '--'],
];

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    // Absent, or not ours to run.
    return false;
  }
}
