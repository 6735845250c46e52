import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { VigilError } from '../../shared/model/errors.ts';
import { findPackage } from './package.ts';
import { runScript } from './runTool.ts';
import type { WrapCommand } from './wrapCommand.ts';

function prettierOf(root: string): string {
  const folder = findPackage('prettier', root);
  if (folder === null)
    throw new VigilError(
      'command-failed',
      'The project has no prettier installed',
      'Install its dependencies.',
    );
  return folder;
}

async function prettier(
  root: string,
  args: readonly string[],
  signal: AbortSignal | undefined,
  wrap?: WrapCommand,
): Promise<string> {
  // Version 3 keeps its command in bin/, version 2 at the top.
  const folder = prettierOf(root);
  const bins = ['bin/prettier.cjs', 'bin-prettier.js'].map((file) => join(folder, file));
  const bin = bins.find((file) => existsSync(file));
  if (bin === undefined)
    throw new VigilError(
      'command-failed',
      'This prettier has no known command',
      'Use prettier 2 or 3.',
    );
  const run = await runScript(bin, args, { cwd: root, signal, wrap });
  if (run.code === 2)
    throw new VigilError(
      'command-failed',
      `prettier failed: ${run.stderr.trim().slice(0, 500)}`,
      'Run prettier by hand.',
    );
  return run.stdout;
}

/** Whether the project has prettier installed. */
export function hasPrettier(root: string): boolean {
  return findPackage('prettier', root) !== null;
}

/** The files (relative to `root`) that the project's own prettier would change. Throws `command-failed`. */
export async function unformatted(
  root: string,
  files: readonly string[],
  signal?: AbortSignal,
): Promise<string[]> {
  if (files.length === 0) return [];
  const out = await prettier(root, ['--list-different', '--ignore-unknown', ...files], signal);
  return out.split('\n').filter((line) => line !== '');
}

/** Formats one file with the project's own prettier and configuration. Throws `command-failed`. */
export async function format(
  root: string,
  file: string,
  signal?: AbortSignal,
  wrap?: WrapCommand,
): Promise<void> {
  await prettier(root, ['--write', '--ignore-unknown', file], signal, wrap);
}
