import { Limits } from '../../shared/model/config.ts';
import { taskOf, type EventBody, type LoggedEvent } from '../../shared/model/events.ts';
import type { ProjectId, TaskId } from '../../shared/model/ids.ts';
import type { TaskSpec } from '../../shared/model/task.ts';
import type { TaskRegisters } from '../../shared/model/registers.ts';
import type { TaskChange } from '../../shared/world/openTasks.ts';
import { World } from '../../shared/world/world.ts';
import type { WorldData } from '../../shared/world/worldData.ts';
import type { Snapshot } from '../store/snapshots.ts';
import type { EventStore } from '../store/store.ts';
import type { Clock } from './clock.ts';
import { CopiedLogs } from './copiedLogs.ts';
import { toTaskRow } from './taskRow.ts';

/** Events between two snapshots of the world: a restart folds at most about this many. */
const SNAPSHOT_EVERY = 20_000;
const SNAPSHOT = 'world';
/** Of the world's format: an older snapshot is passed over, and the log folded from its start. */
const SNAPSHOT_VERSION = 4;

/** So many events of others in one transaction, and more are on their way. */
const MANY_COPIES = 200;
/** How long the rows of what they tell of may wait then, ms. */
const ROWS_DELAY_MS = 200;
/** `project` is null for a task that was not known. */
type PutListener = (task: TaskId, project: ProjectId | null) => void;

export type Listener = (event: LoggedEvent, change: TaskChange | null) => void;

/** What puts the document's changes into the transaction that is about to be written; it gives what to do after. */
export interface DocumentWriter {
  put(): (() => void) | null;
}

/** The log and the world that is its fold, kept in step. All that happens passes through `record`. */
export class Ledger {
  readonly world: World;
  readonly store: EventStore;
  private readonly clock: Clock;
  private readonly listeners = new Set<Listener>();
  private readonly copyListeners = new Set<(event: LoggedEvent) => void>();
  private readonly putListeners = new Set<PutListener>();
  /** Tasks whose row in the store's view is out of date. */
  private readonly changed = new Map<TaskId, { change: TaskChange; atMs: number }>();
  /** Tasks that changed by an event that is not durable yet, of whom `onPut` hears when it is. */
  private untold: TaskSpec[] = [];
  /** Tasks of which this node recorded something after they had ended elsewhere. */
  private readonly late = new Set<TaskId>();
  private readonly copies: CopiedLogs;
  private stage: DocumentWriter | null = null;
  private rowsDue: { cancel(): void } | null = null;
  private snapshotSeq: number;
  /** Position of the last event when the log was opened. */
  private readonly openedPos: number;
  private broken: (error: unknown) => void = () => undefined;

  private constructor(store: EventStore, clock: Clock, world: World, snapshotSeq: number) {
    this.store = store;
    this.clock = clock;
    this.world = world;
    this.snapshotSeq = snapshotSeq;
    this.openedPos = store.pos;
    this.copies = new CopiedLogs(store, world, (id) => this.changed.get(id)?.change.task);
  }

  /** The world as the log has it: the last snapshot and the events since. */
  static open(store: EventStore, clock: Clock): Ledger {
    const snapshot = store.loadSnapshot(SNAPSHOT, SNAPSHOT_VERSION);
    const world = toWorld(snapshot);
    const ledger = new Ledger(store, clock, world, world.seq);
    // A crash may have come between an event and its row of the view, so the rows are put again.
    if (snapshot?.pos !== store.pos)
      for (const event of store.iterate(world.seq)) {
        if (event.node === store.node) ledger.fold(event);
        else ledger.copies.observe(event);
      }
    store.onCommit((copied) => ledger.observeCopies(copied));
    return ledger;
  }

  /** Folds what came back of the own log from other nodes since it was opened: it was restored from a backup. */
  takeBack(): void {
    const { store } = this;
    for (const event of store.read({ node: store.node, after: this.openedPos })) this.fold(event);
  }

  /** The world as it was after the event at position `pos`, and when that was: the log replayed to that point. */
  worldAt(pos: number): { world: World; atMs: number } {
    const world = toWorld(this.store.loadSnapshot(SNAPSHOT, SNAPSHOT_VERSION, pos - 1));
    let atMs = 0;
    for (const event of this.store.iterate(world.seq)) {
      if (event.pos > pos) break;
      // Those of others are history here: what they did to tasks came by the document, and is not replayed.
      if (event.node !== this.store.node) continue;
      world.apply(event);
      atMs = event.atMs;
    }
    world.graph.advance(atMs);
    return { world, atMs };
  }

  /** Logs what happened and folds it into the world at once. Durable after `durable()`. */
  record(...bodies: EventBody[]): LoggedEvent[] {
    const events = this.store.append(bodies, this.clock.nowMs());
    for (const event of events) {
      const change = this.fold(event);
      for (const listener of this.listeners) listener(event, change);
    }
    return events;
  }

