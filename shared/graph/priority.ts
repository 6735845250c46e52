import type { PriorityTerms } from '../model/decision.ts';
import type { GraphNode } from './node.ts';

const MS_PER_MINUTE = 60_000;

/** Weights of Q7. */
const PER_DEPENDENT = 2;
const ON_CRITICAL_PATH = 5;
const BREVITY = 3;
const WAITING = 0.5;

/**
 * Minutes of path that a minute of waiting is worth: no task starves, as new work would need ever
 * longer paths to pass it. Linear, so that waiting together never swaps two tasks and a heap can hold the order.
 */
const AGEING = 0.1;

/** Orders ready tasks, first to start first; does not depend on the time. Total: ids decide last. */
export function compareReady(a: GraphNode, b: GraphNode): number {
  return (
    rank(b) - rank(a) ||
    b.pathMs - a.pathMs ||
    tieBreak(b) - tieBreak(a) ||
    a.task.createdAtMs - b.task.createdAtMs ||
    a.number - b.number
  );
}

/** Remaining critical path, declared weight and age, in minutes. */
function rank({ pathMs, task }: GraphNode): number {
  return (pathMs - AGEING * task.createdAtMs) / MS_PER_MINUTE + task.weight;
}

function tieBreak({ orderedDependents, estimateMs }: GraphNode): number {
  return PER_DEPENDENT * orderedDependents + (BREVITY * MS_PER_MINUTE) / estimateMs;
}

/** The terms of Q7 for the explanation; `total` is their sum, in minutes. */
export function priorityTerms(
  node: GraphNode,
  dependents: number,
  longestMs: number,
  nowMs: number,
): PriorityTerms {
  const waitingMinutes = (nowMs - node.task.createdAtMs) / MS_PER_MINUTE;
  const terms = {
    pathMinutes: node.pathMs / MS_PER_MINUTE,
    dependents: PER_DEPENDENT * dependents,
    criticalPath: node.pathMs === longestMs ? ON_CRITICAL_PATH : 0,
    brevity: (BREVITY * MS_PER_MINUTE) / node.estimateMs,
    waiting: WAITING * Math.log(Math.max(1, waitingMinutes)),
    weight: node.task.weight,
  };
  return { ...terms, total: Object.values(terms).reduce((sum, term) => sum + term, 0) };
}
