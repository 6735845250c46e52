import { constants } from 'node:fs';
import { mkdir, open, readlink, realpath, type FileHandle } from 'node:fs/promises';
import path from 'node:path';

/** As many links as Linux follows in one path. */
const MAX_LINKS = 40;

/**
 * A path of an agent as the rules see it: relative to the worktree with `/` and without links where it
 * lies inside, absolute where it does not. Takes absolute paths and such relative to the worktree.
 */
export async function worktreePath(worktree: string, given: string): Promise<string> {
  const root = await realpath(worktree);
  const real = await realOf(path.resolve(worktree, given));
  const relative = path.relative(root, real);
  const inside = relative !== '..' && !relative.startsWith(`..${path.sep}`);
  return inside && !path.isAbsolute(relative) ? relative.split(path.sep).join('/') : real;
}

/** The real path of what may not exist yet. A link that leads nowhere yet is followed too: a write would. */
async function realOf(file: string, links = 0): Promise<string> {
  try {
    return await realpath(file);
  } catch (error) {
    if (!hasCode(error, 'ENOENT')) throw error;
  }
  const target = await readlink(file).catch(() => null);
  if (target !== null && links < MAX_LINKS)
    return realOf(path.resolve(path.dirname(file), target), links + 1);
  const parent = path.dirname(file);
  return parent === file ? file : path.join(await realOf(parent, links), path.basename(file));
}

/**
 * Opens a regular file of the worktree by its relative, resolved path. Links put in its place since it
 * was resolved are refused.
 * @throws Error when it is no regular file or lies outside after all
 */
export async function openInside(
  worktree: string,
  relative: string,
  purpose: 'read' | 'write',
): Promise<FileHandle> {
  const file = path.join(await realpath(worktree), relative);
  if (purpose === 'write') await mkdir(path.dirname(file), { recursive: true });
  const flags = purpose === 'read' ? constants.O_RDONLY : constants.O_RDWR | constants.O_CREAT;
  // Without blocking: a named pipe would wait for its other end for ever.
  const handle = await open(file, flags | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    if (!(await handle.stat()).isFile()) throw new Error(`${relative} is not a regular file`);
    if ((await worktreePath(worktree, file)) !== relative)
      throw new Error(`${relative} moved while it was opened`);
    return handle;
  } catch (error) {
    await handle.close();
    throw error;
  }
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
