import { VigilError } from '../../shared/model/errors.ts';
import type { CommitId } from '../../shared/model/ids.ts';
import type { TaskRegisters } from '../../shared/model/registers.ts';
import { artifactsIn } from '../execute/repository/artifacts.ts';
import type { ProjectClone } from '../execute/repository/clone.ts';

/**
 * The integrated tree to start from, for a project whose repository is on another node: the newest that can
 * be had, or the last that was seen while its home is away. Rejects with `not-found` when that tree lacks an
 * artifact that the task needs: the leader saw a newer one (invariant: hard dependencies).
 */
export async function remoteBase(
  clone: ProjectClone,
  { spec, addedDependencies }: TaskRegisters,
  homeIsThere: boolean,
): Promise<CommitId> {
  // Asking one that is away takes seconds to fail.
  if (homeIsThere)
    await clone.fetch().catch((error: unknown) => {
      const away = error instanceof VigilError && error.code === 'node-unreachable';
      if (!away) throw error;
    });
  const base = await clone.integrationHead();
  const needed = [...spec.dependencies, ...addedDependencies].flatMap((dependency) =>
    dependency.type === 'hard' ? [dependency.artifact] : [],
  );
  const found = await artifactsIn(clone, base, needed);
  const missing = needed.find((artifact) => !found.get(artifact));
  if (missing === undefined) return base;
  throw new VigilError(
    'not-found',
    `${missing} is not in the integrated tree as this node has it`,
    'It is fetched again when the home of the project can be reached.',
  );
}
