import { VigilError } from '../../shared/model/errors.ts';
import type { TaskId } from '../../shared/model/ids.ts';
import { addTasks } from './addTasks.ts';
import type { Ledger } from './ledger.ts';
import { findTask } from './views/tasks.ts';

/**
 * Adds a task that takes a merged one's changes back: worked, verified and merged like any other. Durable
 * when it resolves. Throws `not-found`, and `conflict` for a task that has not merged.
 */
export async function undoTask(ledger: Ledger, id: TaskId, who: string): Promise<TaskId> {
  const { spec, merge } = findTask(ledger, id);
  if (merge === null)
    throw new VigilError(
      'conflict',
      `${id} has not merged, so there is nothing to undo`,
      `\`vigil task cancel ${id}\` ends one that is open.`,
    );
  const { commit, attempt } = merge;
  const [undo] = await addTasks(
    ledger,
    [
      {
        project: spec.project,
        title: `Undo ${id}: ${spec.title}`.slice(0, 200),
        type: 'fix',
        instructions: `Take the changes of ${id} (${commit}) back.`,
        ...{ acceptance: [], deliverables: [], references: [id], capabilities: [] },
        scope: changedBy(ledger, id, attempt),
        ...{ dependencies: [], weight: 100, risk: 'low', review: false },
        // Where later work is in the way it will be so the next time as well.
        maxAttempts: 1,
        executor: { kind: 'mechanic', recipe: { kind: 'revert', task: id, commit } },
      },
    ],
    who,
  );
  if (undo === undefined) throw new Error('no task was added');
  return undo;
}

/** What an attempt changed, as its node told it; empty, which is the whole project, when nobody told. */
function changedBy({ store }: Ledger, task: TaskId, attempt: number): string[] {
  const files = store
    .read({ task, types: ['attempt.produced'] })
    .flatMap(({ body }) =>
      body.type === 'attempt.produced' && body.attempt === attempt ? body.diff.files : [],
    );
  return [...new Set(files)];
}
