import type { NodeId } from '../model/ids.ts';
import type { WorkKind } from '../model/task.ts';

/** D8: one bad quarter of an hour must not idle a node for six. */
export const CAPABILITY_HALF_LIFE_MS = 30 * 60_000;
/** What is assumed of a node that has not shown anything lately. */
export const CAPABILITY_PRIOR = 0.8;
/**
 * Attempts that the prior counts for. At 4 a single failure takes 0.80 to 0.64: noticed, but not
 * enough to send the work elsewhere for good.
 */
const PRIOR_ATTEMPTS = 4;

/** Decayed counts of successes and failures, as of `atMs`. */
export interface Evidence {
  readonly successes: number;
  readonly failures: number;
  readonly atMs: number;
}

/** What each node has shown at each type of task, by `type@node`. */
export interface Capability {
  readonly evidence: Readonly<Record<string, Evidence>>;
}

export const NO_CAPABILITY: Capability = { evidence: {} };

/** Takes in the end of an attempt that counted: an interrupted one says nothing of the node's skill. */
export function observeOutcome(
  state: Capability,
  observed: { node: NodeId; type: WorkKind; success: boolean },
  nowMs: number,
): Capability {
  const before = evidenceAt(state, observed.node, observed.type, nowMs);
  const after: Evidence = {
    successes: before.successes + (observed.success ? 1 : 0),
    failures: before.failures + (observed.success ? 0 : 1),
    atMs: before.atMs,
  };
  return { evidence: { ...state.evidence, [key(observed.node, observed.type)]: after } };
}

/**
 * Probability that an attempt of this type on this node succeeds: the mean of a Beta distribution
 * whose prior is 4 attempts at 0.8 and whose evidence halves every 30 minutes.
 */
export function pSuccess(state: Capability, node: NodeId, type: WorkKind, nowMs: number): number {
  const { successes, failures } = evidenceAt(state, node, type, nowMs);
  return (CAPABILITY_PRIOR * PRIOR_ATTEMPTS + successes) / (PRIOR_ATTEMPTS + successes + failures);
}

/** The evidence behind the score, decayed to `nowMs`. A clock that was set back decays nothing. */
export function evidenceAt(
  state: Capability,
  node: NodeId,
  type: WorkKind,
  nowMs: number,
): Evidence {
  const known = state.evidence[key(node, type)];
  if (!known) return { successes: 0, failures: 0, atMs: nowMs };
  const atMs = Math.max(known.atMs, nowMs);
  const left = 2 ** (-(atMs - known.atMs) / CAPABILITY_HALF_LIFE_MS);
  return { successes: known.successes * left, failures: known.failures * left, atMs };
}

function key(node: NodeId, type: WorkKind): string {
  return `${type}@${node}`;
}
