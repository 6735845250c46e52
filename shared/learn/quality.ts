import type { WorkKind } from '../model/task.ts';
import { addToWindow, windowTotal, type Buckets, type WindowShape } from './window.ts';

const LOWEST_THRESHOLD = 0.6;
const HIGHEST_THRESHOLD = 0.95;
const STEP = 0.02;
/** The bar rises while the mean of the last hour is above this. */
const RISES_ABOVE = 0.85;
/** Fewer attempts in the hour are no mean. */
const MIN_ATTEMPTS = 3;
const HOUR_MS = 60 * 60_000;
/** One hour, to the minute: bounded however many attempts there are. */
const LAST_HOUR: WindowShape = { spanMs: HOUR_MS, bucketMs: 60_000 };

interface Bar {
  readonly threshold: number;
  /** When the threshold last moved, or would have but for its bounds. */
  readonly steppedAtMs: number;
  readonly recent: Buckets;
}

/** The quality an attempt must reach, by task type. */
export interface QualityBars {
  readonly bars: Partial<Readonly<Record<WorkKind, Bar>>>;
}

export const NO_QUALITY: QualityBars = { bars: {} };

/**
 * Takes in the quality (0–1) of a verified attempt, whether it passed or not, and moves the bar of
 * its type by one step of 0.02: up while the hour's mean is above 0.85, else down. It does not rise
 * above that mean: a bar that the work as it is cannot reach would fail everything from then on.
 */
export function observeQuality(
  state: QualityBars,
  observed: { type: WorkKind; quality: number },
  nowMs: number,
): QualityBars {
  const settled = settle(state.bars[observed.type], nowMs);
  const recent = addToWindow(settled.recent, LAST_HOUR, observed.quality, nowMs);
  return { bars: { ...state.bars, [observed.type]: step({ ...settled, recent }, nowMs) } };
}

/** The quality that an attempt of this type must reach now, 0.60–0.95. */
export function threshold(state: QualityBars, type: WorkKind, nowMs: number): number {
  return settle(state.bars[type], nowMs).threshold;
}

function step(bar: Bar, nowMs: number): Bar {
  const { count, sum } = windowTotal(bar.recent, LAST_HOUR, nowMs);
  if (count < MIN_ATTEMPTS) return bar;
  const mean = sum / count;
  if (mean <= RISES_ABOVE)
    return { ...bar, threshold: moved(bar.threshold, -1), steppedAtMs: nowMs };
  const raised = moved(bar.threshold, 1);
  return { ...bar, threshold: raised <= mean ? raised : bar.threshold, steppedAtMs: nowMs };
}

/** One step down for each whole hour in which too little was observed for a step. */
function settle(bar: Bar | undefined, nowMs: number): Bar {
  if (!bar) return { threshold: LOWEST_THRESHOLD, steppedAtMs: nowMs, recent: [] };
  const hours = Math.floor((nowMs - bar.steppedAtMs) / HOUR_MS);
  if (hours <= 0) return bar;
  return {
    ...bar,
    threshold: moved(bar.threshold, -hours),
    steppedAtMs: bar.steppedAtMs + hours * HOUR_MS,
  };
}

function moved(from: number, steps: number): number {
  const to = Math.min(HIGHEST_THRESHOLD, Math.max(LOWEST_THRESHOLD, from + steps * STEP));
  // Whole hundredths, so that a hundred steps up and down do not leave 0.6000000000000001.
  return Math.round(to * 100) / 100;
}
