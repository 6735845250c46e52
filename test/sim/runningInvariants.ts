import { Abandonment, Assignment } from '../../shared/model/attempt.ts';
import type { NodeId } from '../../shared/model/ids.ts';
import type { Register } from '../../shared/model/register.ts';
import { cutOf } from './members.ts';
import type { SimNode } from './node.ts';
import type { Simulation } from './simulation.ts';
import type { Execution } from './truth.ts';

/** An attempt that no longer counts has ended within so long, ms: agents take a while to stop. */
const STOPPED_MS = 6_000;

/** 8: whatever runs and has lost, as its own node's registers say, stops before it costs more. */
export function checkRunning(sim: Simulation): void {
  for (const each of sim.truth.running) {
    const node = sim.nodes.find(({ id }) => id === each.node);
    const { process } = each;
    const acts = process.frozenSinceMs === null && process.lagMs === 0;
    const why = node && acts && !node.diskFull ? whyStray(node, each) : null;
    if (why === null) {
      each.straySinceMs = null;
      continue;
    }
    each.straySinceMs ??= sim.scheduler.nowMs;
    if (sim.scheduler.nowMs - each.straySinceMs > STOPPED_MS)
      sim.truth.violated('losersStop', `${each.order.task} goes on on ${each.node}: ${why}`);
  }
}

/** Read from the registers as they are, by rules of the simulation's own. */
function whyStray({ commons, members, sim }: SimNode, { order, node }: Execution): string | null {
  if (!commons) return null;
  const registers = commons.document
    .read(`task/${order.task}`)
    .filter(({ stamp }) => stamp.seq <= cutOf(members, stamp.node))
    .filter((each) => !sim.truth.isForged(each));
  if (registers.length === 0) return 'its task has ended and is gone';
  if (registers.some(({ name }) => ['cancelled', 'merge', 'failed'].includes(name)))
    return 'its task has ended';
  const named = (wanted: string): Register[] => registers.filter(({ name }) => name === wanted);
  const better = named('assignment')
    .flatMap(({ value }) => Assignment.safeParse(value).data ?? [])
    .find((each) => compare(key(each), key(order)) > 0);
  if (better) return `${better.by} gave it to ${better.node} in term ${better.term}`;
  const isGivenUp = named('abandoned')
    .flatMap(({ value }) => Abandonment.safeParse(value).data ?? [])
    .some(
      (each) => each.attempt === order.attempt && each.node === node && each.term >= order.term,
    );
  return isGivenUp ? 'it was given up' : null;
}

function key({ term, attempt, by }: Pick<Assignment, 'term' | 'attempt'> & { by: NodeId }) {
  return [term, attempt, by] as const;
}

function compare(a: ReturnType<typeof key>, b: ReturnType<typeof key>): number {
  for (const at of [0, 1, 2] as const) {
    if (a[at] < b[at]) return -1;
    if (a[at] > b[at]) return 1;
  }
  return 0;
}
