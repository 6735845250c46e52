import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DiffStat } from '../../../shared/model/attempt.ts';
import { diffStat, NOT_DEPENDENCIES } from './commit.ts';
import { git, gitLine } from './git.ts';
import type { Workspace } from './workspace.ts';

/**
 * What a working tree holds now, as a tree object and against its base. The worktree, its index and its
 * branch are left alone, so that an agent may go on meanwhile.
 * @throws VigilError `git-failed`, `disk-full`.
 */
export async function changesOf({
  path,
  base,
}: Pick<Workspace, 'path' | 'base'>): Promise<DiffStat & { readonly tree: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'vigil-index-'));
  const env = { GIT_INDEX_FILE: join(folder, 'index') };
  try {
    await git(path, ['read-tree', base], { env });
    // A file that vanishes while this looks is in the next look.
    await git(path, ['add', '--all', '--ignore-errors', '--', '.', NOT_DEPENDENCIES], {
      env,
      allowExit: [1],
    });
    const tree = await gitLine(path, ['write-tree'], { env });
    return { tree, ...(await diffStat(path, base, tree)) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Puts files back as they are in a tree; those that it does not have are removed. */
export async function restoreFiles(
  { path }: Pick<Workspace, 'path'>,
  tree: string,
  files: readonly string[],
): Promise<void> {
  if (files.length === 0) return;
  const { stdout } = await git(path, ['ls-tree', '-r', '-z', '--name-only', tree, '--', ...files]);
  const there = new Set(stdout.split('\0'));
  const known = files.filter((file) => there.has(file));
  if (known.length > 0)
    await git(path, ['restore', `--source=${tree}`, '--worktree', '--', ...known.map(literal)]);
  for (const file of files) if (!there.has(file)) await rm(join(path, file), { force: true });
}

/** A path as it is, without git's wildcards. */
function literal(file: string): string {
  return `:(literal)${file}`;
}
