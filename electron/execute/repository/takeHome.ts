import { VigilError } from '../../../shared/model/errors.ts';
import { INTEGRATION_BRANCH, INTEGRATION_REF, type ProjectClone } from './clone.ts';
import { fetchObjects } from './fetchObjects.ts';
import { git, isAncestor, resolveCommit } from './git.ts';
import { KNOWN_INTEGRATION } from './fetchFromHome.ts';

/**
 * Puts the integrated tree, as this node fetched it last, into a user's repository on this machine, which
 * is to become the project's home because the old one is gone for good. What merged there and was never
 * fetched is lost to it. The clone is then opened anew with the path.
 * @param repository absolute path of the user's repository here
 * @throws VigilError `conflict` when that has an integrated tree that goes another way, `git-failed`, `disk-full`.
 */
export async function takeHome(clone: ProjectClone, repository: string): Promise<void> {
  const known = await clone.integrationHead();
  await fetchObjects(repository, clone.repository, KNOWN_INTEGRATION);
  const there = await resolveCommit(repository, INTEGRATION_REF);
  if (there !== null && !(await isAncestor(repository, there, known))) {
    if (await isAncestor(repository, known, there)) return;
    throw new VigilError(
      'conflict',
      `${INTEGRATION_BRANCH} of ${repository} has commits that were never in the integrated tree of ${clone.project.id}.`,
      `Rename it if it is not needed: git -C ${repository} branch -m ${INTEGRATION_BRANCH} old-integration`,
    );
  }
  // By compare-and-swap, as every move of this ref.
  const before = there ?? '0'.repeat(known.length);
  await git(repository, ['update-ref', '-m', 'vigil: new home', INTEGRATION_REF, known, before]);
}