  /** Resolves when everything recorded so far would survive a power cut. */
  async durable(): Promise<void> {
    const untold = this.untold;
    this.untold = [];
    try {
      this.putRows();
      const released = this.stage?.put();
      await this.store.flush();
      released?.();
    } catch (error) {
      this.broken(error);
      throw error;
    }
    for (const { id, project } of untold) this.tellPut(id, project);
    if (
      this.world.seq - this.snapshotSeq >= SNAPSHOT_EVERY &&
      this.store.head.pos === this.world.seq
    ) {
      this.snapshot();
    }
  }

  /** Records and waits until it is durable: for whatever is acknowledged to someone. */
  async commit(...bodies: EventBody[]): Promise<LoggedEvent[]> {
    const events = this.record(...bodies);
    await this.durable();
    return events;
  }

  /** Saves the world, so that the next start does not fold the whole log. */
  snapshot(): void {
    if (this.world.seq === this.snapshotSeq) return;
    // A start from the snapshot folds nothing before it, so the rows of all that is in it go with it.
    this.putRows();
    this.store.saveSnapshot(SNAPSHOT, this.world.seq, JSON.stringify(this.world), SNAPSHOT_VERSION);
    this.snapshotSeq = this.world.seq;
  }

  /**
   * Takes in tasks as the replicated document has them (`World.put`). Where an own event led to it, others act
   * on it only when that is durable.
   */
  put(tasks: readonly TaskRegisters[], cause: 'others' | 'own' = 'others'): void {
    const atMs = this.clock.nowMs();
    for (const change of this.world.put(tasks, atMs)) {
      this.copies.forget(change.task.spec.id);
      this.changed.set(change.task.spec.id, { change, atMs });
      const { spec } = change.task;
      if (cause === 'own') this.untold.push(spec);
      else this.tellPut(spec.id, spec.project);
    }
  }

  /** Lets go of a task that left the replicated document. */
  drop(id: TaskId): void {
    const project = this.world.tasks.get(id)?.spec.project ?? null;
    this.world.drop(id);
    this.copies.follow(id);
    this.tellPut(id, project);
  }

  /** Told of each task that another node's doing changed. */
  onPut(listener: PutListener): void {
    this.putListeners.add(listener);
  }

  /** Called when the log takes no more, as with a full disk; whoever waits for `durable` hears of it too. */
  onBroken(broken: (error: unknown) => void): void {
    this.broken = broken;
  }

  /** What is written to the document goes to disk together with the events that it came with. Returns how to stop. */
  writeWith(stage: DocumentWriter): () => void {
    this.stage = stage;
    return () => (this.stage = null);
  }

  /** Told of each event that was copied from another node's log. Returns how to stop. */
  onCopied(listener: (event: LoggedEvent) => void): () => void {
    this.copyListeners.add(listener);
    return () => this.copyListeners.delete(listener);
  }

  private tellPut(id: TaskId, project: ProjectId | null): void {
    for (const listener of this.putListeners) listener(id, project);
  }

  private observeCopies(events: readonly LoggedEvent[]): void {
    for (const event of events) this.copies.observe(event);
    for (const id of this.late) this.copies.follow(id);
    if (events.length + this.late.size === 0) return;
    this.late.clear();
    for (const event of events) for (const listener of this.copyListeners) listener(event);
    this.writeRows(events.length);
  }

  /** The rows of what copied events tell of; nobody waits for them. */
  private writeRows(events: number): void {
    if (events < MANY_COPIES) {
      this.durable().catch(() => undefined);
      return;
    }
    // A long log is being copied: the next events tell of the same tasks.
    this.rowsDue ??= this.clock.after(ROWS_DELAY_MS, () => {
      this.durable().catch(() => undefined);
    });
  }

  private putRows(): void {
    this.rowsDue?.cancel();
    this.rowsDue = null;
    // What is told of a task that is no longer open is newer than its last change here.
    const rows = [
      ...[...this.changed.values()].map(({ change, atMs }) =>
        toTaskRow(change.task, change.status, atMs),
      ),
      ...this.copies.takeRows(),
    ];
    this.changed.clear();
    if (rows.length > 0) this.store.putTasks(rows);
  }

  private fold(event: LoggedEvent): TaskChange | null {
    const change = this.world.apply(event);
    if (change) this.changed.set(change.task.spec.id, { change, atMs: event.atMs });
    const id = taskOf(event.body);
    if (id !== null && !this.world.tasks.has(id) && !change) this.late.add(id);
    return change;
  }

  onEvent(listener: Listener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** The limits of this node, or the defaults while the log does not know it. */
  get limits(): Limits {
    return this.world.nodes.get(this.store.node)?.limits ?? Limits.parse({});
  }

  nowMs(): number {
    return this.clock.nowMs();
  }
}

function toWorld(snapshot: Snapshot | null): World {
  return snapshot ? World.from(JSON.parse(snapshot.state) as WorldData) : new World();
}
