import type { PriorityTerms } from '../model/decision.ts';
import { VigilError } from '../model/errors.ts';
import type { ProjectId, TaskId } from '../model/ids.ts';
import type { Dependency } from '../model/task.ts';
import { CycleError, walkDependents } from './cycle.ts';
import { newNode, softUntilMs, targetOf, usable } from './node.ts';
import type { Edge, GraphNode, GraphTask } from './node.ts';
import { Paths } from './paths.ts';
import { compareReady, priorityTerms } from './priority.ts';
import { Heap } from './heap.ts';
import { isHeld, waitsOf, type Wait } from './waits.ts';

export type { GraphTask } from './node.ts';
export type { Wait } from './waits.ts';

/**
 * The open tasks and what they wait for (Q2–Q7, Q11), kept up to date change by change. A
 * dependency on a task that is not in the graph counts as ended, and binds again if that task
 * comes back. Acts on tasks that are not in the graph do nothing.
 */
export class TaskGraph {
  private readonly nodes = new Map<TaskId, GraphNode>();
  /** Edges by the task that they name, whether or not that is open. */
  private readonly naming = new Map<TaskId, Set<Edge>>();
  /** Edges of hard dependencies by project and artifact. */
  private readonly watching = new Map<ProjectId, Map<string, Set<Edge>>>();
  private readonly present = new Map<ProjectId, Set<string>>();
  private readonly running = new Set<GraphNode>();
  private readonly readyNodes = new Heap<GraphNode>(compareReady);
  private readonly timeouts = new Heap<Edge>(
    (a, b) => softUntilMs(a) - softUntilMs(b) || a.node.number - b.node.number,
  );
  private readonly paths = new Paths(this.readyNodes);
  private nowMs = -Infinity;

  get size(): number {
    return this.nodes.size;
  }

  /** Tasks whose dependencies are satisfied and that do not run. */
  get readyCount(): number {
    return this.readyNodes.size;
  }

  get runningCount(): number {
    return this.running.size;
  }

  has(id: TaskId): boolean {
    return this.nodes.has(id);
  }

  isRunning(id: TaskId): boolean {
    return this.nodes.get(id)?.running ?? false;
  }

  /** Adds tasks, all or none. Throws CycleError, and `conflict` for an id that is already open. */
  add(tasks: readonly GraphTask[]): void {
    const fresh = new Map(tasks.map((task) => [task.id, task]));
    const twice =
      fresh.size < tasks.length ? 'a task' : [...fresh.keys()].find((id) => this.has(id));
    if (twice) {
      throw new VigilError(
        'conflict',
        `${twice} was added twice`,
        'Give every task an id of its own.',
      );
    }
    for (const task of this.dependentsFirst(fresh)) this.insert(task);
  }

  /** Adds a dependency at run time. Throws CycleError and changes nothing then. */
  link(id: TaskId, dependency: Dependency): void {
    const node = this.nodes.get(id);
    if (!node) return;
    const cycle = this.cycleWith(id, dependency);
    if (cycle) throw new CycleError(cycle);
    this.connect(node, dependency);
    this.place(node);
  }

  /** The cycle that this dependency would close, or null. */
  cycleWith(id: TaskId, dependency: Dependency): readonly TaskId[] | null {
    const target = targetOf(dependency);
    if (target === null) return null;
    return walkDependents([id], (each) =>
      each === target ? [...this.dependentsOf(each), id] : this.dependentsOf(each),
    ).cycle;
  }

  /** The task has ended, in whatever way, and leaves the graph. */
  end(id: TaskId): void {
    const node = this.nodes.get(id);
    if (!node) return;
    this.nodes.delete(id);
    this.running.delete(node);
    this.readyNodes.delete(node);
    for (const edge of node.edges) this.disconnect(edge);
    this.paths.remove(node);
    for (const edge of this.naming.get(id) ?? []) {
      this.timeouts.delete(edge);
      if (edge.dependency.type !== 'hard') this.setBlocking(edge, false);
    }
  }

  /** The task runs: it holds its resources and its scope. */
  start(id: TaskId): void {
    const node = this.nodes.get(id);
    if (!node) return;
    node.running = true;
    this.running.add(node);
    this.place(node);
  }

  /** The task runs no longer and waits again. */
  stop(id: TaskId): void {
    const node = this.nodes.get(id);
    if (!node) return;
    node.running = false;
    this.running.delete(node);
    this.place(node);
  }

