import type { ProjectId } from '../model/ids.ts';
import {
  addToWindow,
  windowFreeAtMs,
  windowTotal,
  type Buckets,
  type WindowShape,
} from './window.ts';

/** Agent tasks cost money, mechanic and command tasks do not: each kind has its own limit (C1). */
export type DispatchKind = 'agent' | 'cheap';

/** 362 buckets at most, also at 10 million dispatches an hour; a dispatch counts up to 10 s longer. */
const LAST_HOUR: WindowShape = { spanMs: 60 * 60_000, bucketMs: 10_000 };
/** 1,442 buckets at most; a cycle counts up to a minute longer. */
const LAST_DAY: WindowShape = { spanMs: 24 * 60 * 60_000, bucketMs: 60_000 };
/** D1 judges by the last ten attempts. */
const JUDGED_ATTEMPTS = 10;

/** Rolling counters behind the rails. */
export interface Rates {
  readonly dispatches: Readonly<Record<DispatchKind, Buckets>>;
  /** Oldest used first; a project that has not been looked at for a day leaves. */
  readonly cycles: readonly { readonly project: ProjectId; readonly buckets: Buckets }[];
  /** Whether each of the last ten attempts succeeded, oldest first. */
  readonly attempts: readonly boolean[];
}

export const NO_RATES: Rates = { dispatches: { agent: [], cheap: [] }, cycles: [], attempts: [] };

export function observeDispatch(state: Rates, kind: DispatchKind, nowMs: number): Rates {
  const buckets = addToWindow(state.dispatches[kind], LAST_HOUR, 1, nowMs);
  return { ...state, dispatches: { ...state.dispatches, [kind]: buckets } };
}

export function observeCycle(state: Rates, project: ProjectId, nowMs: number): Rates {
  const others = state.cycles.filter(
    (entry) => entry.project !== project && windowTotal(entry.buckets, LAST_DAY, nowMs).count > 0,
  );
  const buckets = addToWindow(cyclesOf(state, project), LAST_DAY, 1, nowMs);
  return { ...state, cycles: [...others, { project, buckets }] };
}

/** Takes in the end of an attempt that counted; an interrupted one is not to be given. */
export function observeAttemptEnd(state: Rates, success: boolean): Rates {
  return { ...state, attempts: [...state.attempts, success].slice(-JUDGED_ATTEMPTS) };
}

/** Starts the judgement anew: after a pause the same ten failures must not pause builds again. */
export function forgetAttempts(state: Rates): Rates {
  return { ...state, attempts: [] };
}

/** Dispatches of a kind in the last 60 minutes. */
export function dispatchesInHour(state: Rates, kind: DispatchKind, nowMs: number): number {
  return windowTotal(state.dispatches[kind], LAST_HOUR, nowMs).count;
}

/** Times that work was looked for in a project in the last 24 hours. */
export function cyclesInDay(state: Rates, project: ProjectId, nowMs: number): number {
  return windowTotal(cyclesOf(state, project), LAST_DAY, nowMs).count;
}

/** Share of the last ten attempts that failed, 0–1; null while there were fewer than ten. */
export function failureShare(state: Rates): number | null {
  if (state.attempts.length < JUDGED_ATTEMPTS) return null;
  return state.attempts.filter((success) => !success).length / JUDGED_ATTEMPTS;
}

/**
 * When the next dispatch of a kind fits under `max`, ms since the epoch: `nowMs` when it does
 * already, null when it never will (`max` is 0).
 */
export function whenDispatchFree(
  state: Rates,
  kind: DispatchKind,
  max: number,
  nowMs: number,
): number | null {
  return windowFreeAtMs(state.dispatches[kind], LAST_HOUR, max, nowMs);
}

/** When the next cycle of a project fits under `max`; as {@link whenDispatchFree}. */
export function whenCycleFree(
  state: Rates,
  project: ProjectId,
  max: number,
  nowMs: number,
): number | null {
  return windowFreeAtMs(cyclesOf(state, project), LAST_DAY, max, nowMs);
}

function cyclesOf(state: Rates, project: ProjectId): Buckets {
  return state.cycles.find((entry) => entry.project === project)?.buckets ?? [];
}
