import type { WorkKind } from '../model/task.ts';

/** How much is put into a spec before an agent gets it. */
export type Effort = 'minimal' | 'standard' | 'detailed';

/** G7's reference figures: USD of the spec, attempts until merged; cheapest spec first. */
const REFERENCE: Readonly<Record<Effort, { readonly specUsd: number; readonly attempts: number }>> =
  {
    minimal: { specUsd: 0.01, attempts: 3.4 },
    standard: { specUsd: 0.04, attempts: 1.8 },
    detailed: { specUsd: 0.08, attempts: 1.2 },
  };
const LEVELS: readonly Effort[] = ['minimal', 'standard', 'detailed'];
/** USD of an attempt behind G7's totals: ($1.22 − $0.01) / 3.4, and nearly the same for the other two. */
const REFERENCE_ATTEMPT_USD = 0.356;
/** Tasks that the reference counts for: five of one's own outweigh it. */
const PRIOR_TASKS = 4;
/** Tasks that a record weighs at most: what was true of last year's models fades. */
const MAX_TASKS = 40;

/** Sums over the tasks of one kind whose specs had one level of effort. */
interface SpecRecord {
  readonly tasks: number;
  readonly merged: number;
  readonly attempts: number;
  readonly pricedSpecs: number;
  readonly specUsd: number;
  /** Attempts whose cost is known in USD, and their cost. */
  readonly pricedAttempts: number;
  readonly attemptUsd: number;
}

const NO_RECORD: SpecRecord = {
  tasks: 0,
  merged: 0,
  attempts: 0,
  pricedSpecs: 0,
  specUsd: 0,
  pricedAttempts: 0,
  attemptUsd: 0,
};

/** What came of specs, by kind of work and effort. */
export interface SpecOutcomes {
  readonly kinds: Partial<
    Readonly<Record<WorkKind, Partial<Readonly<Record<Effort, SpecRecord>>>>>
  >;
}

export const NO_SPEC_OUTCOMES: SpecOutcomes = { kinds: {} };

/** Takes in a task that ended: its attempts and what they and its spec cost, USD or null where unknown. */
export function observeSpecOutcome(
  state: SpecOutcomes,
  outcome: {
    readonly kind: WorkKind;
    readonly effort: Effort;
    readonly merged: boolean;
    readonly attempts: number;
    readonly specUsd: number | null;
    readonly attemptsUsd: number | null;
  },
): SpecOutcomes {
  const { kind, effort, merged, attempts, specUsd, attemptsUsd } = outcome;
  const before = state.kinds[kind]?.[effort] ?? NO_RECORD;
  const fade = Math.min(1, (MAX_TASKS - 1) / Math.max(1, before.tasks));
  const after: SpecRecord = {
    tasks: before.tasks * fade + 1,
    merged: before.merged * fade + (merged ? 1 : 0),
    attempts: before.attempts * fade + attempts,
    pricedSpecs: before.pricedSpecs * fade + (specUsd === null ? 0 : 1),
    specUsd: before.specUsd * fade + (specUsd ?? 0),
    pricedAttempts: before.pricedAttempts * fade + (attemptsUsd === null ? 0 : attempts),
    attemptUsd: before.attemptUsd * fade + (attemptsUsd ?? 0),
  };
  return { kinds: { ...state.kinds, [kind]: { ...state.kinds[kind], [effort]: after } } };
}

/**
 * How much effort a spec of this kind is worth (G7): the level with the least expected cost of a merged
 * change, spec + attempts until merged × USD of an attempt. It tries nothing for the sake of trying.
 */
export function effortFor(
  state: SpecOutcomes,
  kind: WorkKind,
): { effort: Effort; expectedUsd: number; reason: string } {
  const records = state.kinds[kind] ?? {};
  const perAttemptUsd = attemptUsd(Object.values(records));
  const expected = LEVELS.map((effort) => {
    const record = records[effort] ?? NO_RECORD;
    const { specUsd, attempts } = REFERENCE[effort];
    const spec = (PRIOR_TASKS * specUsd + record.specUsd) / (PRIOR_TASKS + record.pricedSpecs);
    const rework = (PRIOR_TASKS * attempts + record.attempts) / (PRIOR_TASKS + record.merged);
    return { effort, tasks: record.tasks, rework, usd: spec + rework * perAttemptUsd };
  });
  // The cheaper spec comes first, and wins a tie.
  const best = expected.reduce((a, b) => (b.usd < a.usd ? b : a));
  const figures = expected.map(
    ({ effort, rework, usd }) => `${effort} $${usd.toFixed(2)} at ${rework.toFixed(1)} attempts`,
  );
  const tasks = Math.round(expected.reduce((sum, { tasks: n }) => sum + n, 0));
  return {
    effort: best.effort,
    expectedUsd: best.usd,
    reason: `a ${best.effort} spec: a merged change of ${kind} is expected to cost ${figures.join(', ')}, from ${tasks === 0 ? 'reference figures' : `${tasks} tasks`}`,
  };
}

function attemptUsd(records: readonly SpecRecord[]): number {
  const priced = records.reduce((sum, record) => sum + record.pricedAttempts, 0);
  const usd = records.reduce((sum, record) => sum + record.attemptUsd, 0);
  return (PRIOR_TASKS * REFERENCE_ATTEMPT_USD + usd) / (PRIOR_TASKS + priced);
}
