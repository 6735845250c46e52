import {
  emptyInsight,
  foldInsight,
  viewInsight,
  type Adapted,
} from '../../../shared/explain/insight.ts';
import { foldTally, inShort, newTally } from '../../../shared/explain/inShort.ts';
import { nodeSeries, SERIES_EVENTS } from '../../../shared/explain/nodeSeries.ts';
import { spending, startOfMonth } from '../../../shared/explain/spending.ts';
import { evidenceAt, pSuccess } from '../../../shared/learn/capability.ts';
import { p75OfType } from '../../../shared/learn/durations.ts';
import { threshold } from '../../../shared/learn/quality.ts';
import type { BodyOf, EventType, LoggedEvent } from '../../../shared/model/events.ts';
import type { NodeId, TaskId } from '../../../shared/model/ids.ts';
import type {
  DecisionsView,
  InsightView,
  NodeSeriesView,
  SpendingView,
} from '../../../shared/model/insightApi.ts';
import type { TaskRegisters } from '../../../shared/model/registers.ts';
import { workKind, type WorkKind } from '../../../shared/model/task.ts';
import type { Ledger } from '../ledger.ts';
import { typeOfTask } from './tasks.ts';

const MS_PER_HOUR = 3_600_000;
/** How many events are read at once, newest first, until they are old enough. */
const PAGE = 2_000;
/** What is looked for in the log before the period, to know how it began: an attempt takes no longer. */
const BEFORE_MS = 4 * MS_PER_HOUR;

/** How the work went in the last hours, folded from the events of that time, and what was learned. */
export function insightView(ledger: Ledger, hours: number): InsightView {
  const { store, world } = ledger;
  const untilMs = ledger.nowMs();
  const kinds = new Map<TaskId, WorkKind | null>();
  const kindOf = (task: TaskId): WorkKind | null => {
    const known = kinds.get(task);
    if (known !== undefined) return known;
    const spec = specOf(ledger, task);
    const kind = spec ? workKind(spec) : null;
    kinds.set(task, kind);
    return kind;
  };
  const typeOf = (task: TaskId) => typeOfTask(ledger, task);
  const state = emptyInsight(untilMs - hours * MS_PER_HOUR, untilMs);
  const tally = newTally();
  for (const event of store.since(state.sinceMs)) {
    foldInsight(state, event, kindOf);
    if (event.atMs >= state.sinceMs) foldTally(tally, event.body, typeOf);
  }
  const slots = [...world.nodes.values()].map(
    ({ id, concurrency }) => [id, concurrency.agent + concurrency.cheap] as const,
  );
  return {
    ...viewInsight(state, { slots: new Map(slots), kinds: adapted(ledger, untilMs) }),
    inShort: inShort(tally),
  };
}

function adapted({ world: { learned } }: Ledger, nowMs: number): Adapted['kinds'] {
  const shown = Object.keys(learned.capability.evidence).map((key) => {
    const at = key.lastIndexOf('@');
    return { kind: key.slice(0, at), node: key.slice(at + 1) as NodeId };
  });
  const kinds = new Set([...Object.keys(learned.quality.bars), ...shown.map(({ kind }) => kind)]);
  return [...kinds].sort().map((kind) => ({
    kind,
    bar: threshold(learned.quality, kind, nowMs),
    p75Ms: p75OfType(learned.durations, kind),
    pSuccess: shown
      .filter((one) => one.kind === kind)
      .map(({ node }) => {
        const { successes, failures } = evidenceAt(learned.capability, node, kind, nowMs);
        const value = pSuccess(learned.capability, node, kind, nowMs);
        return { node, value, evidence: successes + failures };
      }),
  }));
}

/** The last decisions, newest first; `before` is the position of one that is known. */
export function decisionsView(
  { store }: Ledger,
  { before, limit }: { readonly before?: number | undefined; readonly limit: number },
): DecisionsView {
  const events = store.read({
    types: ['decision.made'],
    order: 'desc',
    limit,
    ...(before === undefined ? {} : { before }),
  });
  return {
    decisions: events.map(({ node, pos, body }) => ({
      ...(body as BodyOf<'decision.made'>).decision,
      node,
      pos,
    })),
  };
}

/** What was spent this month, by day and by task. */
export function spendingView(ledger: Ledger): SpendingView {
  const nowMs = ledger.nowMs();
  return spending(
    latest(ledger, ['call.settled'], startOfMonth(nowMs)),
    nowMs,
    (task) => specOf(ledger, task)?.title ?? null,
  );
}

/** What a node took and did in the last hours. */
export function nodeSeriesView(
  ledger: Ledger,
  node: NodeId,
  hours: number,
): Omit<NodeSeriesView, 'felt'> {
  const untilMs = ledger.nowMs();
  const sinceMs = untilMs - hours * MS_PER_HOUR;
  const period = latest(ledger, SERIES_EVENTS, sinceMs - BEFORE_MS);
  const from = period[0]?.pos;
  // How it was when the period began may have been said long before.
  const said = from === undefined ? [] : lastWords(ledger, node, from);
  return nodeSeries([...said, ...period], node, { sinceMs, untilMs });
}

function lastWords({ store }: Ledger, node: NodeId, before: number): LoggedEvent[] {
  return store
    .read({ types: ['node.sensed', 'peer.changed'], before, order: 'desc', limit: PAGE })
    .filter(
      ({ body }) =>
        (body.type === 'node.sensed' && body.node === node) ||
        (body.type === 'peer.changed' && body.peer === node),
    )
    .slice(0, 1);
}

/** Events of these types from about a time on, oldest first, without walking what else is in the log. */
function latest({ store }: Ledger, types: readonly EventType[], sinceMs: number): LoggedEvent[] {
  const found: LoggedEvent[] = [];
  for (let before = Number.MAX_SAFE_INTEGER; ;) {
    const page = store.read({ types, before, order: 'desc', limit: PAGE });
    const last = page.at(-1);
    found.push(...page);
    if (!last || page.length < PAGE || last.atMs < sinceMs) return found.reverse();
    before = last.pos;
  }
}

/** What a task is, also one that is no longer open; null when it is not known here. */
function specOf({ world, store }: Ledger, task: TaskId): TaskRegisters['spec'] | null {
  const live = world.tasks.get(task);
  if (live) return live.spec;
  const row = store.getTask(task);
  return row ? (JSON.parse(row.json) as TaskRegisters).spec : null;
}
