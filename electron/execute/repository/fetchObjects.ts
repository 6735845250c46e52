import { git } from './git.ts';

/**
 * Brings a commit and all that it builds on from one repository of this machine into another. No ref moves, and
 * nothing else changes there.
 * @param what a commit, or a ref of `from`
 * @throws VigilError `git-failed`, `disk-full`.
 */
export async function fetchObjects(into: string, from: string, what: string): Promise<void> {
  await git(into, [
    'fetch',
    '--quiet',
    '--no-tags',
    '--no-write-fetch-head',
    '--no-auto-maintenance',
    from,
    what,
  ]);
}
