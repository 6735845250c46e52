import { realpath } from 'node:fs/promises';
import { isAbsolute, join, relative } from 'node:path';
import { messageOf, VigilError } from '../../shared/model/errors.ts';

/**
 * The real path of an existing file in a workspace, or null when it is not there.
 * Throws `invalid-input` for a path that leads out of the workspace, also through a link.
 */
export async function insideWorkspace(root: string, file: string): Promise<string | null> {
  const outside = (path: string): boolean =>
    path.startsWith('..') || isAbsolute(path) || path === '';
  const refuse = (): never => {
    throw new VigilError(
      'invalid-input',
      `${file} is outside the project`,
      'Name a file of the project.',
    );
  };
  if (outside(relative(root, join(root, file)))) refuse();
  let real: string;
  try {
    real = await realpath(join(root, file));
  } catch (error) {
    if (messageOf(error).startsWith('ENOENT') || messageOf(error).startsWith('ENOTDIR'))
      return null;
    throw error;
  }
  if (outside(relative(await realpath(root), real))) refuse();
  return real;
}
