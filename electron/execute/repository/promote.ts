import { rm } from 'node:fs/promises';
import path from 'node:path';
import { messageOf, VigilError } from '../../../shared/model/errors.ts';
import { CommitId } from '../../../shared/model/ids.ts';
import { INTEGRATION_BRANCH, type ProjectClone } from './clone.ts';
import { git, gitLine, isAncestor } from './git.ts';
import { advanceIntegration } from './integrate.ts';
import type { Blocked, Moved } from './integrationRef.ts';
import { notHome } from './origin.ts';
import { worktreeOf } from './userWorktrees.ts';

/**
 * Fast-forwards the project's target branch to the integrated tree. Where the branch is checked out, git
 * itself updates the working tree, and refuses when local changes are in the way.
 * @throws VigilError `conflict` when it is no fast-forward or local changes are in the way, `not-home`.
 */
export async function promote(
  clone: ProjectClone,
): Promise<{ from: CommitId; to: CommitId; commits: number }> {
  const user = clone.userRepository;
  const { target } = clone.project;
  const to = await clone.integrationHead();
  const from = await clone.targetHead();
  if (from === to) return { from, to, commits: 0 };
  if (!(await isAncestor(user, from, to))) {
    throw new VigilError(
      'conflict',
      `${target} has commits that the integrated tree does not have.`,
      `Let the node bring them in (vigil up), or merge yourself: git switch ${target} && git merge ${INTEGRATION_BRANCH}`,
    );
  }
  const commits = await countCommits(user, from, to);
  const worktree = await worktreeOf(user, `refs/heads/${target}`);
  if (worktree === null) {
    await git(user, ['update-ref', '-m', 'vigil: promote', `refs/heads/${target}`, to, from]);
  } else {
    await git(worktree, ['merge', '--quiet', '--ff-only', '--no-autostash', to]).catch(
      (error: unknown) => {
        if (error instanceof VigilError && error.code !== 'git-failed') throw error;
        throw new VigilError(
          'conflict',
          `${target} is checked out in ${worktree} and could not be moved. ${messageOf(error)}`,
          'Commit or stash your changes there, then run vigil promote again.',
          { cause: error },
        );
      },
    );
  }
  return { from, to, commits };
}

/** Commits of the integrated tree that `promote` would bring to the target branch. */
export async function commitsAhead(clone: ProjectClone): Promise<number> {
  return countCommits(
    clone.heads.repository,
    await clone.targetHead(),
    await clone.integrationHead(),
  );
}

export type SyncResult =
  /** The integrated tree has all that the target has. */
  | { readonly kind: 'current' }
  /** It had nothing of its own and now is where the target is. */
  | { readonly kind: 'forwarded'; readonly commit: CommitId }
  /** A merge of both, to be verified and then put in place with `advanceIntegration`. */
  | { readonly kind: 'candidate'; readonly commit: CommitId; readonly onto: CommitId }
  | { readonly kind: 'conflict'; readonly files: readonly string[] }
  | Moved
  | Blocked;

/** Brings the target's new commits towards the integrated tree. Throws `not-home` away from home. */
export async function syncTarget(clone: ProjectClone): Promise<SyncResult> {
  if (!clone.isHome) throw notHome(clone.project);
  const { target, integration } = await clone.fetch();
  const { repository } = clone;
  if (await isAncestor(repository, target, integration)) return { kind: 'current' };
  if (await isAncestor(repository, integration, target)) {
    const result = await advanceIntegration(clone, {
      from: integration,
      to: target,
      why: `follow ${clone.project.target}`,
    });
    return result.kind === 'advanced' ? { kind: 'forwarded', commit: target } : result;
  }
  return mergeTarget(clone, target, integration);
}

async function mergeTarget(
  clone: ProjectClone,
  target: CommitId,
  integration: CommitId,
): Promise<SyncResult> {
  const scratch = path.join(clone.workFolder, 'sync');
  const remove = (): Promise<void> =>
    clone.exclusive(async () => {
      await rm(scratch, { recursive: true, force: true });
      await git(clone.repository, ['worktree', 'prune', '--expire=now']);
    });
  await remove();
  await clone.exclusive(() =>
    git(clone.repository, [
      'worktree',
      'add',
      '--quiet',
      '--force',
      '--detach',
      scratch,
      integration,
    ]),
  );
  try {
    const message = `Merge ${clone.project.target} into the integrated tree`;
    const merged = await git(scratch, ['merge', '--quiet', '--no-ff', '-m', message, target], {
      allowExit: [1],
    });
    if (merged.exitCode !== 0) {
      const files = await gitLine(scratch, ['diff', '--name-only', '--diff-filter=U', '-z']);
      return { kind: 'conflict', files: files.split('\0').filter((file) => file !== '') };
    }
    const commit = CommitId.parse(await gitLine(scratch, ['rev-parse', 'HEAD']));
    await git(clone.repository, ['update-ref', 'refs/vigil/sync', commit]);
    return { kind: 'candidate', commit, onto: integration };
  } finally {
    await remove();
  }
}

async function countCommits(repository: string, from: CommitId, to: CommitId): Promise<number> {
  return Number(await gitLine(repository, ['rev-list', '--count', `${from}..${to}`]));
}
