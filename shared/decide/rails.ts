import type { World } from '../world/world.ts';
import { poolOf, type Pool } from '../world/node.ts';
import { isOpen, rateHold, type Conditions, type FreeSlots } from './holds.ts';

/** A rail that binds now. */
export interface RailReading {
  readonly limit: string;
  readonly subject: string;
  readonly value: number;
  readonly max: number;
  readonly untilMs: number | null;
}

/** Hourly rails that keep a ready task from a slot that is free. */
export function planRails(
  world: World,
  { nodes, nowMs }: Conditions,
  free: FreeSlots,
): RailReading[] {
  const readings: RailReading[] = [];
  for (const node of nodes) {
    for (const pool of ['agent', 'cheap'] satisfies Pool[]) {
      if ((free.get(node)?.[pool] ?? 0) <= 0) continue;
      const hold = rateHold(world, node, pool, nowMs);
      if (hold?.kind !== 'limit' || !wants(world, pool)) continue;
      readings.push({
        limit: hold.limit,
        subject: node.id,
        value: hold.value,
        max: hold.max,
        untilMs: hold.untilMs,
      });
    }
  }
  return readings;
}

function wants(world: World, pool: Pool): boolean {
  for (const id of world.graph.ready()) {
    const task = world.tasks.get(id);
    if (task && poolOf(task.spec) === pool && isOpen(task)) return true;
  }
  return false;
}
