const DAY_MS = 24 * 60 * 60_000;
/** With less of a month gone a projection would be one task's luck. */
const LEAST_MS = DAY_MS / 2;

/** The money of a month against its caps, USD. */
export interface BurnDown {
  /** What is left of the cap at the end of each day so far, the last one now; below 0: passed. */
  readonly left: readonly { readonly atMs: number; readonly usd: number }[];
  /** What even spending would leave at the end of each day of the month. */
  readonly even: readonly { readonly atMs: number; readonly usd: number }[];
  readonly spentUsd: number;
  /** What the month comes to at the pace so far; null while too little of it is gone. */
  readonly projectedUsd: number | null;
  /** When the cap is reached at that pace, within this month; null when it is not. */
  readonly reachedAtMs: number | null;
}

/**
 * How a month's budget goes down: `days` holds what each day from the first on cost, the last one being today.
 * The projection is the mean per time so far times the length of the month. `sinceMs` is the month's start, UTC.
 */
export function burnDown(
  days: readonly number[],
  month: { readonly sinceMs: number; readonly nowMs: number; readonly capUsd: number },
): BurnDown {
  const { sinceMs, nowMs, capUsd } = month;
  const endMs = startOfNextMonth(sinceMs);
  const length = Math.round((endMs - sinceMs) / DAY_MS);
  let spentUsd = 0;
  const left = days.map((usd, index) => {
    spentUsd += usd;
    return { atMs: Math.min(nowMs, sinceMs + (index + 1) * DAY_MS), usd: capUsd - spentUsd };
  });
  const goneMs = nowMs - sinceMs;
  const perMs = goneMs < LEAST_MS ? null : spentUsd / goneMs;
  const reachedAtMs = perMs ? Math.max(nowMs, sinceMs + capUsd / perMs) : null;
  return {
    left: [{ atMs: sinceMs, usd: capUsd }, ...left],
    even: Array.from({ length: length + 1 }, (_, day) => ({
      atMs: sinceMs + day * DAY_MS,
      usd: capUsd * (1 - day / length),
    })),
    spentUsd,
    projectedUsd: perMs === null ? null : perMs * (endMs - sinceMs),
    reachedAtMs: reachedAtMs !== null && reachedAtMs < endMs ? reachedAtMs : null,
  };
}

function startOfNextMonth(atMs: number): number {
  const date = new Date(atMs);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 1);
}
