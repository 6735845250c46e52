import type { LoggedEvent } from '../../shared/model/events.ts';
import { taskOf } from '../../shared/model/events.ts';
import type { NodeId, TaskId } from '../../shared/model/ids.ts';
import type { TaskRegisters } from '../../shared/model/registers.ts';
import { statusOf } from '../../shared/world/status.ts';
import { foldTask, newTask } from '../../shared/world/tasks.ts';
import type { World } from '../../shared/world/world.ts';
import type { EventStore } from '../store/store.ts';
import type { TaskRow } from '../store/tasks.ts';
import { toTaskRow } from './taskRow.ts';

/** Events read at a time. */
const PAGE_EVENTS = 2_000;
/** Rows that are kept in memory until they are written: the next event is often of the same task. */
const KEPT_ROWS = 5_000;

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
  private readonly ended = new Map<TaskId, { registers: TaskRegisters; atMs: number }>();
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

  /** Follows one event. */
  observe(event: LoggedEvent): void {
    const { body, atMs, node, pos } = event;
    this.seen.set(node, Math.max(pos, this.seen.get(node) ?? 0));
    this.world.observe(event, (id) => this.registersOf(id));
    const id = taskOf(body);
    if (id === null || this.world.tasks.has(id)) return;
    const known = this.registersOf(id);
    const next =
      body.type === 'task.added' && !known
        ? this.withEarlier(newTask(body.spec), pos)
        : known && foldTask(known, event);
    if (!next || next === known) return;
    this.ended.delete(id);
    this.ended.set(id, { registers: next, atMs });
    this.unwritten.add(id);
  }

  /** What other nodes did to a task may have come before the log of the node that made it. */
  private withEarlier(task: TaskRegisters, pos: number): TaskRegisters {
    return this.store
      .read({ task: task.spec.id })
      .filter((event) => event.pos < pos)
      .reduce(foldTask, task);
  }

  /** The rows that changed since the last call. */
  takeRows(): TaskRow[] {
    const rows = [...this.unwritten].flatMap((id): TaskRow[] => {
      const kept = this.ended.get(id);
      // Meanwhile it may have come alive by the document, which knows better.
      if (!kept || this.world.tasks.has(id)) return [];
      return [toTaskRow(kept.registers, statusOf(kept.registers), kept.atMs)];
    });
    this.unwritten.clear();
    for (const id of this.ended.keys()) {
      if (this.ended.size <= KEPT_ROWS) break;
      this.ended.delete(id);
    }
    return rows;
  }

  private registersOf(id: TaskId): TaskRegisters | undefined {
    const kept = this.ended.get(id)?.registers ?? this.unwrittenOf(id);
    if (kept) return kept;
    const row = this.store.getTask(id);
    // Only this program writes rows, of what it had parsed before.
    return row ? (JSON.parse(row.json) as TaskRegisters) : undefined;
  }
}
