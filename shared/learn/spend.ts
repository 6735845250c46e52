import type { Billing, SpendCategory, TokenUsage } from '../model/agent.ts';
import type { TaskId } from '../model/ids.ts';
import { addToWindow, windowTotal, type Buckets, type WindowShape } from './window.ts';

/** Money counts for an hour and up to a minute longer, so that no real hour holds more than the cap. */
const LAST_HOUR: WindowShape = { spanMs: 60 * 60_000, bucketMs: 60_000 };
/** "Per day" is any 24 hours: a cap that frees at midnight would allow twice as much in one night. */
const LAST_DAY: WindowShape = { spanMs: 24 * 60 * 60_000, bucketMs: 10 * 60_000 };
/** Months whose totals are kept: a year and the one under way. */
const KEPT_MONTHS = 13;

/** What tokens and calls came to, and what they cost, USD; `unpriced` calls cost something that nobody knows in USD. */
export interface Sum {
  readonly calls: number;
  readonly tokens: number;
  readonly usd: number;
  readonly unpriced: number;
}

export const NO_SUM: Sum = { calls: 0, tokens: 0, usd: 0, unpriced: 0 };

/** By what money is broken down (C3). */
type Breakdown = 'category' | 'provider' | 'model' | 'project' | 'role';

/** A call that was sent, or is about to be, and whose cost is not known yet. */
export interface Reservation {
  readonly call: string;
  readonly task: TaskId | null;
  readonly maxTokens: number;
  readonly maxCostUsd: number;
  readonly atMs: number;
}

/** What was spent, folded from the log. Totals of all time are in the log; this is what caps and views need. */
export interface Spend {
  readonly hour: Buckets;
  readonly day: Buckets;
  /** Oldest first, keyed `2026-11` (UTC). */
  readonly months: readonly {
    readonly month: string;
    readonly total: Sum;
    readonly by: Readonly<Record<Breakdown, Readonly<Record<string, Sum>>>>;
  }[];
  /** Of open tasks. */
  readonly tasks: Readonly<Record<string, Sum>>;
  /** What humans granted open tasks on top of the cap of all. */
  readonly grants: Readonly<Record<string, { readonly tokens: number; readonly calls: number }>>;
  readonly reserved: readonly Reservation[];
  /** What the last refused call of an open task would have needed: it is not started into the same refusal. */
  readonly refused: Readonly<Record<string, { readonly usd: number; readonly tokens: number }>>;
  /** Absent while all nodes that can spend see each other. */
  readonly share?: SpendShare;
}

/**
 * What this side of a mesh that is cut in two may spend of what was left when it was cut: each side keeps
 * to its share, so that all together pass no cap (safety rule 5).
 */
interface SpendShare {
  /** Nodes of this side that can spend, of all that can, 0–1. */
  readonly of: number;
  /** USD that were spent when the first of them was lost. */
  readonly spentUsd: { readonly hour: number; readonly day: number; readonly month: number };
}

export const NO_SPEND: Spend = {
  hour: [],
  day: [],
  months: [],
  tasks: {},
  grants: {},
  reserved: [],
  refused: {},
};

/** A call that ended, as it is counted. */
export interface Spent {
  readonly call: string;
  readonly task: TaskId | null;
  readonly project: string | null;
  readonly category: SpendCategory;
  readonly role: string | null;
  readonly provider: string;
  readonly model: string;
  readonly billing: Billing;
  readonly usage: TokenUsage | null;
  readonly costUsd: number | null;
}

/** Tokens that count against a task: reads from a cache are an old prompt seen again, and only cost dollars. */
function countedTokens(usage: TokenUsage): number {
  return usage.input + usage.output + usage.cacheWrite;
}

/** One call as a sum. */
export function sumOf({ usage, costUsd }: Pick<Spent, 'usage' | 'costUsd'>): Sum {
  return {
    calls: 1,
    tokens: usage === null ? 0 : countedTokens(usage),
    usd: costUsd ?? 0,
    unpriced: costUsd === null ? 1 : 0,
  };
}

export function observeReserved(state: Spend, reservation: Reservation): Spend {
  return { ...state, reserved: [...state.reserved, reservation] };
}

/** Takes in what a call cost in place of what was reserved for it. */
export function observeSpent(state: Spend, spent: Spent, nowMs: number): Spend {
  const reserved = state.reserved.filter(({ call }) => call !== spent.call);
  const sum = sumOf(spent);
  const { task } = spent;
  return {
    ...state,
    reserved,
    hour: addToWindow(state.hour, LAST_HOUR, sum.usd, nowMs),
    day: addToWindow(state.day, LAST_DAY, sum.usd, nowMs),
    months: intoMonths(state.months, spent, sum, nowMs),
    tasks: task === null ? state.tasks : { ...state.tasks, [task]: add(state.tasks[task], sum) },
  };
}

export function observeRefused(
  state: Spend,
  refused: {
    readonly task: TaskId | null;
    readonly maxTokens: number;
    readonly maxCostUsd: number | null;
  },
): Spend {
  const { task, maxTokens, maxCostUsd } = refused;
  if (task === null) return state;
  const needed = { usd: maxCostUsd ?? 0, tokens: maxTokens };
  return { ...state, refused: { ...state.refused, [task]: needed } };
}

