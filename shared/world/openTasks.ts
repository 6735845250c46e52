import { TaskGraph, type GraphTask } from '../graph/taskGraph.ts';
import type { EventType, LoggedEvent } from '../model/events.ts';
import type { ProjectId, TaskId } from '../model/ids.ts';
import { hasEnded, type TaskRegisters, type TaskStatus } from '../model/registers.ts';
import { workKind, type TaskSpec } from '../model/task.ts';
import { enterGraph } from './enterGraph.ts';
import { toGraphTask } from './graphTask.ts';
import { leavingOf } from './leaving.ts';
import { NOTHING_PLANNED, type PlannedDurations } from './planned.ts';
import { isActive, statusOf } from './status.ts';
import { foldTask, newTask, retriedTask } from './tasks.ts';

/** What a change did to a task. */
export interface TaskChange {
  readonly task: TaskRegisters;
  readonly status: TaskStatus;
  /** Null when the task was not open before. */
  readonly before: TaskStatus | null;
  /** Its registers before the change. */
  readonly previous: TaskRegisters | null;
}

/** Events by which a node tells that it is done with an attempt. */
const ATTEMPT_ENDS: ReadonlySet<EventType> = new Set(['attempt.passed', 'attempt.failed']);

/**
 * The open tasks by their registers, and all that follows from these alone, in step with each change. An ended
 * task is let go of, but for its attempts that may still be at work.
 */
export class OpenTasks {
  readonly byId = new Map<TaskId, TaskRegisters>();
  readonly graph = new TaskGraph();
  /** Those that failed and wait out their time before the next attempt. */
  readonly retrying = new Set<TaskId>();
  /** Tasks, open or ended, with attempts that no longer count and may still be at work (`leavingOf`). */
  readonly leaving = new Map<TaskId, TaskRegisters>();
  /** What the graph's order goes by. */
  planned: PlannedDurations = NOTHING_PLANNED;
  private readonly active = new Map<ProjectId, number>();

  /** Takes in an event of this task; null when it changes nothing. Throws CycleError. */
  apply(event: LoggedEvent, id: TaskId): TaskChange | null {
    const { body } = event;
    if (body.type === 'task.added') return this.begin(newTask(body.spec));
    if (body.type === 'task.retried') return this.begin(retriedTask(body));
    const known = this.byId.get(id);
    if (!known) return this.applyLate(event, id);
    const task = foldTask(known, event);
    if (task === known) return null;
    if (body.type === 'task.linked') this.graph.link(id, body.dependency);
    return this.replace(task);
  }

  /** Takes in tasks as other nodes have them. What ended before it was known here is no change. */
  put(tasks: readonly TaskRegisters[]): TaskChange[] {
    const fresh = new Set(
      tasks.filter((task) => !this.byId.has(task.spec.id) && !hasEnded(statusOf(task))),
    );
    this.enter([...fresh]);
    return tasks.flatMap((task) => {
      const known = this.byId.get(task.spec.id);
      if (!known && !fresh.has(task)) {
        this.noteLeaving(task);
        return [];
      }
      if (known) this.relink(known, task);
      return [this.replace(task)];
    });
  }

  /** Lets go of a task as if it had never been here, and returns it when it was open. */
  drop(id: TaskId): TaskRegisters | null {
    this.leaving.delete(id);
    const known = this.byId.get(id);
    if (!known) return null;
    if (isActive(statusOf(known))) this.countActive(known.spec.project, -1);
    this.forget(id);
    return known;
  }

  /** Takes in what a snapshot held, before anything else. */
  restore(open: readonly TaskRegisters[], ended: readonly TaskRegisters[]): void {
    for (const task of open) this.byId.set(task.spec.id, task);
    for (const task of [...open, ...ended]) this.noteLeaving(task);
    this.enter(open);
    for (const task of open) {
      const { id, project } = task.spec;
      const status = statusOf(task);
      if (status === 'open' && task.attempts.length > 0) this.retrying.add(id);
      if (!isActive(status)) continue;
      this.graph.start(id);
      this.countActive(project, 1);
    }
  }

  /** Puts the queue in order by other durations. */
  plan(planned: PlannedDurations): void {
    if (planned === this.planned) return;
    const before = this.planned.byKind;
    this.planned = planned;
    for (const { spec } of this.byId.values()) {
      const kind = workKind(spec);
      if (planned.byKind[kind] !== before[kind])
        this.graph.setEstimate(spec.id, this.plannedMs(spec));
    }
  }

  /** The estimate by which the queue is ordered, ms. */
  plannedMs(spec: TaskSpec): number {
    return this.planned.byKind[workKind(spec)] ?? spec.estimateMs;
  }

  /** Tasks of the project that are at work or about to merge. */
  activeIn(project: ProjectId): number {
    return this.active.get(project) ?? 0;
  }

  private begin(task: TaskRegisters): TaskChange {
    this.graph.add([this.toGraph(task)]);
    return this.replace(task);
  }

  /** A task that has ended changes no more, but for what becomes of attempts that were under way. */
  private applyLate(event: LoggedEvent, id: TaskId): TaskChange | null {
    const previous = this.leaving.get(id);
    if (!previous || !ATTEMPT_ENDS.has(event.body.type)) return null;
    const task = foldTask(previous, event);
    this.noteLeaving(task);
    return { task, status: statusOf(task), before: statusOf(previous), previous };
  }

  /** Puts a task's registers in the place of those known. */
  private replace(task: TaskRegisters): TaskChange {
    const { id, project } = task.spec;
    const previous = this.byId.get(id) ?? null;
    const before = previous ? statusOf(previous) : null;
    const status = statusOf(task);
    const wasAtWork = before !== null && isActive(before);
    const isAtWork = isActive(status);
    if (isAtWork !== wasAtWork) {
      if (isAtWork) this.graph.start(id);
      else this.graph.stop(id);
      this.countActive(project, isAtWork ? 1 : -1);
    }
    if (status === 'open' && task.attempts.length > 0) this.retrying.add(id);
    else this.retrying.delete(id);
    if (hasEnded(status)) this.forget(id);
    else this.byId.set(id, task);
    this.noteLeaving(task);
    return { task, status, before, previous };
  }

  private forget(id: TaskId): void {
    this.byId.delete(id);
    this.retrying.delete(id);
    this.graph.end(id);
  }

  private noteLeaving(task: TaskRegisters): void {
    const { id } = task.spec;
    if (leavingOf(task).length > 0) this.leaving.set(id, task);
    else this.leaving.delete(id);
  }

  private countActive(project: ProjectId, by: 1 | -1): void {
    this.active.set(project, this.activeIn(project) + by);
  }

  /** Has the graph follow dependencies that another node added. */
  private relink(known: TaskRegisters, task: TaskRegisters): void {
    const before = new Set(known.addedDependencies.map((each) => JSON.stringify(each)));
    if (task.addedDependencies.every((each) => before.has(JSON.stringify(each)))) return;
    const { id } = task.spec;
    const running = this.graph.isRunning(id);
    this.graph.end(id);
    this.enter([task]);
    if (running) this.graph.start(id);
  }

  private enter(tasks: readonly TaskRegisters[]): void {
    const known = (id: TaskId) => {
      const task = this.byId.get(id);
      return task ? this.toGraph(task) : null;
    };
    enterGraph(
      this.graph,
      tasks.map((task) => this.toGraph(task)),
      known,
    );
  }

  private toGraph(task: TaskRegisters): GraphTask {
    return toGraphTask(task, this.plannedMs(task.spec));
  }
}
