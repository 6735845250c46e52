import { VigilError } from '../../../shared/model/errors.ts';
import { CommitId } from '../../../shared/model/ids.ts';
import { INTEGRATION_BRANCH, INTEGRATION_REF, type ProjectClone } from './clone.ts';
import { attemptRef } from './commit.ts';
import { git, gitLine, resolveCommit } from './git.ts';
import { findMerged, type AttemptIdentity } from './trailers.ts';
import { worktreeOf } from './userWorktrees.ts';
import type { Workspace } from './workspace.ts';

export type Blocked = { readonly kind: 'blocked'; readonly reason: string; readonly help: string };
export type Moved = { readonly kind: 'moved'; readonly head: CommitId };
export type IntegrateResult =
  | { readonly kind: 'merged'; readonly commit: CommitId; readonly parent: CommitId }
  | { readonly kind: 'already'; readonly commit: CommitId }
  | Moved
  | Blocked;

/**
 * Moves the integrated tree of the user's repository to an attempt's commit, if its head is still the
 * commit's parent and the task has not been merged before.
 * @throws VigilError `git-failed`, `disk-full`, `not-home`.
 */
export async function integrate({
  clone,
  task,
  creator,
  commit,
}: AttemptIdentity & {
  readonly clone: ProjectClone;
  readonly commit: CommitId;
}): Promise<IntegrateResult> {
  const merged = await findMerged(clone, task, creator);
  if (merged !== null) return { kind: 'already', commit: merged };
  const parent = await resolveCommit(clone.repository, `${commit}^`);
  if (parent === null)
    throw new VigilError(
      'git-failed',
      `The commit ${commit} of ${task} has no parent.`,
      'Retry the task: vigil task retry.',
    );
  const result = await advanceIntegration(clone, {
    from: parent,
    to: commit,
    why: `merge ${task}`,
  });
  return result.kind === 'advanced' ? { kind: 'merged', commit, parent } : result;
}

/** Moves the integrated tree from one commit to the next by compare-and-swap; `to` is in the clone. */
export async function advanceIntegration(
  clone: ProjectClone,
  { from, to, why }: { readonly from: CommitId; readonly to: CommitId; readonly why: string },
): Promise<{ readonly kind: 'advanced' } | Moved | Blocked> {
  const user = clone.userRepository;
  const head = await clone.integrationHead();
  if (head !== from) return { kind: 'moved', head };
  const checkedOut = await worktreeOf(user, INTEGRATION_REF);
  if (checkedOut !== null) {
    return {
      kind: 'blocked',
      reason: `The branch ${INTEGRATION_BRANCH} is checked out in ${checkedOut}, where moving it would make your files look changed.`,
      help: `Switch to another branch there, e.g. git -C ${checkedOut} switch ${clone.project.target}`,
    };
  }
  // Objects first, so that the ref never names one that is missing; nothing else in the user's repository changes.
  await git(user, [
    'fetch',
    '--quiet',
    '--no-tags',
    '--no-write-fetch-head',
    '--no-auto-maintenance',
    clone.repository,
    to,
  ]);
  const swapped = await git(user, [
    'update-ref',
    '-m',
    `vigil: ${why}`,
    INTEGRATION_REF,
    to,
    from,
  ]).then(
    () => true,
    async (error: unknown) => {
      if ((await resolveCommit(user, INTEGRATION_REF)) === from) throw error;
      return false;
    },
  );
  if (!swapped) return { kind: 'moved', head: await clone.integrationHead() };
  await clone.integrated(to);
  return { kind: 'advanced' };
}

export type RebaseResult =
  | { readonly kind: 'clean'; readonly commit: CommitId }
  /** What it changed has been merged by others: nothing is left. */
  | { readonly kind: 'empty' }
  | { readonly kind: 'conflict'; readonly files: readonly string[] };

/**
 * Puts an attempt's commit onto a newer head in its workspace, which then holds the result for another
 * verification. After a conflict the workspace is back at the commit.
 */
export async function rebase({
  workspace,
  commit,
  onto,
}: {
  readonly workspace: Workspace;
  readonly commit: CommitId;
  readonly onto: CommitId;
}): Promise<RebaseResult> {
  const { path, branch } = workspace;
  await git(path, ['reset', '--quiet', '--hard']);
  await git(path, ['clean', '-fdq']);
  await git(path, ['checkout', '--quiet', '--detach', onto]);
  const picked = await git(
    path,
    ['cherry-pick', '--allow-empty', '--keep-redundant-commits', commit],
    { allowExit: [1] },
  );
  if (picked.exitCode !== 0) {
    const files = await gitLine(path, ['diff', '--name-only', '--diff-filter=U', '-z']);
    await git(path, ['cherry-pick', '--abort']);
    await git(path, ['checkout', '--quiet', '-B', branch, commit]);
    return { kind: 'conflict', files: files.split('\0').filter((file) => file !== '') };
  }
  await git(path, ['checkout', '--quiet', '-B', branch]);
  const [rebased, tree, ontoTree] = (
    await gitLine(path, ['rev-parse', 'HEAD', 'HEAD^{tree}', `${onto}^{tree}`])
  ).split('\n');
  if (tree === ontoTree) return { kind: 'empty' };
  const result = CommitId.parse(rebased);
  await git(path, ['update-ref', attemptRef(workspace.task, workspace.attempt), result]);
  return { kind: 'clean', commit: result };
}