export function setGrant(
  state: Spend,
  task: TaskId,
  grant: { readonly tokens: number; readonly calls: number },
): Spend {
  return { ...state, grants: { ...state.grants, [task]: grant } };
}

/** A task that ended leaves: its calls are in the log. */
export function forgetTask(state: Spend, task: TaskId): Spend {
  const known = [state.tasks, state.grants, state.refused];
  if (known.every((record) => record[task] === undefined)) return state;
  const { [task]: _sum, ...tasks } = state.tasks;
  const { [task]: _grant, ...grants } = state.grants;
  const { [task]: _needed, ...refused } = state.refused;
  return { ...state, tasks, grants, refused };
}

/** USD by the last time that each state was asked for: a decision asks the same for every task. */
const ASKED = new WeakMap<Spend, { readonly nowMs: number; readonly spent: SpentUsd }>();

interface SpentUsd {
  readonly hour: number;
  readonly day: number;
  readonly month: number;
  readonly lastMonth: number;
}

/** USD spent in the last hour, the last 24 hours and the month of `nowMs` (UTC), and the month before. */
export function spentUsd(state: Spend, nowMs: number): SpentUsd {
  const known = ASKED.get(state);
  if (known?.nowMs === nowMs) return known.spent;
  const of = (month: string): number =>
    state.months.find((entry) => entry.month === month)?.total.usd ?? 0;
  const spent = {
    hour: windowTotal(state.hour, LAST_HOUR, nowMs).sum,
    day: windowTotal(state.day, LAST_DAY, nowMs).sum,
    month: of(monthOf(nowMs)),
    lastMonth: of(monthOf(startOfMonth(nowMs) - 1)),
  };
  ASKED.set(state, { nowMs, spent });
  return spent;
}

/** When the window first has room for `usd` under `max`, ms since the epoch; null when it never will. */
export function whenRoom(
  state: Spend,
  window: 'hour' | 'day',
  max: number,
  usd: number,
  nowMs: number,
): number | null {
  if (usd > max) return null;
  const shape = window === 'hour' ? LAST_HOUR : LAST_DAY;
  const live = state[window].filter((b) => b.startMs + shape.bucketMs + shape.spanMs > nowMs);
  let left = live.reduce((sum, bucket) => sum + bucket.sum, 0);
  let atMs = nowMs;
  for (const bucket of live) {
    if (left + usd <= max) break;
    left -= bucket.sum;
    atMs = bucket.startMs + shape.bucketMs + shape.spanMs;
  }
  return atMs;
}

/** `2026-11` of a time, UTC. */
export function monthOf(atMs: number): string {
  return new Date(atMs).toISOString().slice(0, 7);
}

function startOfMonth(nowMs: number): number {
  const date = new Date(nowMs);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), 1);
}

export function startOfNextMonth(nowMs: number): number {
  const date = new Date(nowMs);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 1);
}

function intoMonths(
  months: Spend['months'],
  spent: Spent,
  sum: Sum,
  nowMs: number,
): Spend['months'] {
  const month = monthOf(nowMs);
  const known = months.find((entry) => entry.month === month);
  const keys: Readonly<Record<Breakdown, string>> = {
    category: spent.category,
    provider: spent.provider,
    model: `${spent.provider}/${spent.model}`,
    project: spent.project ?? 'none',
    role: spent.role ?? 'none',
  };
  const part = (by: Breakdown) => {
    const before = known?.by[by] ?? {};
    return { ...before, [keys[by]]: add(before[keys[by]], sum) };
  };
  const entry = {
    month,
    total: add(known?.total, sum),
    by: {
      category: part('category'),
      provider: part('provider'),
      model: part('model'),
      project: part('project'),
      role: part('role'),
    },
  };
  return [...months.filter((other) => other.month !== month), entry].slice(-KEPT_MONTHS);
}

export function add(a: Sum | undefined, b: Sum): Sum {
  if (a === undefined) return b;
  return {
    calls: a.calls + b.calls,
    tokens: a.tokens + b.tokens,
    usd: a.usd + b.usd,
    unpriced: a.unpriced + b.unpriced,
  };
}

/** The share after nodes came or went: `up` of `all` that can spend are on this side. */
export function observeShare(state: Spend, up: number, all: number, nowMs: number): Spend {
  const { share, ...rest } = state;
  if (up >= all) return share ? rest : state;
  const of = up / all;
  if (share?.of === of) return state;
  return { ...rest, share: { of, spentUsd: share?.spentUsd ?? spentUsd(state, nowMs) } };
}

/** A cap of USD as this side may use it: what was spent before the cut, and its share of the rest. */
export function capOfShare(
  { share }: Spend,
  window: 'hour' | 'day' | 'month',
  max: number,
  spent: number,
): number {
  if (!share) return max;
  // Windows move on: what was spent before the cut leaves them.
  const before = Math.min(share.spentUsd[window], spent, max);
  return before + (max - before) * share.of;
}
