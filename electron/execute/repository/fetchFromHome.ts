import { VigilError } from '../../../shared/model/errors.ts';
import type { GitAddress } from '../../../shared/model/gitAddress.ts';
import { CommitId } from '../../../shared/model/ids.ts';
import type { Project } from '../../../shared/model/project.ts';
import { fetchFromRemote } from './commonRemote.ts';
import { resolveCommit } from './git.ts';
import { FETCH, transfer } from './transfer.ts';

/** Where a clone keeps the heads of the user's repository, as it knew them last. */
export const KNOWN_INTEGRATION = 'refs/vigil/integration';
export const KNOWN_TARGET = 'refs/vigil/target';

export interface Heads {
  readonly target: CommitId;
  readonly integration: CommitId;
}

/** The heads that the home node knows, without fetching anything. Throws as `transfer`, and `not-found`. */
export async function headsAtHome(folder: string, home: GitAddress): Promise<Heads> {
  const { stdout } = await transfer(folder, home, [
    'ls-remote',
    home.url,
    KNOWN_TARGET,
    KNOWN_INTEGRATION,
  ]);
  const heads = new Map(
    stdout.split('\n').map((line) => {
      const [commit, ref] = line.split('\t');
      return [ref, commit];
    }),
  );
  const target = CommitId.safeParse(heads.get(KNOWN_TARGET));
  const integration = CommitId.safeParse(heads.get(KNOWN_INTEGRATION));
  if (!target.success || !integration.success)
    throw new VigilError(
      'not-found',
      'The home node of the project has not opened it yet.',
      'It is tried again by itself.',
    );
  return { target: target.data, integration: integration.data };
}

/**
 * Brings the target branch and the integrated tree from the home node into a clone. Where the user
 * publishes the repository, its remote is asked first for what is new of the target branch.
 * @throws VigilError as `transfer`.
 */
export async function fetchFromHome(
  repository: string,
  home: GitAddress,
  { remote, target }: Pick<Project, 'remote' | 'target'>,
): Promise<Heads> {
  if (typeof remote === 'string') {
    const there = await headsAtHome(repository, home);
    if ((await resolveCommit(repository, there.target)) === null)
      await fetchFromRemote(repository, remote, target);
  }
  await transfer(repository, home, [
    ...FETCH,
    home.url,
    ...[KNOWN_TARGET, KNOWN_INTEGRATION].map((ref) => `+${ref}:${ref}`),
  ]);
  const heads = await knownHeads(repository);
  if (heads === null)
    throw new VigilError(
      'git-failed',
      `What was fetched from the home node is not in ${repository}.`,
      'It is tried again by itself; `vigil doctor` checks the project.',
    );
  return heads;
}

/** The heads as they were fetched last; null before the first time. */
export async function knownHeads(repository: string): Promise<Heads | null> {
  const target = await resolveCommit(repository, KNOWN_TARGET);
  const integration = await resolveCommit(repository, KNOWN_INTEGRATION);
  return target === null || integration === null ? null : { target, integration };
}
