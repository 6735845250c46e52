import { describeWait, orderWaits, type Wait } from '../explain/waits.ts';
import type { WaitView } from '../model/api.ts';
import type { TaskRegisters } from '../model/registers.ts';
import { poolOf } from '../world/node.ts';
import type { World } from '../world/world.ts';
import { conditionsOf, freeSlots, holdsOf, isOpen } from './holds.ts';

/**
 * Why an open task is not running: every reason, the one that truly binds first. Empty for a task
 * that is at work or has ended, and for one that the next decision will start. It asks the same
 * functions as the decision does, so that the answer can't differ from what happens.
 */
export function waitsOf(world: World, task: TaskRegisters, nowMs: number): WaitView[] {
  if (!isOpen(task)) return [];
  const conditions = conditionsOf(world, nowMs);
  const dependencies = world.graph.waits(task.spec.id, nowMs).map((wait): Wait =>
    wait.kind === 'artifact'
      ? { ...wait, taskEnded: wait.task !== null && !world.tasks.has(wait.task) }
      : wait,
  );
  const holds = holdsOf(world, task, conditions, freeSlots(conditions)).map((hold): Wait =>
    hold.kind === 'slot' ? { ...hold, ahead: aheadOf(world, task) } : hold,
  );
  return orderWaits([...dependencies, ...holds]).map((wait) => describeWait(wait, nowMs));
}

/** How far the count of tasks ahead is taken: beyond that only "many" matters. */
const MOST_COUNTED = 1_000;

function aheadOf(world: World, task: TaskRegisters): number {
  const pool = poolOf(task.spec);
  let ahead = 0;
  for (const id of world.graph.ready()) {
    if (id === task.spec.id || ahead >= MOST_COUNTED) break;
    const other = world.tasks.get(id);
    if (other && isOpen(other) && poolOf(other.spec) === pool) ahead += 1;
  }
  return ahead;
}
