import picomatch from 'picomatch';
import type { CommitId } from '../../../shared/model/ids.ts';
import type { ProjectClone } from './clone.ts';
import { git } from './git.ts';

/**
 * Which of the artifacts (paths, folders or globs) exist in the tree of a commit (Q2): the tree is
 * asked, never what some task says of itself.
 */
export async function artifactsIn(
  clone: ProjectClone,
  commit: CommitId,
  artifacts: readonly string[],
): Promise<Map<string, boolean>> {
  if (artifacts.length === 0) return new Map();
  const { stdout } = await git(clone.repository, [
    'ls-tree',
    '-r',
    '-t',
    '-z',
    '--name-only',
    commit,
  ]);
  const paths = stdout.split('\0').filter((path) => path !== '');
  const known = new Set(paths);
  return new Map(
    artifacts.map((artifact) => {
      const path = artifact.replace(/^\.\//, '').replace(/\/$/, '');
      const matches = picomatch(path, { dot: true });
      return [artifact, known.has(path) || paths.some((candidate) => matches(candidate))];
    }),
  );
}
