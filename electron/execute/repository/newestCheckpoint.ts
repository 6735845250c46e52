import type { CommitId, NodeId, TaskId } from '../../../shared/model/ids.ts';
import { readOrigin, whyBaseless } from './adoptResult.ts';
import { checkpointRef } from './checkpoint.ts';
import type { ProjectClone } from './clone.ts';
import { gitLine, resolveCommit } from './git.ts';
import { parseSentRef, SENT_REFS } from './sentWork.ts';

export interface FoundCheckpoint {
  readonly commit: CommitId;
  readonly attempt: number;
  /** The node that sent it; null for this one's own. */
  readonly node: NodeId | null;
}

/**
 * The newest work in progress of a task among this node's own and what others sent here (X8): that of the
 * latest attempt, and of one attempt that which was committed last. What is not what it should be is passed
 * over. Null when there is none.
 */
export async function newestCheckpoint(
  { repository }: ProjectClone,
  task: TaskId,
): Promise<FoundCheckpoint | null> {
  const found: (FoundCheckpoint & { readonly committedSeconds: number })[] = [];
  const own = await resolveCommit(repository, checkpointRef(task));
  if (own !== null) {
    const { attempt, committedSeconds } = await readOrigin(repository, own);
    found.push({ commit: own, attempt, node: null, committedSeconds });
  }
  const refs = await gitLine(repository, [
    'for-each-ref',
    '--format=%(refname)',
    `${SENT_REFS}/*/checkpoints/${task}/*`,
  ]);
  for (const ref of refs.split('\n')) {
    const sent = parseSentRef(ref);
    const commit = sent && (await resolveCommit(repository, ref));
    if (!sent || !commit) continue;
    const origin = await readOrigin(repository, commit);
    const { attempt, committedSeconds } = origin;
    if (origin.task !== task || attempt !== sent.attempt) continue;
    if ((await whyBaseless(repository, origin)) !== null) continue;
    found.push({ commit, attempt, node: sent.node, committedSeconds });
  }
  const [newest] = found.sort(
    (a, b) => b.attempt - a.attempt || b.committedSeconds - a.committedSeconds,
  );
  return newest ? { commit: newest.commit, attempt: newest.attempt, node: newest.node } : null;
}
