import { add, monthOf, NO_SUM, sumOf, type Sum } from '../learn/spend.ts';
import type { SpendingView } from '../model/insightApi.ts';
import type { LoggedEvent } from '../model/events.ts';
import type { TaskId } from '../model/ids.ts';

const DAY_MS = 24 * 60 * 60_000;
/** The dearest tasks that are named. */
const NAMED_TASKS = 50;

/** When the month of a time began, UTC. */
export function startOfMonth(nowMs: number): number {
  const date = new Date(nowMs);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), 1);
}

/** What calls cost this month, by day and by task; events of other months are left out. */
export function spending(
  events: Iterable<LoggedEvent>,
  nowMs: number,
  titleOf: (task: TaskId) => string | null,
): SpendingView {
  const sinceMs = startOfMonth(nowMs);
  const days: Sum[] = Array.from(
    { length: Math.floor((nowMs - sinceMs) / DAY_MS) + 1 },
    () => NO_SUM,
  );
  const tasks = new Map<TaskId, Sum>();
  for (const { atMs, body } of events) {
    if (body.type !== 'call.settled' || atMs < sinceMs || atMs > nowMs) continue;
    const sum = sumOf(body);
    const day = Math.floor((atMs - sinceMs) / DAY_MS);
    days[day] = add(days[day], sum);
    if (body.task !== null) tasks.set(body.task, add(tasks.get(body.task), sum));
  }
  const dearest = [...tasks].sort(([, a], [, b]) => b.usd - a.usd || b.tokens - a.tokens);
  return {
    month: monthOf(nowMs),
    sinceMs,
    nowMs,
    days: days.map((sum, day) => ({ day: isoDay(sinceMs + day * DAY_MS), ...sum })),
    tasks: dearest
      .slice(0, NAMED_TASKS)
      .map(([task, sum]) => ({ task, title: titleOf(task), ...sum })),
    omitted: Math.max(0, dearest.length - NAMED_TASKS),
  };
}

function isoDay(atMs: number): string {
  return new Date(atMs).toISOString().slice(0, 10);
}
