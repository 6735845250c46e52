import type { CommitId } from '../../shared/model/ids.ts';
import type { Blocked, IntegrateResult } from '../execute/repository/integrationRef.ts';
import { AttemptFailure } from './attemptFailure.ts';

/** A result whose base moved this often while it was verified gives way to a new attempt. */
const MAX_REBASES = 8;

/** What merging a result does to a repository. */
export interface MergeSteps {
  integrate(commit: CommitId): Promise<IntegrateResult>;
  /** By which commit of the integrated tree the task was merged, or null. */
  merged(): Promise<CommitId | null>;
  parentOf(commit: CommitId): Promise<CommitId | null>;
  /** Puts a commit onto a new head and verifies it there. Null: nothing of it is left to merge. */
  verifyOnto(commit: CommitId, head: CommitId): Promise<CommitId | null>;
}

export type MergeOutcome =
  | {
      readonly kind: 'merged';
      readonly commit: CommitId;
      readonly parent: CommitId;
      readonly rebased: boolean;
      /** It had landed before, and nobody had said so. */
      readonly recovered: boolean;
    }
  /** Others have done the same. */
  | { readonly kind: 'nothing' }
  | Blocked;

/**
 * Merges one result: what others overtook is rebased and verified again, and what has landed already, by a process
 * that did not live to say so or whose answer was lost, is found. Throws `AttemptFailure` when the tree keeps moving.
 */
export async function mergeResult(steps: MergeSteps, result: CommitId): Promise<MergeOutcome> {
  let commit = result;
  for (let round = 0; round < MAX_REBASES; round++) {
    const rebased = commit !== result;
    const landed = async (at: CommitId): Promise<MergeOutcome> => {
      const parent = (await steps.parentOf(at)) ?? at;
      return { kind: 'merged', commit: at, parent, rebased, recovered: true };
    };
    const merge = await steps.integrate(commit);
    switch (merge.kind) {
      case 'merged':
        return { ...merge, rebased, recovered: false };
      case 'already':
        return landed(merge.commit);
      case 'blocked':
        return merge;
      case 'moved': {
        const next = await steps.verifyOnto(commit, merge.head);
        if (next === null) {
          const own = await steps.merged();
          return own === null ? { kind: 'nothing' } : landed(own);
        }
        commit = next;
      }
    }
  }
  throw AttemptFailure.ofConflict(['the integrated tree, which kept moving']);
}
