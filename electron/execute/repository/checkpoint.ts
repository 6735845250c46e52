import { CommitId, type TaskId } from '../../../shared/model/ids.ts';
import { git, gitLine, resolveCommit } from './git.ts';
import { changesOf } from './workingTree.ts';
import type { Workspace } from './workspace.ts';

/** The ref that keeps the newest work in progress of a task (X8). */
export function checkpointRef(task: TaskId): string {
  return `refs/vigil/checkpoints/${task}`;
}

/**
 * Commits the working tree as it is now under the task's checkpoint ref. The worktree, its index and its
 * branch are left alone, so that an agent may go on meanwhile. Null when nothing differs from the base
 * or from the last checkpoint.
 * @throws VigilError `git-failed`, `disk-full`.
 */
export async function checkpoint(workspace: Workspace): Promise<CommitId | null> {
  const { path, base, task, attempt } = workspace;
  const { tree, files } = await changesOf(workspace);
  const ref = checkpointRef(task);
  const last = await resolveCommit(path, ref);
  const before = last === null ? null : await gitLine(path, ['rev-parse', `${last}^{tree}`]);
  if (files.length === 0 || tree === before) return null;
  const message = `Work in progress on ${task}\n\nVigil-Task: ${task}\nVigil-Attempt: ${attempt}\n`;
  const commit = CommitId.parse(
    await gitLine(path, ['commit-tree', tree, '-p', base], { input: message }),
  );
  await git(path, ['update-ref', ref, commit]);
  return commit;
}

/**
 * Lays the changes of an earlier commit onto a fresh workspace, so that work goes on from there. Returns
 * false when they no longer fit what merged meanwhile; the workspace is then as it was.
 * @throws VigilError `git-failed`, `disk-full`.
 */
export async function continueFrom(workspace: Workspace, commit: CommitId): Promise<boolean> {
  const { path, base } = workspace;
  if ((await resolveCommit(path, commit)) === null) return false;
  const picked = await git(path, ['cherry-pick', '--no-commit', commit], { allowExit: [1] });
  // Left uncommitted: what the next agent sees is work in progress, and all of it is one commit in the end.
  await git(
    path,
    picked.exitCode === 0 ? ['reset', '--quiet'] : ['reset', '--quiet', '--hard', base],
  );
  return picked.exitCode === 0;
}

/** Lets go of a task's work in progress. */
export async function forgetCheckpoint(repository: string, task: TaskId): Promise<void> {
  await git(repository, ['update-ref', '-d', checkpointRef(task)]);
}
