import type { Gap, KnownGap } from '../model/gap.ts';

/** A gap to make a task of, after the tasks of other gaps of this batch that touch the same files. */
export interface ChosenGap {
  readonly gap: Gap;
  /** Fingerprints of gaps chosen before it; the task gets an ordering dependency on each. */
  readonly after: readonly string[];
}

/** Why a good gap was not chosen this time; it is worth another cycle. */
export const LEFT_FOR_LATER = 'better gaps filled this cycle';

export interface Proposal {
  readonly chosen: readonly ChosenGap[];
  readonly dropped: readonly { readonly fingerprint: string; readonly reason: string }[];
}

/** Why this gap may not be proposed now, or null. */
function objection(known: readonly KnownGap[], nowMs: number, cooldownMs: number): string | null {
  for (const { state, endedAtMs, closed } of known) {
    switch (state) {
      case 'open':
        return 'has an open task';
      case 'merged':
      case 'done':
      case 'split':
        if (!closed) return 'was worked on, and no scan since has been without it';
        break;
      case 'rejected':
      case 'failed':
      case 'cancelled':
        if (endedAtMs === null || nowMs < endedAtMs + cooldownMs)
          return `was ${state === 'failed' ? 'given up' : state} less than ${Math.ceil(cooldownMs / 86_400_000)} days ago`;
    }
  }
  return null;
}

function byScore(a: Gap, b: Gap): number {
  return (
    b.score - a.score ||
    (a.fingerprint < b.fingerprint ? -1 : a.fingerprint > b.fingerprint ? 1 : 0)
  );
}

/**
 * Chooses the best `tasksPerCycle` gaps (G3) that are neither open, nor finished and still there,
 * nor cooling after a rejection or permanent failure (`cooldownMs`). Gaps that touch the same file
 * are put in an order; what the mechanic can do goes first, so that it never waits for an agent.
 */
export function propose(
  gaps: readonly Gap[],
  known: readonly KnownGap[],
  nowMs: number,
  limits: { readonly tasksPerCycle: number; readonly cooldownMs: number },
): Proposal {
  const history = Map.groupBy(known, (gap) => gap.fingerprint);
  const dropped: { fingerprint: string; reason: string }[] = [];
  const seen = new Set<string>();
  const fresh = gaps.toSorted(byScore).filter(({ fingerprint }) => {
    if (seen.has(fingerprint)) return false;
    seen.add(fingerprint);
    const reason = objection(history.get(fingerprint) ?? [], nowMs, limits.cooldownMs);
    if (reason !== null) dropped.push({ fingerprint, reason });
    return reason === null;
  });

  const doomed = new Map<string, string>();
  for (const { executor, fingerprint } of fresh)
    if (executor.kind === 'mechanic' && executor.recipe.kind === 'unused-file')
      doomed.set(executor.recipe.file, fingerprint);

  const best: Gap[] = [];
  for (const gap of fresh) {
    const deletion = gap.scope.map((file) => doomed.get(file)).find((found) => found !== undefined);
    if (deletion !== undefined && deletion !== gap.fingerprint)
      dropped.push({ fingerprint: gap.fingerprint, reason: 'its file is proposed for deletion' });
    else if (best.length >= limits.tasksPerCycle)
      dropped.push({ fingerprint: gap.fingerprint, reason: LEFT_FOR_LATER });
    else best.push(gap);
  }
  return { chosen: chain(best), dropped };
}

function chain(gaps: readonly Gap[]): ChosenGap[] {
  const rank = (gap: Gap): number => (gap.executor.kind === 'agent' ? 1 : 0);
  const lastOn = new Map<string, string>();
  return gaps
    .toSorted((a, b) => rank(a) - rank(b) || byScore(a, b))
    .map((gap) => {
      const before = gap.scope.map((file) => lastOn.get(file)).filter((last) => last !== undefined);
      for (const file of gap.scope) lastOn.set(file, gap.fingerprint);
      return { gap, after: [...new Set(before)] };
    });
}
