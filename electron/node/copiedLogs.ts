import type { LoggedEvent } from '../../shared/model/events.ts';
import { taskOf } from '../../shared/model/events.ts';
import type { NodeId, TaskId } from '../../shared/model/ids.ts';
import { hasEnded, type TaskRegisters } from '../../shared/model/registers.ts';
import { statusOf } from '../../shared/world/status.ts';
import { foldAny } from '../../shared/world/tasks.ts';
import type { World } from '../../shared/world/world.ts';
import type { EventStore } from '../store/store.ts';
import type { TaskRow } from '../store/tasks.ts';
import { toTaskRow } from './taskRow.ts';

/** Events read at a time. */
const PAGE_EVENTS = 2_000;
/** Rows that are kept in memory until they are written: the next event is often of the same task. */
const KEPT_ROWS = 5_000;

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
  /** Positions up to which each log has been followed. */
  private readonly seen = new Map<NodeId, number>();
  private readonly start: number;
  private readonly ended = new Map<TaskId, Ended>();
  private readonly unwritten = new Set<TaskId>();

  private readonly unwrittenOf: (id: TaskId) => TaskRegisters | undefined;

  /**
   * `start` is the position up to which the world has followed all logs; `unwrittenOf` gives a task whose
   * newest row is still to be written.
   */
  constructor(
    store: EventStore,
    world: World,
    start: number,
    unwrittenOf: (id: TaskId) => TaskRegisters | undefined,
  ) {
    this.store = store;
    this.world = world;
    this.start = start;
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

  /** Follows what has become durable since the last call, and gives it. */
  take(): LoggedEvent[] {
    const taken: LoggedEvent[] = [];
    for (const [node, { pos }] of this.store.heads()) {
      if (node === this.store.node) continue;
      let after = this.seen.get(node) ?? this.start;
      while (after < pos) {
        const events = this.store.read({ node, after, limit: PAGE_EVENTS });
        for (const event of events) this.observe(event);
        taken.push(...events);
        const last = events.at(-1);
        if (!last) break;
        after = last.pos;
      }
      this.seen.set(node, Math.max(after, this.seen.get(node) ?? 0));
    }
    return taken;
  }

  /** Follows one durable event. */
  observe(event: LoggedEvent): void {
    const { body, node, pos } = event;
    this.seen.set(node, Math.max(pos, this.seen.get(node) ?? 0));
    this.world.observe(event, (id) => this.registersOf(id));
    const id = taskOf(body);
    if (id === null || this.world.tasks.has(id)) return;
    const known = this.ended.get(id);
    this.ended.delete(id);
    this.unwritten.add(id);
    if (!known || compareEvents(known.last, event) > 0) return;
    const registers = foldAny(known.registers, event);
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
      const before = this.unwrittenOf(id) ?? this.rowOf(id);
      // By the document it has ended, and the log that tells how is still to come.
      if (before && hasEnded(statusOf(before)) && !hasEnded(status)) return [];
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
