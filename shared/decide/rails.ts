import type { World } from '../world/world.ts';
import { spentUsd, startOfNextMonth, whenRoom } from '../learn/spend.ts';
import { monthHard } from '../policy/budget.ts';
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
  return [...readings, ...budgetRails(world, nowMs)];
}

/** Money that is spent or nearly so: what a person hears of before it is all gone (C1). */
function budgetRails({ supply: { spend, budget } }: World, nowMs: number): RailReading[] {
  const { hour, day, month } = spentUsd(spend, nowMs);
  const next = startOfNextMonth(nowMs);
  // A hard cap is reached when the next call does not fit under it any more.
  const refused = Object.values(spend.refused).map(({ usd }) => usd);
  const needed = refused.length === 0 ? 0 : Math.min(...refused);
  const levels: [string, number, number, number | null][] = [
    ['hour.alert', hour, budget.hour.alert, null],
    ['hour.hard', hour + needed, budget.hour.hard, null],
    ['day.soft', day, budget.day.soft, null],
    ['day.criticalOnly', day + needed, budget.day.criticalOnly, null],
    ['day.hard', day + needed, budget.day.hard, null],
    ...budget.month.alerts.map((level): [string, number, number, number] => [
      `month.alert ${level}`,
      month,
      level,
      next,
    ]),
    ['month.hard', month + needed, monthHard(spend, budget, nowMs), next],
  ];
  return levels
    .filter(
      ([limit, value, max]) =>
        (limit.includes('alert') || limit === 'day.soft' ? value >= max : value > max) && value > 0,
    )
    .map(([limit, value, max, untilMs]) => ({
      limit,
      subject: 'budget',
      value,
      max,
      untilMs:
        untilMs ??
        whenRoom(spend, limit.startsWith('hour') ? 'hour' : 'day', max, max * 1e-6, nowMs),
    }));
}

function wants(world: World, pool: Pool): boolean {
  for (const id of world.graph.ready()) {
    const task = world.tasks.get(id);
    if (task && poolOf(task.spec) === pool && isOpen(task)) return true;
  }
  return false;
}
