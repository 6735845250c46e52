import type { NodeId } from '../model/ids.ts';
import type { WorkKind } from '../model/task.ts';

/** Older durations say little about a project that has changed since. */
const KEPT_SAMPLES = 50;
/** Below this a percentile is one task's luck, and the creator's guess still counts. */
const MIN_TYPE_SAMPLES = 3;
/** A node has to show its own pace before it is believed over the fleet's. */
const MIN_NODE_SAMPLES = 5;
/** Q8 asks for the third quartile: three of four tasks end within the estimate. */
const ESTIMATE_PERCENTILE = 0.75;
/** A shorter estimate would make a timeout (2 × estimate) that a busy machine breaks. */
export const MIN_ESTIMATE_MS = 1_000;
/** No attempt is let run longer by default (`limits.maxAttemptMs`). */
export const MAX_ESTIMATE_MS = 4 * 60 * 60_000;

interface Samples {
  /** Oldest first, ms. */
  readonly recent: readonly number[];
  /** Kept beside them, so that an estimate in a decision over 10,000 tasks sorts nothing. */
  readonly p75Ms: number;
}

/** Actual durations by task type (`cleanup`) and by type and node (`cleanup@mac-1`). */
export interface Durations {
  readonly samples: Readonly<Record<string, Samples>>;
}

export const NO_DURATIONS: Durations = { samples: {} };

/** Takes in how long an attempt that passed took, ms, under its type and, if known, its node. */
export function observeDuration(
  state: Durations,
  observed: { type: WorkKind; node: NodeId | null; durationMs: number },
): Durations {
  const durationMs = Math.max(0, observed.durationMs);
  const { type, node } = observed;
  const keys = node === null ? [type] : [type, nodeKey(type, node)];
  const samples = { ...state.samples };
  for (const key of keys) samples[key] = append(samples[key], durationMs);
  return { samples };
}

/**
 * How long a task of this type will take, ms, within {@link MIN_ESTIMATE_MS} and {@link MAX_ESTIMATE_MS}.
 * With 5 samples of the node its own P75, else with 3 of the type the P75 of all nodes. With fewer,
 * n of 3 parts P75 and the rest the creator's guess, so that the estimate does not jump.
 */
export function estimateMs(
  state: Durations,
  type: WorkKind,
  node: NodeId | null,
  coldStartMs: number,
): number {
  const ofNode = node === null ? undefined : state.samples[nodeKey(type, node)];
  if (ofNode && ofNode.recent.length >= MIN_NODE_SAMPLES) return bounded(ofNode.p75Ms);
  const ofType = state.samples[type];
  if (!ofType) return bounded(coldStartMs);
  const trust = Math.min(1, ofType.recent.length / MIN_TYPE_SAMPLES);
  return bounded(trust * ofType.p75Ms + (1 - trust) * coldStartMs);
}

/** The estimate of a type once three attempts have shown it, ms; null before. */
export function settledEstimateMs(state: Durations, type: WorkKind): number | null {
  const ofType = state.samples[type];
  return ofType && ofType.recent.length >= MIN_TYPE_SAMPLES ? bounded(ofType.p75Ms) : null;
}

/** P75 of the last 50 durations of a type over all nodes, ms and unbounded; null before the first. */
export function p75OfType(state: Durations, type: WorkKind): number | null {
  return state.samples[type]?.p75Ms ?? null;
}

/**
 * Nearest-rank percentile: the value of rank ⌈p·n⌉ of the sorted samples, always one that was
 * observed (Hyndman and Fan 1996, "Sample quantiles in statistical packages", definition 1).
 */
function percentile(samples: readonly number[], p: number): number {
  const sorted = [...samples].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(p * sorted.length) - 1)] ?? 0;
}

function append(samples: Samples | undefined, durationMs: number): Samples {
  const recent = [...(samples?.recent ?? []), durationMs].slice(-KEPT_SAMPLES);
  return { recent, p75Ms: percentile(recent, ESTIMATE_PERCENTILE) };
}

function bounded(ms: number): number {
  return Math.round(Math.min(MAX_ESTIMATE_MS, Math.max(MIN_ESTIMATE_MS, ms)));
}

function nodeKey(type: WorkKind, node: NodeId): string {
  return `${type}@${node}`;
}
