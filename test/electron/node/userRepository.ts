import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** A test command that costs a millisecond and says that one test passed. */
export const PASSING_TEST = `printf 'TAP version 13\\n1..1\\nok 1 - works\\n'`;

/** git as a user would run it. */
export function userGit(cwd: string, ...args: string[]): string {
  const env = {
    PATH: process.env['PATH'],
    HOME: cwd,
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_OPTIONAL_LOCKS: '0',
    GIT_AUTHOR_NAME: 'Ada',
    GIT_AUTHOR_EMAIL: 'ada@example.org',
    GIT_COMMITTER_NAME: 'Ada',
    GIT_COMMITTER_EMAIL: 'ada@example.org',
  };
  return execFileSync('git', args, {
    cwd,
    env,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    maxBuffer: 64 * 1024 * 1024,
  }).trimEnd();
}

export function writeFiles(folder: string, files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    writeFileSync(path.join(folder, name), text);
  }
}

/** Commits the files on the branch that is checked out; returns the commit. */
export function commitFiles(
  repository: string,
  files: Readonly<Record<string, string>>,
  message = 'Change',
): string {
  writeFiles(repository, files);
  userGit(repository, 'add', '--all');
  userGit(repository, 'commit', '--quiet', '--message', message);
  return userGit(repository, 'rev-parse', 'HEAD');
}

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
