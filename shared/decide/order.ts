import type { TaskRegisters } from '../model/registers.ts';
import { AGENT_CAPABILITY, poolOf, type Pool } from '../world/node.ts';
import type { World } from '../world/world.ts';
import { isOpen, type Conditions, type FreeSlots } from './holds.ts';
import { unwilling } from './willing.ts';
import { MOST_PLANNED } from './lookahead.ts';
import { startOrder, type Contest } from './startOrder.ts';

/** The ready tasks in the order in which they should start: look-ahead first, then the graph's own order. */
export function* readyInOrder(
  world: World,
  conditions: Conditions,
  free: FreeSlots,
): Generator<TaskRegisters> {
  for (const id of startOrder(world.graph, contestOf(world, conditions, free))) {
    const task = world.tasks.get(id);
    if (task) yield task;
  }
}

/**
 * What the ready tasks compete for. A plan knows one kind of slot: while open tasks want both kinds
 * the graph's order stands, which is the longest remaining path first.
 */
function contestOf(world: World, { nodes, nowMs }: Conditions, free: FreeSlots): Contest | null {
  if (world.graph.size - world.graph.runningCount > MOST_PLANNED) return null;
  const exists: Record<Pool, boolean> = {
    agent: nodes.some(
      (node) =>
        node.capabilities.includes(AGENT_CAPABILITY) &&
        node.concurrency.agent > 0 &&
        unwilling(node, true) === null,
    ),
    cheap: nodes.some((node) => node.concurrency.cheap > 0 && unwilling(node, false) === null),
  };
  const wanted = new Set<Pool>();
  for (const task of world.tasks.values()) {
    if (exists[poolOf(task.spec)] && isOpen(task)) wanted.add(poolOf(task.spec));
  }
  const [pool, another] = wanted;
  if (pool === undefined || another !== undefined) return null;
  return {
    freeSlots: [...free.values()].reduce((sum, slots) => sum + slots[pool], 0),
    elapsedMs: (id) => nowMs - (world.tasks.get(id)?.assignment?.atMs ?? nowMs),
    holdsSlot: (id) => poolIs(world.tasks.get(id), pool),
    mayStart: (id) => {
      const task = world.tasks.get(id);
      return task !== undefined && isOpen(task) && poolIs(task, pool);
    },
  };
}

function poolIs(task: TaskRegisters | undefined, pool: Pool): boolean {
  return task !== undefined && poolOf(task.spec) === pool;
}
