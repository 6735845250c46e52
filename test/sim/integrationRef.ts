import type { IntegrationRef } from '../../electron/execute/repository/integrationRef.ts';
import type { CommitId } from '../../shared/model/ids.ts';
import { checkMerge } from './localInvariants.ts';
import type { SimNode } from './node.ts';
import type { Process } from './scheduler.ts';

/**
 * What goes wrong with a push. It lands, and the answer is lost; it lands, and the process dies before it hears; it
 * does not land, and an error comes; or the process dies while git is at it, and it lands (or not) while the next
 * process is pushing as well.
 */
export const PUSH_FAULTS = ['unanswered', 'dies', 'refused', 'late'] as const;
export type PushFault = (typeof PUSH_FAULTS)[number];

/** A push whose process has died lands within so long, ms: that process may be back by then. */
const LATE_MS = [50, 15_000] as const;

/** What git says when it says nothing useful. */
export class NoAnswer extends Error {}

/** `vigil/integration` in the repository on a node's disk, as one process moves it; git takes a moment. */
export function integrationRef(node: SimNode, process: Process): IntegrationRef {
  const { repository, sim } = node;
  const pass = (ms: number) =>
    new Promise<void>((resolve) => sim.scheduler.after(ms, process, resolve));
  const land = (to: CommitId, from: CommitId): boolean => {
    const isLanded = repository.updateRef(to, from);
    const work = repository.objects.get(to)?.work;
    if (isLanded && work) checkMerge(sim, node, work);
    return isLanded;
  };
  return {
    head: () => Promise.resolve(repository.head),
    read: () => Promise.resolve(repository.head),
    blocked: () => Promise.resolve(null),
    moved: () => Promise.resolve(),
    update: async ({ from, to }) => {
      await pass(sim.random.int(5, 100));
      const fault = node.pushFault;
      node.pushFault = null;
      if (fault === 'refused') throw new NoAnswer('git failed');
      if (fault === 'late') {
        sim.scheduler.after(sim.random.int(...LATE_MS), null, () => land(to, from));
        node.crash(true);
        // So that it is pushed a second time before the first has landed.
        sim.scheduler.after(1, null, () => node.start());
        await new Promise<never>(() => undefined);
      }
      const isLanded = land(to, from);
      if (fault === 'unanswered') throw new NoAnswer('the answer was lost');
      if (fault === 'dies') {
        node.crash(true);
        await new Promise<never>(() => undefined);
      }
      if (!isLanded) throw new NoAnswer('it is not where it was expected');
    },
  };
}
