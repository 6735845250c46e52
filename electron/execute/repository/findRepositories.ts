import { readdir, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** So deep below the folder people keep their code, folders. */
const MOST_DEPTH = 5;
/** A list that a person reads, repositories. */
const MOST_FOUND = 200;
/** A home may hold millions of files: it is looked at as far as this, folders. */
const MOST_FOLDERS = 20_000;
/** Somebody waits for the list, ms. */
const MOST_MS = 3_000;
/** Folders at a time: enough to keep a disk busy. */
const AT_ONCE = 32;

export interface RepositoryPlace {
  /** Real absolute path of its top folder. */
  readonly path: string;
  /** When git last wrote something in it, ms since the epoch. */
  readonly usedAtMs: number;
}

interface Bounds {
  readonly depth?: number;
  readonly found?: number;
  readonly folders?: number;
  /** How long it may look, ms. */
  readonly ms?: number;
}

/**
 * The git repositories with a working tree below a folder, the one used last first. Hidden folders and
 * `node_modules` are left out, links are not followed, and what lies within a repository is not looked at.
 * A folder that can't be read is passed over.
 * @param skip real paths that are not looked at
 * @returns `isCut` when a bound was reached, so that there may be more
 */
export async function findRepositories(
  folder: string,
  skip: ReadonlySet<string> = new Set(),
  bounds: Bounds = {},
): Promise<{ repositories: RepositoryPlace[]; isCut: boolean }> {
  const { depth = MOST_DEPTH, found = MOST_FOUND, folders = MOST_FOLDERS, ms = MOST_MS } = bounds;
  const end = performance.now() + ms;
  const repositories: RepositoryPlace[] = [];
  let level = [await realpath(folder)];
  let looked = 0;
  let isCut = false;
  for (let below = 0; below <= depth && level.length > 0; below += 1) {
    const next: string[] = [];
    while (level.length > 0) {
      if (performance.now() >= end || looked >= folders || repositories.length >= found)
        return { repositories: newestFirst(repositories, found), isCut: true };
      const some = level.splice(0, Math.min(AT_ONCE, folders - looked));
      looked += some.length;
      for (const each of await Promise.all(some.map(look))) {
        if (each.repository) repositories.push(each.repository);
        else next.push(...each.folders.filter((inner) => !skip.has(inner)));
      }
    }
    level = next;
    isCut = below === depth && next.length > 0;
  }
  return { repositories: newestFirst(repositories, found), isCut };
}

function newestFirst(repositories: readonly RepositoryPlace[], most: number): RepositoryPlace[] {
  return repositories.toSorted((a, b) => b.usedAtMs - a.usedAtMs).slice(0, most);
}

/** Whether a folder is a repository, else the folders in it. */
async function look(
  folder: string,
): Promise<{ repository: RepositoryPlace | null; folders: string[] }> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  // A `.git` that is a file belongs to a worktree or a submodule: another folder is its repository.
  if (entries.some((entry) => entry.name === '.git' && entry.isDirectory())) {
    const git = await stat(join(folder, '.git')).catch(() => null);
    return { repository: { path: folder, usedAtMs: git?.mtimeMs ?? 0 }, folders: [] };
  }
  return {
    repository: null,
    folders: entries
      .filter(({ name }) => !name.startsWith('.') && name !== 'node_modules')
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => join(folder, name)),
  };
}
