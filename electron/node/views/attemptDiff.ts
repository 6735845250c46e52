import type { AttemptDiffView } from '../../../shared/model/reviewApi.ts';
import { VigilError } from '../../../shared/model/errors.ts';
import type { CommitId, TaskId } from '../../../shared/model/ids.ts';
import type { Ledger } from '../ledger.ts';
import type { Projects } from '../projects.ts';
import { commitDiff } from './commitDiff.ts';
import { findTask } from './tasks.ts';

/** As much as a person would look at; a page that shows it stays quick, bytes. */
const MAX_DIFF_BYTES = 1_000_000;

/**
 * What an attempt changed: as it was merged where it was, else as it was produced. Throws `not-found` when
 * it made no commit, or its commit is not on this node.
 */
export async function attemptDiff(
  ledger: Ledger,
  projects: Projects,
  task: TaskId,
  attempt: number,
): Promise<AttemptDiffView> {
  const { spec } = findTask(ledger, task);
  const commit = commitOf(ledger, task, attempt);
  if (commit === null) {
    throw new VigilError(
      'not-found',
      `attempt ${attempt} of ${task} has made no commit`,
      'It has a diff when its work is done.',
    );
  }
  const text = await commitDiff(projects, spec.project, commit, MAX_DIFF_BYTES).catch(
    (cause: unknown) => {
      throw new VigilError(
        'not-found',
        `the commit of attempt ${attempt} of ${task} is not on this node`,
        'The node that made it has it for as long as the task is open.',
        { cause },
      );
    },
  );
  // What was cut is longer than the bound by the line that says so.
  const isCut = new TextEncoder().encode(text).length > MAX_DIFF_BYTES;
  return { task, attempt, commit, diff: text, cutAtBytes: isCut ? MAX_DIFF_BYTES : null };
}

function commitOf({ store }: Ledger, task: TaskId, attempt: number): CommitId | null {
  const bodies = store
    .read({ task, types: ['attempt.produced', 'merge.done'] })
    .map(({ body }) => body);
  const merged = bodies.find((body) => body.type === 'merge.done' && body.attempt === attempt);
  const made = bodies.findLast((body) => 'attempt' in body && body.attempt === attempt);
  const found = merged ?? made;
  return found?.type === 'merge.done' || found?.type === 'attempt.produced' ? found.commit : null;
}
