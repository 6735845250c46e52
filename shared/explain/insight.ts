import { describeEvent } from './describe.ts';
import { estimatesOf, type Estimate } from './estimates.ts';
import type { InsightView } from '../model/insightApi.ts';
import type { BodyOf, LoggedEvent } from '../model/events.ts';
import type { NodeId, TaskId } from '../model/ids.ts';
import type { WorkKind } from '../model/task.ts';

/** Into how many parts a period is cut: a day in hours, a week in seven hours. */
const TREND_PARTS = 24;

interface Part {
  attempts: number;
  passed: number;
  merged: number;
  qualities: number[];
  estimates: Estimate[];
  confidence: number | null;
  usd: number | null;
}

/** More is a log, and the log is there. */
const MOST_CHANGES = 50;

interface NodeTally {
  busyMs: number;
  passed: number;
  failed: number;
  interrupted: number;
}

interface Begun {
  readonly node: NodeId;
  readonly atMs: number;
}

/** What an insight counts. Updated in place, as a report is; nothing else may hold it. */
export interface InsightState {
  readonly sinceMs: number;
  readonly untilMs: number;
  readonly parts: readonly Part[];
  readonly estimates: Estimate[];
  readonly nodes: Map<NodeId, NodeTally>;
  /** Attempts that run, by task and number. */
  readonly running: Map<string, Begun>;
  /** The first quality bar of the period, by kind of work. */
  readonly bars: Map<WorkKind, number>;
  readonly changes: InsightView['changes'];
  predicted: { count: number; held: number; expected: number; succeeded: number };
}

export function emptyInsight(sinceMs: number, untilMs: number): InsightState {
  return {
    sinceMs,
    untilMs,
    parts: Array.from({ length: TREND_PARTS }, () => ({
      attempts: 0,
      passed: 0,
      merged: 0,
      qualities: [],
      estimates: [],
      confidence: null,
      usd: null,
    })),
    estimates: [],
    nodes: new Map(),
    running: new Map(),
    bars: new Map(),
    changes: [],
    predicted: { count: 0, held: 0, expected: 0, succeeded: 0 },
  };
}

/** Takes in an event of the period. `kindOf` knows the kind of work of a task; null: it counts in totals only. */
export function foldInsight(
  state: InsightState,
  event: LoggedEvent,
  kindOf: (task: TaskId) => WorkKind | null,
): void {
  const { body, atMs } = event;
  const part = partAt(state, atMs);
  if (!part) return;
  switch (body.type) {
    case 'attempt.started':
      state.running.set(keyOf(body), { node: body.node, atMs });
      break;
    case 'attempt.verified': {
      const kind = kindOf(body.task);
      if (kind !== null && !state.bars.has(kind)) state.bars.set(kind, body.verification.threshold);
      break;
    }
    case 'attempt.passed':
      ended(state, event, body).passed += 1;
      part.attempts += 1;
      part.passed += 1;
      if (body.quality !== null) part.qualities.push(body.quality);
      break;
    case 'attempt.failed': {
      const node = ended(state, event, body);
      if (body.failure.interrupted) node.interrupted += 1;
      else {
        node.failed += 1;
        part.attempts += 1;
      }
      break;
    }
    case 'merge.done':
      part.merged += 1;
      break;
    case 'prediction.checked':
      predicted(state, part, body, kindOf);
      break;
    case 'decision.made':
      part.confidence = body.decision.confidence;
      break;
    case 'engine.adapted':
      state.changes.push({ atMs, node: event.node, text: describeEvent(body) });
      break;
    case 'builds.paused':
    case 'builds.resumed':
      if (body.by === 'engine')
        state.changes.push({ atMs, node: event.node, text: describeEvent(body) });
      break;
    case 'call.settled':
      if (body.costUsd !== null) part.usd = (part.usd ?? 0) + body.costUsd;
      break;
    default:
      break;
  }
}

/** What the engine goes by now. */
export interface Adapted {
  /** By node: how many tasks it may run at once. */
  readonly slots: ReadonlyMap<NodeId, number>;
  readonly kinds: readonly Omit<InsightView['adapted'][number], 'barBefore'>[];
}

