import type { InsightView } from '../model/insightApi.ts';
import type { WorkKind } from '../model/task.ts';

/** How long an attempt was expected to take, and took, ms. */
export interface Estimate {
  readonly kind: WorkKind | null;
  readonly expectedMs: number;
  readonly actualMs: number;
}

/** Shorter durations count as this, ms: twice nothing is still nothing. */
const LEAST_MS = 1_000;

/** The error of estimates, without regard to its direction: the median of the greater over the smaller. */
export function estimatesOf(
  estimates: readonly Estimate[],
): Omit<InsightView['estimates'], 'byKind'> {
  const within = estimates.filter(({ expectedMs, actualMs }) => actualMs <= expectedMs).length;
  const factors = estimates.map(({ expectedMs, actualMs }) => {
    const [expected, actual] = [Math.max(LEAST_MS, expectedMs), Math.max(LEAST_MS, actualMs)];
    return Math.max(expected, actual) / Math.min(expected, actual);
  });
  return {
    count: estimates.length,
    within: estimates.length === 0 ? null : within / estimates.length,
    factor: median(factors),
  };
}

function median(values: readonly number[]): number | null {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle];
  if (upper === undefined) return null;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? upper) + upper) / 2;
}
