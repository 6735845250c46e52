import type { NodeId } from '../model/ids.ts';

/** One attempt, as far as it matters whether its work was done twice. An attempt is known by number and node. */
export interface Effort {
  readonly number: number;
  readonly node: NodeId;
  /** The order of history of its own end, as its node recorded it; null while it has none. */
  endClock: number | null;
  /** `lost`: stopped or given back without a fault of its own, after it had worked. */
  end: 'passed' | 'failed' | 'lost' | null;
}

/** Whose result a merge took. */
export interface Landed {
  readonly attempt: number;
  /** Absent in logs of before two nodes could do one task at once. */
  readonly node?: NodeId | undefined;
  /** The node that merged. */
  readonly home: NodeId;
}

/** The attempt whose merge landed; where the log does not say whose, the home's own counts first. */
export function mergedOf<E extends Effort>(efforts: readonly E[], landed: Landed): E | null {
  const numbered = efforts.filter(({ number }) => number === landed.attempt);
  const by = (node: NodeId): E | undefined => numbered.find((each) => each.node === node);
  if (landed.node !== undefined) return by(landed.node) ?? null;
  const passed = numbered.filter(({ end }) => end === 'passed');
  if (passed.length === 1) return passed[0] ?? null;
  return by(landed.home) ?? passed[0] ?? numbered[0] ?? null;
}

/**
 * The attempts that did again what the merged one did: their result was good and no longer wanted, or they were
 * stopped as late as after the merged one's end, or two leaders had assigned both under one number. What failed by
 * itself, and what was given back before another went on, is no duplicate. Needs nothing but what the attempts'
 * nodes recorded, so that it is the same in whatever order the logs arrive.
 */
export function duplicatesOf<E extends Effort>(efforts: readonly E[], merged: E): E[] {
  return efforts.filter((each) => {
    if (each === merged) return false;
    if (each.end === 'passed') return true;
    const isTwin = each.number === merged.number;
    const isLate = (each.endClock ?? 0) > (merged.endClock ?? Infinity);
    return each.end === 'lost' && (isTwin || isLate);
  });
}
