import { mkdirSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { commitFiles, userGit } from '../../userGit.ts';

/** A test command that costs a millisecond and says that one test passed. */
export const PASSING_TEST = `printf 'TAP version 13\\n1..1\\nok 1 - works\\n'`;

/** A small repository on `main` in a new folder, with `vigil.yaml` that tells how it is tested. */
export function makeRepository(
  folder: string,
  files: Readonly<Record<string, string>> = {},
  test = PASSING_TEST,
): string {
  mkdirSync(folder, { recursive: true });
  userGit(folder, 'init', '--quiet', '--initial-branch=main');
  commitFiles(
    folder,
    { 'a.txt': 'one\n', 'vigil.yaml': `test: ${JSON.stringify(test)}\n`, ...files },
    'Start',
  );
  return folder;
}

/** Lock files below a folder. */
export function locksIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.lock'))
    .map((name) => path.join(folder, name));
}
