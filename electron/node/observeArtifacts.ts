import type { EventBody } from '../../shared/model/events.ts';
import type { ProjectId } from '../../shared/model/ids.ts';
import { artifactsIn } from '../execute/repository/artifacts.ts';
import type { Ledger } from './ledger.ts';
import type { Projects } from './projects.ts';

/** Looks in the integrated trees for the artifacts that open tasks wait for, and logs what changed. */
export async function observeArtifacts(
  ledger: Ledger,
  projects: Projects,
  only?: ProjectId,
): Promise<void> {
  const { world } = ledger;
  for (const project of only ? [only] : world.projects.keys()) {
    if (!world.isHome(project)) continue;
    const wanted = world.graph.watchedArtifacts(project);
    if (wanted.length === 0) continue;
    const { clone } = await projects.runtime(project);
    const commit = await clone.integrationHead();
    const found = await artifactsIn(clone, commit, wanted);
    const changes = [...found]
      .filter(
        ([artifact, exists]) =>
          (world.artifacts.get(`${project}\n${artifact}`) ?? false) !== exists,
      )
      .map(([artifact, exists]): EventBody => ({
        type: 'artifact.observed',
        project,
        artifact,
        exists,
        commit,
      }));
    if (changes.length > 0) await ledger.commit(...changes);
  }
}
