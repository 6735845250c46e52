import { existsSync, readdirSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';

/** Packages of one repository lie no deeper: `packages/group/name`. */
const DEEPEST_PACKAGE = 3;

/** The `node_modules` folders of a worktree and of the packages in it, as absolute paths. */
export function dependencyFolders(worktree: string): string[] {
  const found: string[] = [];
  let level = [worktree];
  for (let depth = 0; depth <= DEEPEST_PACKAGE && level.length > 0; depth += 1) {
    found.push(...level.map((at) => path.join(at, 'node_modules')).filter((at) => existsSync(at)));
    level = level.flatMap(foldersIn);
  }
  return found;
}

function foldersIn(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !/^(\.git|node_modules)$/.test(entry.name))
    .map((entry) => path.join(folder, entry.name));
}

/**
 * Gives a worktree dependencies of its own in place of the links that it shares with all others, so
 * that what is written into them stays there. Copies bytes, or clones where the disk can.
 */
export async function unshareDependencies(worktree: string): Promise<void> {
  // Elsewhere they were cloned or copied to begin with.
  if (process.platform !== 'linux') return;
  for (const folder of dependencyFolders(worktree)) {
    const copy = `${folder}.own`;
    await rm(copy, { recursive: true, force: true });
    await promisify(execFile)('cp', ['-a', '--reflink=auto', folder, copy]);
    await rm(folder, { recursive: true, force: true });
    await rename(copy, folder);
  }
}
