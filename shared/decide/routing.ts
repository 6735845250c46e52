import {
  choiceName,
  costPerSuccess,
  recordsOf,
  type RouteRecord,
  type Routes,
} from '../learn/routing.ts';
import type { AgentChoice, WireFormat } from '../model/agent.ts';
import { taskNumber, type TaskId } from '../model/ids.ts';
import type { Preference } from '../model/project.ts';
import type { WorkKind } from '../model/task.ts';

/** A choice that could be made now. */
export interface RouteOption {
  readonly choice: AgentChoice;
  /** In which its agent calls; null for an agent of another node, which tells only what it can call. */
  readonly format: WireFormat | null;
}

export interface Weighted {
  readonly choice: AgentChoice;
  /** Share of the kind's work, 0–1. */
  readonly weight: number;
  /** What was measured, in a sentence. */
  readonly why: string;
}

/** Who is to do an attempt, and who takes over when that fails, in order. */
export interface Routing {
  readonly choice: AgentChoice;
  readonly order: readonly AgentChoice[];
  readonly reason: string;
}

/** An irrational step: multiples of it fill 0–1 evenly from the first few on (Weyl 1916). */
const GOLDEN_RATIO = (1 + Math.sqrt(5)) / 2;
/** Attempts of one task lie as far apart as tasks that are 97 numbers apart: not in step with its neighbours. */
const PER_ATTEMPT = 97;

/** Weights of a kind of work over what is available, heaviest first, with the figures behind them. */
export function weightsOf(
  state: Routes,
  kind: WorkKind,
  available: readonly AgentChoice[],
): readonly Weighted[] {
  return recordsOf(state, kind, available)
    .map((record) => ({ choice: record.choice, weight: record.weight, why: measured(record) }))
    .toSorted((a, b) => b.weight - a.weight || byName(a.choice, b.choice));
}

/**
 * Chooses who does an attempt (C4): the first of the project's preferences that is available, else by
 * weight. The same task and attempt always get the same answer from the same state. `exclude` are
 * choices that failed before; when nothing else is left, null.
 */
export function chooseAgent(
  state: Routes,
  kind: WorkKind,
  available: readonly RouteOption[],
  taskId: TaskId,
  attempt: number,
  exclude: readonly AgentChoice[] = [],
  override: readonly Preference[] = [],
): Routing | null {
  const excluded = new Set(exclude.map(choiceName));
  const options = available.filter(({ choice }) => !excluded.has(choiceName(choice)));
  const weights = weightsOf(
    state,
    kind,
    options.map(({ choice }) => choice),
  );
  const wanted = preferred(weights, override);
  const picked = wanted ?? byTurn(weights, taskId, attempt);
  if (picked === null) return null;
  const without =
    excluded.size === 0 ? '' : `; not ${[...excluded].toSorted().join(', ')}, tried before`;
  const how =
    wanted !== null
      ? 'preferred by the project'
      : `its turn by weight: ${percent(picked.weight)} of ${kind}, ${picked.why}`;
  const unmet =
    wanted === null && override.length > 0 ? '; nothing that the project prefers is available' : '';
  return {
    choice: picked.choice,
    order: failover(picked.choice, options, weights),
    reason: `${choiceName(picked.choice)}: ${how}${unmet}${without}`,
  };
}

function preferred(weights: readonly Weighted[], override: readonly Preference[]): Weighted | null {
  for (const { agent, provider, model } of override) {
    const found = weights.find(
      ({ choice: { agent: id, target } }) =>
        (agent === undefined || agent === id) &&
        (provider === undefined || provider === target.provider) &&
        (model === undefined || model === target.model),
    );
    if (found !== undefined) return found;
  }
  return null;
}

/** The task's place on a line from 0 to 1 that the choices divide by their weights. */
function byTurn(weights: readonly Weighted[], taskId: TaskId, attempt: number): Weighted | null {
  let place = ((taskNumber(taskId) + PER_ATTEMPT * (attempt - 1)) * GOLDEN_RATIO) % 1;
  const inOrder = weights.toSorted((a, b) => byName(a.choice, b.choice));
  for (const weighted of inOrder) {
    if (place < weighted.weight) return weighted;
    place -= weighted.weight;
  }
  return inOrder.at(-1) ?? null;
}

/** The same wire format first: the gateway can go on there at once; then another provider, then weight. */
function failover(
  choice: AgentChoice,
  options: readonly RouteOption[],
  weights: readonly Weighted[],
): readonly AgentChoice[] {
  const formats = new Map(options.map((option) => [choiceName(option.choice), option.format]));
  const own = formats.get(choiceName(choice));
  const rank = (other: AgentChoice): number =>
    (formats.get(choiceName(other)) === own ? 0 : 2) +
    (other.target.provider === choice.target.provider ? 1 : 0);
  // `weights` comes heaviest first, and the sort keeps that order among equals.
  return weights
    .map((weighted) => weighted.choice)
    .filter((other) => choiceName(other) !== choiceName(choice))
    .toSorted((a, b) => rank(a) - rank(b));
}

function measured(record: RouteRecord): string {
  if (record.results === 0) return 'not measured yet';
  const cost = costPerSuccess(record);
  const seconds = record.durationMs / record.results / 1_000;
  const quality = record.successes === 0 ? 0 : record.quality / record.successes;
  return [
    `${percent(record.successes / record.results)} succeeded`,
    `quality ${quality.toFixed(2)}`,
    cost === null
      ? 'cost per merged change not known in USD'
      : `$${cost.toFixed(2)} a merged change`,
    `${seconds.toFixed(0)} s`,
  ].join(', ');
}

function percent(share: number): string {
  return `${(share * 100).toFixed(0)} %`;
}

function byName(a: AgentChoice, b: AgentChoice): number {
  const [left, right] = [choiceName(a), choiceName(b)];
  return left < right ? -1 : left > right ? 1 : 0;
}
