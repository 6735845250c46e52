import { taskNumber, type ProjectId, type TaskId } from '../model/ids.ts';
import type { Dependency } from '../model/task.ts';

/** What the graph needs to know of a task. */
export interface GraphTask {
  readonly id: TaskId;
  readonly project: ProjectId;
  readonly dependencies: readonly Dependency[];
  /** Globs; empty is the whole project. */
  readonly scope: readonly string[];
  /** False: holds no scope at all (a milestone). */
  readonly exclusive: boolean;
  readonly estimateMs: number;
  readonly weight: number;
  readonly createdAtMs: number;
}

/** An open task in the graph, with what is kept up to date about it. */
export interface GraphNode {
  readonly id: TaskId;
  readonly number: number;
  readonly task: GraphTask;
  estimateMs: number;
  readonly edges: Edge[];
  readonly resources: string[];
  /** Open tasks that it depends on, and that depend on it. */
  readonly before: Set<GraphNode>;
  readonly after: Set<GraphNode>;
  /** Edges that keep it from starting. */
  blockers: number;
  running: boolean;
  /** Longest sum of estimates from its start to the end of a last dependent, ms. */
  pathMs: number;
  /** Open tasks that depend on it, directly or not, up to a limit; null when it has to be counted again. */
  dependents: number | null;
  /** Counts of dependents as its place in the order knows it. */
  orderedDependents: number;
  /** The last walk that came by. */
  visit: number;
}

/** One dependency of an open task. */
export interface Edge {
  readonly node: GraphNode;
  readonly dependency: Dependency;
  blocking: boolean;
}

export function newNode(task: GraphTask): GraphNode {
  return {
    id: task.id,
    number: taskNumber(task.id),
    task,
    estimateMs: usable(task.estimateMs),
    edges: [],
    resources: [],
    before: new Set(),
    after: new Set(),
    blockers: 0,
    running: false,
    pathMs: 0,
    dependents: null,
    orderedDependents: 0,
    visit: 0,
  };
}

/** Estimates are at least 1 ms, so that a path grows with every task on it. */
export function usable(estimateMs: number): number {
  return Math.max(1, estimateMs);
}

/** The task whose end or product the dependency waits for, as far as it names one. */
export function targetOf(dependency: Dependency): TaskId | null {
  return dependency.type === 'resource' ? null : (dependency.task ?? null);
}

/** When a soft dependency gives up waiting: it runs from the dependent's creation. */
export function softUntilMs({ node, dependency }: Edge): number {
  return dependency.type === 'soft' ? node.task.createdAtMs + dependency.timeoutMs : Infinity;
}
