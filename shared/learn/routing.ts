import type { AgentChoice } from '../model/agent.ts';
import type { WorkKind } from '../model/task.ts';

/** C4: what one provider may have of a kind of work, where another could do it. */
export const MAX_PROVIDER_SHARE = 0.6;
/** C4: no weight moves further than this in one step; absolute, of all the work of a kind. */
export const MAX_STEP = 0.2;
/** C4: every choice keeps this, while there are at most five; with more, half of an equal share. */
export const MIN_SHARE = 0.1;
/** C4: value that moved by less is noise, and the weights stay. */
const DRIFT = 0.15;
/** Results of a kind between two steps: what a step changed has to be seen before the next. */
const RESULTS_PER_STEP = 5;
/** Results that one choice's record weighs at most: what a model was half a year ago fades. */
const MAX_RESULTS = 50;
/** Results of the mean that each record starts with, so that one lucky result proves nothing. */
const PRIOR_RESULTS = 3;
/** Choices kept per kind of work; the longest unused leaves. */
const MAX_CHOICES = 20;
/**
 * How much each measure says of a choice's value. A bad result costs a review, a retry and trust
 * beside its price, so quality counts double; work is done in the background, so time counts least.
 */
const EXPONENTS = { quality: 2, cost: 0.5, latency: 0.25 } as const;

/** What one choice has shown at one kind of work; sums over its latest results. */
export interface RouteRecord {
  readonly choice: AgentChoice;
  readonly results: number;
  readonly successes: number;
  /** Sum of the quality (0–1) of results that succeeded. */
  readonly quality: number;
  /** Results whose cost is known in USD, and their cost. */
  readonly priced: number;
  readonly costUsd: number;
  readonly durationMs: number;
  readonly atMs: number;
  /** Share of the kind's work, 0–1. */
  readonly weight: number;
  /** Its value relative to the others when the weights last moved. */
  readonly basis: number;
}

/** Weights of a kind of work over its choices, in the order of their names. */
interface KindRoutes {
  readonly records: readonly RouteRecord[];
  readonly sinceStep: number;
  /** The last step was cut short by its bound: the next one goes on. */
  readonly underWay: boolean;
}

/** What was measured of every choice, by kind of work. */
export interface Routes {
  readonly kinds: Partial<Readonly<Record<WorkKind, KindRoutes>>>;
}

export const NO_ROUTES: Routes = { kinds: {} };

/** The end of an attempt as it counts for routing. */
export interface Routed {
  readonly kind: WorkKind;
  readonly choice: AgentChoice;
  readonly success: boolean;
  /** 0–1. */
  readonly quality: number;
  /** USD; null where dollars are not what is paid, or the price is unknown. */
  readonly costUsd: number | null;
  readonly durationMs: number;
}

/** `opencode/anthropic/claude-x`: identifies a choice and breaks ties. */
export function choiceName({ agent, target }: AgentChoice): string {
  return `${agent}/${target.provider}/${target.model}`;
}

/**
 * Takes in the end of an attempt. After five results of the kind, if a choice's value drifted by more
 * than 15 % since the last step, the weights move towards their values, each by at most 0.2.
 */
export function observeRouted(state: Routes, routed: Routed, nowMs: number): Routes {
  const before = state.kinds[routed.kind] ?? { records: [], sinceStep: 0, underWay: false };
  const records = withResult(enter(before.records, routed.choice, nowMs), routed, nowMs);
  const counted: KindRoutes = { ...before, records, sinceStep: before.sinceStep + 1 };
  return { kinds: { ...state.kinds, [routed.kind]: rebalance(counted) } };
}

/** Records of a kind of work, for the choices that are available now; bounds as in C4. */
export function recordsOf(
  state: Routes,
  kind: WorkKind,
  available: readonly AgentChoice[],
): readonly RouteRecord[] {
  const names = new Map(available.map((choice) => [choiceName(choice), choice]));
  const known = (state.kinds[kind]?.records ?? []).filter(({ choice }) =>
    names.delete(choiceName(choice)),
  );
  return bounded(
    [...known, ...[...names.values()].map((choice) => blank(choice, known, 0))].toSorted(byName),
  );
}

/** USD per result that succeeded; null while nothing of it is known in USD. */
export function costPerSuccess(record: RouteRecord): number | null {
  if (record.priced === 0) return null;
  const perResult = record.costUsd / record.priced;
  return record.successes === 0 ? null : (perResult * record.results) / record.successes;
}

/** A choice that was not known enters, in the place of the longest unused when there are too many. */
function enter(
  records: readonly RouteRecord[],
  choice: AgentChoice,
  nowMs: number,
): readonly RouteRecord[] {
  const name = choiceName(choice);
  if (records.some((record) => choiceName(record.choice) === name)) return records;
  const oldest = records.toSorted((a, b) => a.atMs - b.atMs || byName(a, b))[0];
  const kept =
    records.length >= MAX_CHOICES ? records.filter((record) => record !== oldest) : records;
  return bounded([...kept, blank(choice, kept, nowMs)].toSorted(byName));
}

/** A choice that has shown nothing yet; it gets the mean weight, and the others make room. */
function blank(choice: AgentChoice, others: readonly RouteRecord[], atMs: number): RouteRecord {
  const weight = others.length === 0 ? 1 : sum(others, (record) => record.weight) / others.length;
  const nothing = { results: 0, successes: 0, quality: 0, priced: 0, costUsd: 0, durationMs: 0 };
  return { choice, ...nothing, atMs, weight, basis: 1 };
}

