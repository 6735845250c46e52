import { add, NO_SUM, sumOf, type Sum } from '../learn/spend.ts';
import type { ReportView } from '../model/reportApi.ts';
import type { LoggedEvent } from '../model/events.ts';
import { compareTaskIds, type NodeId, type TaskId } from '../model/ids.ts';
import { duplicatesOf, mergedOf, type Effort, type Landed } from './duplicates.ts';

interface Counted extends Effort {
  durationMs: number;
  spent: Sum;
}

interface Tally {
  readonly efforts: Counted[];
  landed: Landed | null;
}

/** The attempts of the window's tasks. Updated in place, as the report that it is a part of. */
export type DuplicateTally = Map<TaskId, Tally>;

/** Takes in an event. A late attempt may end long after its task: what merged is kept for the window. */
export function foldDuplicates(tally: DuplicateTally, { body, node, clock }: LoggedEvent): void {
  switch (body.type) {
    case 'attempt.started':
      effortOf(tally, body.task, body.attempt, body.node);
      return;
    case 'attempt.passed': {
      // Nothing to merge after all: the home's word on what passed before.
      if (body.durationMs === 0 && body.commit === null) return;
      const effort = ended(tally, body.task, body.attempt, node, clock);
      effort.end = 'passed';
      effort.durationMs = body.durationMs;
      return;
    }
    case 'attempt.failed': {
      const effort = ended(tally, body.task, body.attempt, node, clock);
      // With no time of its own it is the word of a restart, or of a node that did not take it.
      effort.end = body.failure.interrupted && body.durationMs > 0 ? 'lost' : 'failed';
      effort.durationMs = Math.max(effort.durationMs, body.durationMs);
      return;
    }
    case 'call.settled': {
      if (body.task === null || body.attempt === null) return;
      const effort = effortOf(tally, body.task, body.attempt, node);
      effort.spent = add(effort.spent, sumOf(body));
      return;
    }
    case 'merge.done':
      tallyOf(tally, body.task).landed = { attempt: body.attempt, node: body.node, home: node };
      return;
    default:
      return;
  }
}

export function viewDuplicates(tally: DuplicateTally): ReportView['duplicates'] {
  const attempts = [...tally]
    .flatMap(([task, { efforts, landed }]) => {
      const merged = landed && mergedOf(efforts, landed);
      if (!merged) return [];
      return duplicatesOf(efforts, merged).map((effort) => ({ task, effort, merged }));
    })
    .sort(
      (a, b) =>
        compareTaskIds(a.task, b.task) ||
        a.effort.number - b.effort.number ||
        (a.effort.node < b.effort.node ? -1 : 1),
    );
  const total = attempts.reduce((sum, { effort }) => add(sum, effort.spent), NO_SUM);
  return {
    durationMs: attempts.reduce((sum, { effort }) => sum + effort.durationMs, 0),
    ...spentView(total),
    attempts: attempts.map(({ task, effort, merged }) => ({
      task,
      attempt: effort.number,
      node: effort.node,
      durationMs: effort.durationMs,
      ...spentView(effort.spent),
      merged: { attempt: merged.number, node: merged.node },
    })),
  };
}

/** Dollars are unknown, not none, where not one call was paid in them. */
function spentView({ calls, tokens, usd, unpriced }: Sum) {
  return { calls, tokens, usd: calls > unpriced ? usd : null, unpricedCalls: unpriced };
}

/** The home may speak of another node's attempt, when it does not merge: then it is the one of that number. */
function ended(
  tally: DuplicateTally,
  task: TaskId,
  number: number,
  writer: NodeId,
  clock: number,
): Counted {
  const { efforts } = tallyOf(tally, task);
  const numbered = efforts.filter((each) => each.number === number);
  const own = numbered.find(({ node }) => node === writer);
  const effort = own ?? numbered[0] ?? effortOf(tally, task, number, writer);
  if (own || effort.endClock === null) effort.endClock = clock;
  return effort;
}

function effortOf(tally: DuplicateTally, task: TaskId, number: number, node: NodeId): Counted {
  const { efforts } = tallyOf(tally, task);
  const known = efforts.find((each) => each.number === number && each.node === node);
  if (known) return known;
  const effort: Counted = {
    ...{ number, node, endClock: null, end: null },
    ...{ durationMs: 0, spent: NO_SUM },
  };
  efforts.push(effort);
  return effort;
}

function tallyOf(tally: DuplicateTally, task: TaskId): Tally {
  const known = tally.get(task);
  if (known) return known;
  const fresh: Tally = { efforts: [], landed: null };
  tally.set(task, fresh);
  return fresh;
}
