import type { TaskRegisters } from '../model/registers.ts';
import { poolOf, type Pool } from '../world/node.ts';
import type { World } from '../world/world.ts';
import { isOpen, type Conditions, type FreeSlots } from './holds.ts';
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
 * What the ready tasks compete for. A plan knows one kind of slot: while both kinds are free the
 * graph's order stands, which is the longest remaining path first.
 */
function contestOf(world: World, { nowMs }: Conditions, free: FreeSlots): Contest {
  const slots: Record<Pool, number> = { agent: 0, cheap: 0 };
  for (const each of free.values()) {
    slots.agent += each.agent;
    slots.cheap += each.cheap;
  }
  const pool: Pool = slots.agent > 0 ? 'agent' : 'cheap';
  return {
    freeSlots: slots.agent > 0 && slots.cheap > 0 ? 0 : slots[pool],
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