function withResult(
  records: readonly RouteRecord[],
  { choice, success, quality, costUsd, durationMs }: Routed,
  nowMs: number,
): readonly RouteRecord[] {
  const name = choiceName(choice);
  return records.map((record) => {
    if (choiceName(record.choice) !== name) return record;
    const fade = Math.min(1, (MAX_RESULTS - 1) / Math.max(1, record.results));
    return {
      ...record,
      results: record.results * fade + 1,
      successes: record.successes * fade + (success ? 1 : 0),
      quality: record.quality * fade + (success ? quality : 0),
      priced: record.priced * fade + (costUsd === null ? 0 : 1),
      costUsd: record.costUsd * fade + Math.max(0, costUsd ?? 0),
      durationMs: record.durationMs * fade + Math.max(0, durationMs),
      atMs: nowMs,
    };
  });
}

function rebalance(routes: KindRoutes): KindRoutes {
  if (routes.sinceStep < RESULTS_PER_STEP) return routes;
  const values = valuesOf(routes.records);
  const drifted = routes.records.some(
    ({ basis }, i) => Math.abs((values[i] ?? 1) / basis - 1) > DRIFT,
  );
  if (!drifted && !routes.underWay) return routes;
  const target = bounded(
    routes.records.map((record, i) => ({ ...record, weight: values[i] ?? 1 })),
  );
  const furthest = Math.max(
    ...routes.records.map(({ weight }, i) => Math.abs((target[i]?.weight ?? weight) - weight)),
  );
  // All bounds are linear, so every point between two weightings that keep them keeps them too.
  const part = furthest <= MAX_STEP ? 1 : MAX_STEP / furthest;
  const records = routes.records.map((record, i) => ({
    ...record,
    weight: record.weight + part * ((target[i]?.weight ?? record.weight) - record.weight),
    basis: values[i] ?? 1,
  }));
  return { records, sinceStep: 0, underWay: part < 1 };
}

/**
 * The value of each choice relative to the others: quality² / (cost^½ · latency^¼), each measure as a
 * ratio to the mean of all. Quality is that of all results, a failed one counting 0; cost is per
 * success. Where a cost is not known in USD, it neither helps nor harms.
 */
function valuesOf(records: readonly RouteRecord[]): readonly number[] {
  const results = Math.max(
    1,
    sum(records, (record) => record.results),
  );
  const meanQuality = Math.max(0.01, sum(records, (record) => record.quality) / results);
  const meanMs = Math.max(1, sum(records, (record) => record.durationMs) / results);
  const priced = sum(records, (record) => record.priced);
  const meanUsd = priced === 0 ? 0 : sum(records, (record) => record.costUsd) / priced;
  const meanSuccess = Math.max(0.01, sum(records, (record) => record.successes) / results);
  return records.map((record) => {
    const n = PRIOR_RESULTS + record.results;
    const quality = (PRIOR_RESULTS * meanQuality + record.quality) / n / meanQuality;
    const latency = (PRIOR_RESULTS * meanMs + record.durationMs) / n / meanMs;
    const success = (PRIOR_RESULTS * meanSuccess + record.successes) / n / meanSuccess;
    const perResult =
      meanUsd === 0
        ? 1
        : (PRIOR_RESULTS * meanUsd + record.costUsd) / (PRIOR_RESULTS + record.priced) / meanUsd;
    const cost = perResult / Math.max(0.01, success);
    return (
      Math.max(0.01, quality) ** EXPONENTS.quality /
      (Math.max(0.01, cost) ** EXPONENTS.cost * Math.max(0.01, latency) ** EXPONENTS.latency)
    );
  });
}

/** The weights nearest in proportion that sum to 1 and keep the floor and the provider's ceiling. */
function bounded(records: readonly RouteRecord[]): readonly RouteRecord[] {
  const floor = Math.min(MIN_SHARE, 0.5 / Math.max(1, records.length));
  const free = fill(records, 1, floor);
  const byProvider = Map.groupBy(free, ({ choice }) => choice.target.provider);
  if (byProvider.size < 2) return free;
  for (const [provider, own] of byProvider) {
    if (sum(own, (record) => record.weight) <= MAX_PROVIDER_SHARE) continue;
    // At most one can be above 60 %, and what it gives up can't lift another that far.
    const within = fill(own, MAX_PROVIDER_SHARE, floor);
    const others = free.filter(({ choice }) => choice.target.provider !== provider);
    return [...within, ...fill(others, 1 - MAX_PROVIDER_SHARE, floor)].toSorted(byName);
  }
  return free;
}

/** Shares `total` in proportion to the weights, none below `floor`. */
function fill(
  records: readonly RouteRecord[],
  total: number,
  floor: number,
): readonly RouteRecord[] {
  const low = new Set<RouteRecord>();
  for (;;) {
    const rest = records.filter((record) => !low.has(record));
    const left = total - low.size * floor;
    const scale = left / sum(rest, (record) => record.weight);
    const below = rest.filter((record) => record.weight * scale < floor);
    if (below.length === 0 || below.length === rest.length)
      return records.map((record) => ({
        ...record,
        weight: low.has(record)
          ? floor
          : below.length === rest.length
            ? left / rest.length
            : record.weight * scale,
      }));
    for (const record of below) low.add(record);
  }
}

function byName(a: RouteRecord, b: RouteRecord): number {
  const [left, right] = [choiceName(a.choice), choiceName(b.choice)];
  return left < right ? -1 : left > right ? 1 : 0;
}

function sum(records: readonly RouteRecord[], of: (record: RouteRecord) => number): number {
  return records.reduce((total, record) => total + of(record), 0);
}
