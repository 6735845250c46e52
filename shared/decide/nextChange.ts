import type { World } from '../world/world.ts';
import { nextAbandonMs } from './abandon.ts';
import { nextLeftMs } from './leaving.ts';
import { backoffUntilMs } from '../world/status.ts';
import { nextMoveMs } from './moves.ts';

/**
 * When the world changes next without an event: a soft dependency times out, a retry's waiting time
 * ends, a pause or a rail runs out, work may leave a machine that stays unfit. Null when nothing is due. Ms since the epoch.
 */
export function nextChangeMs(world: World, nowMs: number): number | null {
  const times: number[] = [];
  const soft = world.graph.nextTimeoutMs();
  if (soft !== null) times.push(soft);
  if (world.pause?.untilMs) times.push(world.pause.untilMs);
  for (const limit of world.limits.values())
    if (limit.reached && limit.untilMs !== null) times.push(limit.untilMs);
  for (const id of world.retrying) {
    const task = world.tasks.get(id);
    if (task) times.push(backoffUntilMs(task, nowMs));
  }
  const lost = nextAbandonMs(world);
  if (lost !== null) times.push(lost);
  const left = nextLeftMs(world);
  if (left !== null) times.push(left);
  const move = nextMoveMs(world, nowMs);
  if (move !== null) times.push(move);
  const due = times.filter((time) => time > nowMs);
  return due.length > 0 ? Math.min(...due) : null;
}
