import { z } from 'zod';
import { MAX_ESTIMATE_MS, settledEstimateMs, type Durations } from '../learn/durations.ts';
import type { WorkKind } from '../model/task.ts';

/** The queue's order follows what was learned once it is off by more than this share. */
const MOVED_SHARE = 0.25;

/**
 * How long each kind of work is taken to last where the queue is put in order, ms. The leader learns
 * it and tells the others, so that the same registers give the same order everywhere: what each node
 * has learned by itself depends on when it heard of what.
 */
export const PlannedDurations = z.strictObject({
  /** The leader's when it said so. */
  term: z.number().int().nonnegative(),
  byKind: z.record(z.string(), z.number().positive().max(MAX_ESTIMATE_MS)),
});
export type PlannedDurations = z.infer<typeof PlannedDurations>;

export const NOTHING_PLANNED: PlannedDurations = { term: 0, byKind: {} };

/** What a leader plans with once it has learned more of a kind of work; the same object while nothing is off. */
export function planWith(
  planned: PlannedDurations,
  learned: Durations,
  kind: WorkKind,
  term: number,
): PlannedDurations {
  const next = settledEstimateMs(learned, kind);
  const known = planned.byKind[kind];
  if (next === null) return planned;
  if (known !== undefined && Math.abs(next - known) <= known * MOVED_SHARE) return planned;
  return { term, byKind: { ...planned.byKind, [kind]: next } };
}
