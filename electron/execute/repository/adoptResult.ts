import { VigilError } from '../../../shared/model/errors.ts';
import { CommitId } from '../../../shared/model/ids.ts';
import type { ProjectClone } from './clone.ts';
import { attemptRef } from './commit.ts';
import { KNOWN_INTEGRATION, KNOWN_TARGET } from './fetchFromHome.ts';
import { git, gitLine, resolveCommit } from './git.ts';
import { sentRef, type SentWork } from './sentWork.ts';
import { trailer, type AttemptIdentity } from './trailers.ts';

/**
 * Makes a result that another node sent usable as if it had been made here: what it says of itself is
 * compared with what it should be, and it is kept under the ref of the attempt, which no other node can
 * move. May be repeated.
 * @throws VigilError `not-found` when it has not arrived, `invalid-input` when it is not what it should be.
 */
export async function adoptResult(
  clone: ProjectClone,
  work: Pick<SentWork, 'node' | 'commit'> & AttemptIdentity,
): Promise<void> {
  const { repository } = clone;
  const { node, task, attempt, creator, commit } = work;
  const arrived = await resolveCommit(repository, sentRef({ kind: 'result', ...work }));
  if (arrived !== commit)
    throw new VigilError(
      'not-found',
      `The result ${commit.slice(0, 10)} of ${task}, attempt ${attempt}, has not arrived from ${node}.`,
      'It merges by itself when it is here.',
    );
  const origin = await readOrigin(repository, commit);
  const wrong =
    origin.task !== task || origin.attempt !== attempt || origin.creator !== creator
      ? 'names other work in its trailers'
      : await whyBaseless(repository, origin);
  if (wrong !== null)
    throw new VigilError(
      'invalid-input',
      `What ${node} sent as the result of ${task}, attempt ${attempt}, ${wrong}.`,
      'Retry the task: vigil task retry.',
    );
  await git(repository, ['update-ref', attemptRef(task, attempt), commit]);
}

/** What a commit says of where it comes from. */
export interface CommitOrigin {
  readonly parents: readonly CommitId[];
  readonly committedSeconds: number;
  readonly task: string;
  /** NaN where it does not say. */
  readonly attempt: number;
  readonly creator: string;
}

const FORMAT = ['%P', '%ct', trailer('Task'), trailer('Attempt'), trailer('Node')].join('%x00');

/** Reads the trailers of an attempt's commit or checkpoint. Throws `git-failed` when there is no such commit. */
export async function readOrigin(repository: string, commit: CommitId): Promise<CommitOrigin> {
  const line = await gitLine(repository, ['log', '-1', `--format=${FORMAT}`, commit, '--']);
  const [parents = '', seconds, task = '', attempt = '', creator = ''] = line.split('\0');
  return {
    parents: parents.split(' ').flatMap((parent) => CommitId.safeParse(parent).data ?? []),
    committedSeconds: Number(seconds),
    task,
    // Told twice, or in another way than we write it, it is not told.
    attempt: /^[1-9]\d{0,8}$/.test(attempt) ? Number(attempt) : NaN,
    creator,
  };
}

/** Why a commit is not one change on a tree that this node knows; null when it is. */
export async function whyBaseless(
  repository: string,
  { parents }: CommitOrigin,
): Promise<string | null> {
  const [parent, ...more] = parents;
  if (parent === undefined || more.length > 0) return `has ${parents.length} parents and not one`;
  const unknown = await gitLine(repository, [
    'rev-list',
    '--max-count=1',
    parent,
    '--not',
    KNOWN_INTEGRATION,
    KNOWN_TARGET,
  ]);
  return unknown === '' ? null : 'builds on what the integrated tree does not have';
}
