import { git } from './git.ts';

/** The working tree of the user's repository in which a branch is checked out, or null. */
export async function worktreeOf(repository: string, ref: string): Promise<string | null> {
  const { stdout } = await git(repository, ['worktree', 'list', '--porcelain']);
  for (const entry of stdout.split('\n\n')) {
    const lines = entry.split('\n');
    if (!lines.includes(`branch ${ref}`) || lines.includes('bare')) continue;
    return lines.find((line) => line.startsWith('worktree '))?.slice('worktree '.length) ?? null;
  }
  return null;
}
