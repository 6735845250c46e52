import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { ProjectProfile } from '../../../shared/model/project.ts';

export const profile: ProjectProfile = {
  packageManager: 'none',
  install: null,
  test: 'node --test',
  lint: null,
  formatter: null,
  language: 'javascript',
  ignore: [],
  review: false,
  testTimeoutMs: 60_000,
  notes: [],
  sources: {},
};

export function git(root: string, ...args: string[]): string {
  return execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@t.invalid', ...args], {
    cwd: root,
    encoding: 'utf8',
  });
}

/** A git project with these files in a new temporary folder. */
export function projectWith(files: Readonly<Record<string, string>>): string {
  const root = mkdtempSync(join(tmpdir(), 'vigil-project-'));
  write(root, files);
  git(root, 'init', '--quiet', '--initial-branch=main');
  git(root, 'add', '--all');
  git(root, 'commit', '--quiet', '--message', 'start');
  return root;
}

export function write(root: string, files: Readonly<Record<string, string>>): void {
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), text);
  }
}

export const manifest = (fields: object = {}): string =>
  `${JSON.stringify({ name: 'x', private: true, type: 'module', exports: './index.js', scripts: { test: 'node --test' }, license: 'MIT', ...fields }, null, 2)}\n`;