export function viewInsight(
  state: InsightState,
  { slots, kinds }: Adapted,
): Omit<InsightView, 'inShort'> {
  const { sinceMs, untilMs, parts, predicted: sum } = state;
  const lengthMs = untilMs - sinceMs;
  for (const { node, atMs } of state.running.values())
    tallyOf(state, node).busyMs += untilMs - atMs;
  const ids = new Set([...slots.keys(), ...state.nodes.keys()]);
  return {
    sinceMs,
    untilMs,
    estimates: {
      ...estimatesOf(state.estimates),
      byKind: [...Map.groupBy(state.estimates, ({ kind }) => kind)]
        .flatMap(([kind, of]) => (kind === null ? [] : [{ kind, ...estimatesOf(of) }]))
        .sort((a, b) => b.count - a.count || a.kind.localeCompare(b.kind, 'en')),
    },
    predictions: {
      count: sum.count,
      held: sum.held,
      expected: ratio(sum.expected, sum.count),
      succeeded: ratio(sum.succeeded, sum.count),
    },
    trend: parts.map((part, index) => ({
      fromMs: sinceMs + (index * lengthMs) / TREND_PARTS,
      attempts: part.attempts,
      passed: part.passed,
      merged: part.merged,
      meanQuality: ratio(
        part.qualities.reduce((a, b) => a + b, 0),
        part.qualities.length,
      ),
      estimateFactor: estimatesOf(part.estimates).factor,
      confidence: part.confidence,
      usd: part.usd,
    })),
    nodes: [...ids].map((node) => {
      const tally = state.nodes.get(node) ?? newTally();
      const places = slots.get(node) ?? 0;
      return {
        node,
        ...tally,
        slots: places,
        utilisation: ratio(Math.min(tally.busyMs, places * lengthMs), places * lengthMs),
      };
    }),
    changes: state.changes.slice(-MOST_CHANGES).toReversed(),
    adapted: kinds.map((kind) => ({ ...kind, barBefore: state.bars.get(kind.kind) ?? null })),
  };
}

function predicted(
  state: InsightState,
  part: Part,
  { task, expected, actual, held }: BodyOf<'prediction.checked'>,
  kindOf: (task: TaskId) => WorkKind | null,
): void {
  const { predicted: sum } = state;
  sum.count += 1;
  sum.held += held ? 1 : 0;
  sum.expected += expected.pSuccess;
  sum.succeeded += actual.success ? 1 : 0;
  // How soon something failed says nothing of how long it takes.
  if (!actual.success) return;
  const estimate = {
    kind: kindOf(task),
    expectedMs: expected.durationMs,
    actualMs: actual.durationMs,
  };
  state.estimates.push(estimate);
  part.estimates.push(estimate);
}

/** Books the time of an attempt that ended, and gives the tally of the node where it ran. */
function ended(
  state: InsightState,
  { node: writer, atMs }: LoggedEvent,
  body: BodyOf<'attempt.passed'> | BodyOf<'attempt.failed'>,
): NodeTally {
  const begun = state.running.get(keyOf(body));
  state.running.delete(keyOf(body));
  const tally = tallyOf(state, begun?.node ?? writer);
  const fromMs = Math.max(begun?.atMs ?? 0, state.sinceMs);
  // After a restart an attempt is closed late: the downtime was not work.
  tally.busyMs += Math.max(0, Math.min(body.durationMs, atMs - fromMs));
  return tally;
}

function partAt({ sinceMs, untilMs, parts }: InsightState, atMs: number): Part | undefined {
  const index = Math.floor(((atMs - sinceMs) / (untilMs - sinceMs)) * TREND_PARTS);
  // What is written while this is read belongs to the last part.
  return parts[Math.min(index, TREND_PARTS - 1)];
}

function tallyOf({ nodes }: InsightState, node: NodeId): NodeTally {
  const known = nodes.get(node);
  if (known) return known;
  const tally = newTally();
  nodes.set(node, tally);
  return tally;
}

function newTally(): NodeTally {
  return { busyMs: 0, passed: 0, failed: 0, interrupted: 0 };
}

function keyOf({ task, attempt }: { readonly task: TaskId; readonly attempt: number }): string {
  return `${task}/${attempt}`;
}

function ratio(part: number, whole: number): number | null {
  return whole === 0 ? null : part / whole;
}
