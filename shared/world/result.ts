import type { Attempt } from '../model/attempt.ts';
import type { CommitId, TaskId } from '../model/ids.ts';
import type { TaskRegisters } from '../model/registers.ts';
import { currentAttempt, statusOf } from './status.ts';
import type { World } from './world.ts';

/** A result that is cleared to merge here. */
export interface Result {
  readonly task: TaskRegisters;
  readonly attempt: Attempt;
  readonly commit: CommitId;
}

/**
 * What this node may merge of a task now: the commit of the attempt that counts, once it is cleared, at the
 * home of its project and nowhere else. Null when there is nothing.
 */
export function resultToMerge(world: World, id: TaskId): Result | null {
  const task = world.tasks.get(id);
  if (!task || statusOf(task) !== 'merging') return null;
  const { project } = task.spec;
  if (!world.projects.has(project) || !world.isHome(project)) return null;
  const attempt = currentAttempt(task);
  if (attempt?.state.state !== 'passed' || attempt.state.commit === null) return null;
  return { task, attempt, commit: attempt.state.commit };
}
