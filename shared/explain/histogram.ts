/**
 * A histogram whose buckets grow by a constant factor, so that a quantile over any number of values
 * is known within that factor from a few hundred counters (the idea of HdrHistogram and DDSketch).
 */
export interface Histogram {
  /** Values in (GROWTH^(i−1), GROWTH^i] by i; what is 1 or less is in bucket 0. */
  readonly counts: Map<number, number>;
  count: number;
  sum: number;
}

/** A quantile is at most 5 % above the true value. */
const GROWTH = 1.05;
/** GROWTH^600 ≈ 5·10¹²: beyond any duration in microseconds that is worth telling apart. */
const HIGHEST_BUCKET = 600;

export function newHistogram(): Histogram {
  return { counts: new Map(), count: 0, sum: 0 };
}

/** Counts a value ≥ 0 in place. */
export function record(histogram: Histogram, value: number): void {
  const bucket =
    value <= 1 ? 0 : Math.min(HIGHEST_BUCKET, Math.ceil(Math.log(value) / Math.log(GROWTH)));
  histogram.counts.set(bucket, (histogram.counts.get(bucket) ?? 0) + 1);
  histogram.count += 1;
  histogram.sum += value;
}

/** The nearest-rank quantile (0–1), at most 5 % too high; null when nothing was counted. */
export function quantile(histogram: Histogram, q: number): number | null {
  if (histogram.count === 0) return null;
  let left = Math.max(1, Math.ceil(q * histogram.count));
  for (const bucket of [...histogram.counts.keys()].sort((a, b) => a - b)) {
    left -= histogram.counts.get(bucket) ?? 0;
    if (left <= 0) return GROWTH ** bucket;
  }
  return null;
}