  /** Whether the artifact exists in the project's integrated tree. */
  setArtifact(project: ProjectId, artifact: string, exists: boolean): void {
    const present = this.present.get(project) ?? new Set();
    this.present.set(project, present);
    if (exists) present.add(artifact);
    else present.delete(artifact);
    for (const edge of this.watching.get(project)?.get(artifact) ?? [])
      this.setBlocking(edge, !exists);
  }

  setEstimate(id: TaskId, estimateMs: number): void {
    const node = this.nodes.get(id);
    if (!node || node.estimateMs === usable(estimateMs)) return;
    node.estimateMs = usable(estimateMs);
    this.readyNodes.update(node);
    this.paths.touch(node);
  }

  /** Artifacts that hard dependencies of the project's open tasks name. */
  watchedArtifacts(project: ProjectId): string[] {
    return [...(this.watching.get(project)?.keys() ?? [])].sort();
  }

  /** Opens the soft dependencies whose time has come. Time does not run backwards. */
  advance(nowMs: number): void {
    this.nowMs = Math.max(this.nowMs, nowMs);
    for (
      let edge = this.timeouts.peek();
      edge && softUntilMs(edge) <= this.nowMs;
      edge = this.timeouts.peek()
    ) {
      this.timeouts.delete(edge);
      this.setBlocking(edge, false);
    }
  }

  /** When `advance` will next open something, or null. */
  nextTimeoutMs(): number | null {
    const edge = this.timeouts.peek();
    return edge ? softUntilMs(edge) : null;
  }

  /** What keeps the task from starting, the one that binds longest first; empty when it may start or runs. */
  waits(id: TaskId, nowMs: number): Wait[] {
    const node = this.nodes.get(id);
    if (!node || node.running || (node.blockers === 0 && this.running.size === 0)) return [];
    return waitsOf(node, nowMs, this.nodes, this.running);
  }

  /** Whether nothing that the graph knows of keeps the task from starting. */
  isStartable(id: TaskId): boolean {
    const node = this.nodes.get(id);
    return node !== undefined && this.readyNodes.has(node) && !isHeld(node, this.running);
  }

  /**
   * Tasks whose dependencies are satisfied and that do not run, best first. Resources and scopes
   * are not looked at: `waits` does. The graph must not change while this is read.
   */
  *ready(): Generator<TaskId, undefined, undefined> {
    this.paths.refresh();
    for (const node of this.readyNodes.ordered()) yield node.id;
  }

  /** The terms of the task's priority (Q7). Throws `not-found` for a task that is not open. */
  priority(id: TaskId, nowMs: number): PriorityTerms {
    this.paths.refresh();
    const node = this.nodes.get(id);
    if (!node)
      throw new VigilError('not-found', `${id} is not open`, 'Only open tasks have a priority.');
    return priorityTerms(
      node,
      this.paths.dependents(node),
      this.paths.longest()?.pathMs ?? 0,
      nowMs,
    );
  }

  /** The chain of open tasks with the longest sum of estimates. */
  criticalPath(): { tasks: TaskId[]; lengthMs: number } {
    this.paths.refresh();
    const tasks = this.paths.critical().map((node) => node.id);
    return { tasks, lengthMs: this.paths.longest()?.pathMs ?? 0 };
  }

  /** Open tasks that depend on this one directly, also where it has ended itself; by number. */
  dependentsOf(id: TaskId): TaskId[] {
    const nodes = new Set([...(this.naming.get(id) ?? [])].map((edge) => edge.node));
    return [...nodes].sort((a, b) => a.number - b.number).map((node) => node.id);
  }

  /** Soft dependencies that timed out while the other task is still open: their fallbacks go to the agent. */
  expiredSoft(id: TaskId, nowMs: number): Extract<Dependency, { type: 'soft' }>[] {
    return (this.nodes.get(id)?.edges ?? []).flatMap((edge) =>
      edge.dependency.type === 'soft' &&
      this.has(edge.dependency.task) &&
      softUntilMs(edge) <= nowMs
        ? [edge.dependency]
        : [],
    );
  }

  /** The open tasks with what a plan needs to know of them, by number. */
  openTasks(): OpenTask[] {
    return [...this.nodes.values()]
      .sort((a, b) => a.number - b.number)
      .map((node) => ({
        id: node.id,
        estimateMs: node.estimateMs,
        running: node.running,
        ready: this.readyNodes.has(node),
        weight: node.task.weight,
        createdAtMs: node.task.createdAtMs,
        dependencies: [...node.before].map((each) => each.id),
      }));
  }

