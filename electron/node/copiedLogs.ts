import type { LoggedEvent } from '../../shared/model/events.ts';
import { taskOf } from '../../shared/model/events.ts';
import type { TaskId } from '../../shared/model/ids.ts';
import { hasEnded, type TaskRegisters } from '../../shared/model/registers.ts';
import { statusOf } from '../../shared/world/status.ts';
import { foldAny } from '../../shared/world/tasks.ts';
import type { World } from '../../shared/world/world.ts';
import type { EventStore } from '../store/store.ts';
import type { TaskRow } from '../store/tasks.ts';
import { toTaskRow } from './taskRow.ts';

/** Rows that are kept in memory until they are written: the next event is often of the same task. */
const KEPT_ROWS = 1_000;

/** A task that is not open, as far as its events were folded. */
interface Ended {
  readonly registers: TaskRegisters;
  /** The last event that was folded. */
  readonly last: LoggedEvent;
}

/**
 * The copies of other nodes' logs, as far as this node follows them: it learns from them, and keeps in the
 * view of tasks what became of those that are no longer open. Open ones come by the document.
 */
export class CopiedLogs {
  private readonly store: EventStore;
  private readonly world: World;
  private readonly ended = new Map<TaskId, Ended>();
  private readonly unwritten = new Set<TaskId>();

  private readonly unwrittenOf: (id: TaskId) => TaskRegisters | undefined;

  /** `unwrittenOf` gives a task whose newest row is still to be written. */
  constructor(
    store: EventStore,
    world: World,
    unwrittenOf: (id: TaskId) => TaskRegisters | undefined,
  ) {
    this.store = store;
    this.world = world;
    this.unwrittenOf = unwrittenOf;
  }

  /** The task is no longer open here: what the logs tell of it counts from now on. */
  follow(id: TaskId): void {
    this.ended.delete(id);
    this.unwritten.add(id);
  }

  /** The task lives again: what was kept of it is old from now on. */
  forget(id: TaskId): void {
    this.ended.delete(id);
    this.unwritten.delete(id);
  }

  /** Follows an event that has become durable; each once, in order of arrival. */
  observe(event: LoggedEvent): void {
    const { body, pos } = event;
    this.world.observe(event, (id) => this.registersOf(id));
    const id = taskOf(body);
    if (id === null || this.world.tasks.has(id)) return;
    const known = this.ended.get(id);
    // Most tasks are heard of in order: then nothing has to be looked up.
    const isFirst =
      body.type === 'task.added' && !this.unwritten.has(id) && !this.store.toldBefore(id, pos);
    this.ended.delete(id);
    this.unwritten.add(id);
    if (!isFirst && (!known || compareEvents(known.last, event) > 0)) return;
    const registers = foldAny(known?.registers, event);
    if (registers) this.ended.set(id, { registers, last: event });
  }

  /** The rows that changed since the last call. */
  takeRows(): TaskRow[] {
    const rows = [...this.unwritten].flatMap((id): TaskRow[] => {
      // Meanwhile it may have come alive by the document, which knows better.
      if (this.world.tasks.has(id)) return [];
      const known = this.ended.get(id) ?? this.history(id);
      if (!known) return [];
      const { registers, last } = known;
      this.ended.set(id, known);
      const status = statusOf(registers);
      // By the document it has ended, and the log that tells how is still to come.
      if (!hasEnded(status) && this.hadEnded(id)) return [];
      return [toTaskRow(registers, status, last.atMs)];
    });
    this.unwritten.clear();
    for (const id of this.ended.keys()) {
      if (this.ended.size <= KEPT_ROWS) break;
      this.ended.delete(id);
    }
    return rows;
  }

  /**
   * The task out of all its events, in the order of history: each log arrives by itself, so that the merge may
   * be heard of before the work, and both before the task.
   */
  private history(id: TaskId): Ended | undefined {
    let registers: TaskRegisters | undefined;
    let last: LoggedEvent | undefined;
    for (const event of this.store.read({ task: id })) {
      if (taskOf(event.body) !== id) continue;
      registers = foldAny(registers, event);
      last = event;
    }
    return registers && last && { registers, last };
  }

  private hadEnded(id: TaskId): boolean {
    const unwritten = this.unwrittenOf(id);
    const status = unwritten ? statusOf(unwritten) : this.store.getTask(id)?.status;
    return status !== undefined && hasEnded(status);
  }

  private registersOf(id: TaskId): TaskRegisters | undefined {
    return this.ended.get(id)?.registers ?? this.unwrittenOf(id) ?? this.rowOf(id);
  }

  private rowOf(id: TaskId): TaskRegisters | undefined {
    const row = this.store.getTask(id);
    // Only this program writes rows, of what it had parsed before.
    return row ? (JSON.parse(row.json) as TaskRegisters) : undefined;
  }
}

/** By the order of history. */
function compareEvents(a: LoggedEvent, b: LoggedEvent): number {
  return a.clock - b.clock || (a.node === b.node ? a.seq - b.seq : a.node < b.node ? -1 : 1);
}
