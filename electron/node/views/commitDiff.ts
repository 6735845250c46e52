import type { CommitId, ProjectId } from '../../../shared/model/ids.ts';
import { diffText } from '../../execute/repository/commit.ts';
import { git } from '../../execute/repository/git.ts';
import type { Projects } from '../projects.ts';

/** The diff of an attempt's commit against its base. Rejects where the commit is not on this node. */
export async function commitDiff(
  projects: Projects,
  id: ProjectId,
  commit: CommitId,
  maxBytes: number,
): Promise<string> {
  const { clone } = await projects.runtime(id);
  const base = (await git(clone.repository, ['rev-parse', `${commit}^`])).stdout.trim() as CommitId;
  return diffText(clone.repository, base, commit, maxBytes);
}
