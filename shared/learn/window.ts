/**
 * A rolling window that counts in buckets, so that its memory is bounded however much happens.
 * A value counts from its moment for the whole span and up to one bucket longer, never shorter:
 * a limit enforced on it is never exceeded in any real span of that length.
 */
export interface WindowShape {
  readonly spanMs: number;
  /** The resolution: how much longer than the span a value may count. */
  readonly bucketMs: number;
}

interface Bucket {
  readonly startMs: number;
  readonly count: number;
  readonly sum: number;
}

/** Oldest first; at most span / bucket + 2 of them. */
export type Buckets = readonly Bucket[];

/** The window with one more value at `nowMs`; what has left the window is dropped. */
export function addToWindow(
  buckets: Buckets,
  shape: WindowShape,
  value: number,
  nowMs: number,
): Buckets {
  const startMs = Math.floor(nowMs / shape.bucketMs) * shape.bucketMs;
  const kept = liveBuckets(buckets, shape, nowMs);
  const last = kept.at(-1);
  // After the clock was set back, the last bucket is in the future: the value joins it, so none is lost.
  if (last && last.startMs >= startMs) {
    return [
      ...kept.slice(0, -1),
      { startMs: last.startMs, count: last.count + 1, sum: last.sum + value },
    ];
  }
  return [...kept, { startMs, count: 1, sum: value }];
}

/** How many values are in the window at `nowMs`, and their sum. */
export function windowTotal(
  buckets: Buckets,
  shape: WindowShape,
  nowMs: number,
): { count: number; sum: number } {
  let count = 0;
  let sum = 0;
  for (const bucket of liveBuckets(buckets, shape, nowMs)) {
    count += bucket.count;
    sum += bucket.sum;
  }
  return { count, sum };
}

/**
 * When the window first holds fewer than `max` values, ms since the epoch: `nowMs` when it does
 * already, null when it never will (`max` is 0).
 */
export function windowFreeAtMs(
  buckets: Buckets,
  shape: WindowShape,
  max: number,
  nowMs: number,
): number | null {
  if (max <= 0) return null;
  const live = liveBuckets(buckets, shape, nowMs);
  let left = live.reduce((total, bucket) => total + bucket.count, 0);
  let atMs = nowMs;
  for (const bucket of live) {
    if (left < max) break;
    left -= bucket.count;
    atMs = bucket.startMs + shape.bucketMs + shape.spanMs;
  }
  return atMs;
}

function liveBuckets(buckets: Buckets, shape: WindowShape, nowMs: number): Buckets {
  const isLive = (bucket: Bucket): boolean =>
    bucket.startMs + shape.bucketMs + shape.spanMs > nowMs &&
    // Further ahead than a whole span: written by a clock that was wrong, and must not park work for days.
    bucket.startMs <= nowMs + shape.spanMs;
  const first = buckets[0];
  const last = buckets.at(-1);
  // Ordered by time, so when both ends are live all are: the usual case copies nothing.
  if (!first || !last || (isLive(first) && isLive(last))) return buckets;
  return buckets.filter(isLive);
}
