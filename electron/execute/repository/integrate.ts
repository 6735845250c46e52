import { CommitId } from '../../../shared/model/ids.ts';
import type { ProjectClone } from './clone.ts';
import { attemptRef } from './commit.ts';
import { git, gitLine, resolveCommit } from './git.ts';
import {
  advance,
  integrateInto,
  integrationRefOf,
  type Blocked,
  type IntegrateResult,
  type Moved,
} from './integrationRef.ts';
import { findMerged, type AttemptIdentity } from './trailers.ts';
import type { Workspace } from './workspace.ts';

/**
 * Moves the integrated tree of the user's repository to an attempt's commit, as `integrateInto`.
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
  const candidate = {
    merged: () => findMerged(clone, task, creator),
    parentOf: (each: CommitId) => resolveCommit(clone.repository, `${each}^`),
  };
  return integrateInto(integrationRefOf(clone), candidate, commit, task);
}

/** Moves the integrated tree from one commit to the next by compare-and-swap; `to` is in the clone. */
export async function advanceIntegration(
  clone: ProjectClone,
  move: { readonly from: CommitId; readonly to: CommitId; readonly why: string },
): Promise<{ readonly kind: 'advanced' } | Moved | Blocked> {
  return advance(integrationRefOf(clone), move);
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
