import {
  capOfShare,
  NO_SUM,
  spentUsd,
  startOfNextMonth,
  whenRoom,
  type Spend,
} from '../learn/spend.ts';
import type { Budget, CapReached, RaisedCap } from '../model/budget.ts';
import type { TaskId } from '../model/ids.ts';

/** A call as it asks for money. */
export interface Wanted {
  readonly task: TaskId | null;
  readonly maxTokens: number;
  /** USD; null where dollars are not what is paid. */
  readonly maxCostUsd: number | null;
  /** Asked for by a human, or mends what is broken: goes on above `day.criticalOnly`. */
  readonly critical: boolean;
}

/**
 * Whether a call may be sent (C1): null when it may, else the cap that it would pass, counting what is
 * reserved by calls under way at its worst. The tightest cap that only a human can lift is named first,
 * then the one that frees itself last.
 */
export function admit(
  spend: Spend,
  budget: Budget,
  wanted: Wanted,
  nowMs: number,
): CapReached | null {
  const reached = [...taskCaps(spend, budget, wanted), ...moneyCaps(spend, budget, wanted, nowMs)];
  const lasting = (cap: CapReached): number => cap.untilMs ?? Number.MAX_SAFE_INTEGER;
  return reached.toSorted((a, b) => lasting(b) - lasting(a))[0] ?? null;
}

function taskCaps(spend: Spend, budget: Budget, { task, maxTokens }: Wanted): CapReached[] {
  if (task === null) return [];
  const used = spend.tasks[task] ?? NO_SUM;
  const grant = spend.grants[task] ?? { tokens: 0, calls: 0 };
  const under = spend.reserved.filter((reservation) => reservation.task === task);
  const tokens = used.tokens + under.reduce((sum, { maxTokens: max }) => sum + max, 0);
  const calls = used.calls + under.length;
  const caps: CapReached[] = [];
  const maxOfTokens = budget.task.tokens + grant.tokens;
  const maxOfCalls = budget.task.calls + grant.calls;
  if (tokens + maxTokens > maxOfTokens)
    caps.push({ cap: 'task.tokens', value: tokens, max: maxOfTokens, untilMs: null });
  if (calls + 1 > maxOfCalls)
    caps.push({ cap: 'task.calls', value: calls, max: maxOfCalls, untilMs: null });
  return caps;
}

function moneyCaps(
  spend: Spend,
  budget: Budget,
  { maxCostUsd, critical }: Wanted,
  nowMs: number,
): CapReached[] {
  // What costs no dollars passes no cap in dollars, also when it is reached.
  if (maxCostUsd === null) return [];
  const spent = spentUsd(spend, nowMs);
  const reserved = spend.reserved.reduce((sum, { maxCostUsd: max }) => sum + max, 0);
  const caps: CapReached[] = [];
  const over = (value: number, max: number): boolean => value + reserved + maxCostUsd > max;
  const want = reserved + maxCostUsd;
  const ofDay = (max: number): number => capOfShare(spend, 'day', max, spent.day);
  const hour = capOfShare(spend, 'hour', budget.hour.hard, spent.hour);
  if (over(spent.hour, hour)) {
    const untilMs = whenRoom(spend, 'hour', hour, want, nowMs);
    caps.push({ cap: 'hour.hard', value: spent.hour + reserved, max: hour, untilMs });
  }
  const criticalOnly = ofDay(budget.day.criticalOnly);
  if (!critical && over(spent.day, criticalOnly)) {
    const max = criticalOnly;
    const untilMs = whenRoom(spend, 'day', max, want, nowMs);
    caps.push({ cap: 'day.criticalOnly', value: spent.day + reserved, max, untilMs });
  }
  const day = ofDay(budget.day.hard);
  if (over(spent.day, day)) {
    const untilMs = whenRoom(spend, 'day', day, want, nowMs);
    caps.push({ cap: 'day.hard', value: spent.day + reserved, max: day, untilMs });
  }
  const month = capOfShare(spend, 'month', monthHard(spend, budget, nowMs), spent.month);
  if (over(spent.month, month)) {
    const untilMs = want > budget.month.hard ? null : startOfNextMonth(nowMs);
    caps.push({ cap: 'month.hard', value: spent.month + reserved, max: month, untilMs });
  }
  return caps;
}

/** The hard stop of this month: with rollover, what the last one left of its budget comes on top. */
export function monthHard(spend: Spend, budget: Budget, nowMs: number): number {
  const { hard, rollover, budget: perMonth } = budget.month;
  if (!rollover || spend.months.length < 2) return hard;
  return hard + Math.max(0, perMonth - spentUsd(spend, nowMs).lastMonth);
}

/** Whether anything may be spent on what is not strictly needed: better specs, second opinions. */
export function mayExplore(spend: Spend, budget: Budget, nowMs: number): boolean {
  return spentUsd(spend, nowMs).day < budget.day.soft;
}

/** The caps that `next` raises above `now`; a raise needs a human's yes (O1). */
export function raisedCaps(now: Budget, next: Budget): RaisedCap[] {
  const pairs: [string, number, number][] = [
    ['task.tokens', now.task.tokens, next.task.tokens],
    ['task.calls', now.task.calls, next.task.calls],
    ['hour.hard', now.hour.hard, next.hour.hard],
    ['day.soft', now.day.soft, next.day.soft],
    ['day.criticalOnly', now.day.criticalOnly, next.day.criticalOnly],
    ['day.hard', now.day.hard, next.day.hard],
    ['month.hard', now.month.hard, next.month.hard],
  ];
  const raised: RaisedCap[] = pairs
    .filter(([, from, to]) => to > from)
    .map(([cap, from, to]) => ({ cap, from, to }));
  const rollover = { cap: 'month.rollover', from: null, to: null };
  return next.month.rollover && !now.month.rollover ? [...raised, rollover] : raised;
}
