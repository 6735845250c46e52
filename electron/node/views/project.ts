import type { ProjectView } from '../../../shared/model/projectApi.ts';
import { VigilError, messageOf } from '../../../shared/model/errors.ts';
import type { ProjectId } from '../../../shared/model/ids.ts';
import { commitsAhead } from '../../execute/repository/promote.ts';
import type { Ledger } from '../ledger.ts';
import type { Projects } from '../projects.ts';

/** A project as the API shows it; one whose code can't be opened is shown with that as its trouble. Throws `not-found`. */
export async function projectView(
  ledger: Ledger,
  projects: Projects,
  id: ProjectId,
): Promise<ProjectView> {
  const { definition, home = ledger.store.node, baseline, trouble, ended } = projects.state(id);
  const open = [...ledger.world.tasks.values()].filter((task) => task.spec.project === id).length;
  const counts = { open, merged: ended.merged, failed: ended.failed };
  try {
    const { clone } = await projects.runtime(id);
    const [integration, ahead] = await Promise.all([clone.integrationHead(), commitsAhead(clone)]);
    return { ...definition, home, baseline, integration, ahead, trouble, counts };
  } catch (error) {
    const help = error instanceof VigilError ? error.help : 'See `vigil doctor`.';
    return {
      ...definition,
      home,
      baseline,
      integration: null,
      ahead: null,
      trouble: trouble ?? { reason: messageOf(error), help },
      counts,
    };
  }
}