  /** The new tasks, every dependent before what it waits for. Throws CycleError. */
  private dependentsFirst(fresh: ReadonlyMap<TaskId, GraphTask>): GraphTask[] {
    const within = new Map<TaskId, TaskId[]>();
    for (const task of fresh.values()) {
      for (const target of new Set(task.dependencies.map(targetOf))) {
        if (target === null || !(fresh.has(target) || this.has(target))) continue;
        const dependents = within.get(target);
        if (dependents) dependents.push(task.id);
        else within.set(target, [task.id]);
      }
    }
    const walk = walkDependents(fresh.keys(), (id) => [
      ...this.dependentsOf(id),
      ...(within.get(id) ?? []),
    ]);
    if (walk.cycle) throw new CycleError(walk.cycle);
    return walk.dependentsFirst.flatMap((id) => fresh.get(id) ?? []);
  }

  private insert(task: GraphTask): void {
    const node = newNode(task);
    this.nodes.set(task.id, node);
    for (const dependency of task.dependencies) this.connect(node, dependency);
    for (const edge of this.naming.get(task.id) ?? []) {
      this.paths.join(node, edge.node);
      this.watchTimeout(edge);
      if (edge.dependency.type !== 'hard') this.setBlocking(edge, this.blocks(edge));
    }
    this.paths.insert(node);
    this.place(node);
  }

  private connect(node: GraphNode, dependency: Dependency): void {
    if (dependency.type === 'resource') {
      node.resources.push(dependency.resource);
      return;
    }
    const edge: Edge = { node, dependency, blocking: false };
    node.edges.push(edge);
    const target = targetOf(dependency);
    if (target !== null) {
      entry(this.naming, target, () => new Set<Edge>()).add(edge);
      const before = this.nodes.get(target);
      if (before) this.paths.join(before, node);
    }
    if (dependency.type === 'hard') {
      const watched = entry(this.watching, node.task.project, () => new Map<string, Set<Edge>>());
      entry(watched, dependency.artifact, () => new Set<Edge>()).add(edge);
    }
    this.watchTimeout(edge);
    this.setBlocking(edge, this.blocks(edge));
  }

  private disconnect(edge: Edge): void {
    this.timeouts.delete(edge);
    const { dependency } = edge;
    const target = targetOf(dependency);
    if (target !== null) drop(this.naming, target, edge);
    if (dependency.type === 'hard') {
      const { project } = edge.node.task;
      const watched = this.watching.get(project);
      if (watched) drop(watched, dependency.artifact, edge);
      if (watched?.size === 0) this.watching.delete(project);
    }
  }

  private watchTimeout(edge: Edge): void {
    const { dependency } = edge;
    if (dependency.type === 'soft' && this.blocks(edge)) this.timeouts.push(edge);
  }

  private blocks(edge: Edge): boolean {
    const { dependency, node } = edge;
    switch (dependency.type) {
      case 'hard':
        return !this.present.get(node.task.project)?.has(dependency.artifact);
      case 'soft':
        return this.has(dependency.task) && softUntilMs(edge) > this.nowMs;
      case 'ordering':
        return this.has(dependency.task);
      case 'resource':
        return false;
    }
  }

  private setBlocking(edge: Edge, blocking: boolean): void {
    if (edge.blocking === blocking) return;
    edge.blocking = blocking;
    edge.node.blockers += blocking ? 1 : -1;
    this.place(edge.node);
  }

  /** Puts the node among the ready ones, or takes it out. */
  private place(node: GraphNode): void {
    if (node.blockers > 0 || node.running || this.nodes.get(node.id) !== node) {
      this.readyNodes.delete(node);
    } else if (!this.readyNodes.has(node)) {
      this.paths.entersOrder(node);
      this.readyNodes.push(node);
    }
  }
}

/** An open task as a plan sees it: `dependencies` are the open tasks it names, also where it is ready without them. */
export interface OpenTask {
  readonly id: TaskId;
  readonly estimateMs: number;
  readonly running: boolean;
  readonly ready: boolean;
  readonly weight: number;
  readonly createdAtMs: number;
  readonly dependencies: readonly TaskId[];
}

function entry<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}

function drop<K, V>(map: Map<K, Set<V>>, key: K, value: V): void {
  const set = map.get(key);
  set?.delete(value);
  if (set?.size === 0) map.delete(key);
}
