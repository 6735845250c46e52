import { VigilError } from '../../../shared/model/errors.ts';
import type { CommitId } from '../../../shared/model/ids.ts';
import { INTEGRATION_BRANCH, INTEGRATION_REF, type ProjectClone } from './clone.ts';
import { fetchObjects } from './fetchObjects.ts';
import { git, resolveCommit } from './git.ts';
import { worktreeOf } from './userWorktrees.ts';

export type Blocked = { readonly kind: 'blocked'; readonly reason: string; readonly help: string };
export type Moved = { readonly kind: 'moved'; readonly head: CommitId };

/** The integrated tree of a project as the merge gate moves it: git's at its home, another's in a simulation. */
export interface IntegrationRef {
  /** Where it is, as far as this process knows; good enough to build on. */
  head(): Promise<CommitId>;
  /** Why it must not be moved now. */
  blocked(): Promise<Blocked | null>;
  /** Moves it, if it is at `from` at that moment. Throws when it is not, and when it can't tell. */
  update(move: { from: CommitId; to: CommitId; why: string }): Promise<void>;
  /** Where it really is. */
  read(): Promise<CommitId | null>;
  /** Told of where it is now. */
  moved(to: CommitId): Promise<void>;
}

/** That of the user's repository, to which a clone belongs. */
export function integrationRefOf(clone: ProjectClone): IntegrationRef {
  const user = clone.userRepository;
  return {
    head: () => clone.integrationHead(),
    blocked: async () => {
      const checkedOut = await worktreeOf(user, INTEGRATION_REF);
      return checkedOut === null
        ? null
        : {
            kind: 'blocked',
            reason: `The branch ${INTEGRATION_BRANCH} is checked out in ${checkedOut}, where moving it would make your files look changed.`,
            help: `Switch to another branch there, e.g. git -C ${checkedOut} switch ${clone.project.target}`,
          };
    },
    update: async ({ from, to, why }) => {
      // Objects first, so that the ref never names one that is missing; nothing else in the user's repository changes.
      await fetchObjects(user, clone.repository, to);
      await git(user, ['update-ref', '-m', `vigil: ${why}`, INTEGRATION_REF, to, from]);
    },
    read: () => resolveCommit(user, INTEGRATION_REF),
    moved: (to) => clone.integrated(to),
  };
}

/** Moves the integrated tree from one commit to the next by compare-and-swap. */
export async function advance(
  ref: IntegrationRef,
  move: { readonly from: CommitId; readonly to: CommitId; readonly why: string },
): Promise<{ readonly kind: 'advanced' } | Moved | Blocked> {
  const head = await ref.head();
  if (head !== move.from) return { kind: 'moved', head };
  const blocked = await ref.blocked();
  if (blocked) return blocked;
  try {
    await ref.update(move);
  } catch (error) {
    const now = await ref.read();
    if (now === move.from) throw error;
    // It may have got there all the same, and only the answer was lost.
    if (now !== move.to) return { kind: 'moved', head: await ref.head() };
  }
  await ref.moved(move.to);
  return { kind: 'advanced' };
}

/** A commit's place before the gate. */
export interface Candidate {
  /** By which commit its task was merged before, or null (safety rule 4). */
  merged(): Promise<CommitId | null>;
  parentOf(commit: CommitId): Promise<CommitId | null>;
}

export type IntegrateResult =
  | { readonly kind: 'merged'; readonly commit: CommitId; readonly parent: CommitId }
  | { readonly kind: 'already'; readonly commit: CommitId }
  | Moved
  | Blocked;

/**
 * Moves the integrated tree to an attempt's commit, if its head is still the commit's parent and the task has
 * not been merged before. Throws `git-failed` for a commit without a parent, and what the ref throws.
 */
export async function integrateInto(
  ref: IntegrationRef,
  candidate: Candidate,
  commit: CommitId,
  task: string,
): Promise<IntegrateResult> {
  const merged = await candidate.merged();
  if (merged !== null) return { kind: 'already', commit: merged };
  const parent = await candidate.parentOf(commit);
  if (parent === null)
    throw new VigilError(
      'git-failed',
      `The commit ${commit} of ${task} has no parent.`,
      'Retry the task: vigil task retry.',
    );
  const result = await advance(ref, { from: parent, to: commit, why: `merge ${task}` });
  return result.kind === 'advanced' ? { kind: 'merged', commit, parent } : result;
}
