import { join } from 'node:path';
import type Database from 'better-sqlite3';
import { VigilError } from '../../shared/model/errors.ts';
import type { EventBody, LoggedEvent } from '../../shared/model/events.ts';
import type { NodeId, TaskId } from '../../shared/model/ids.ts';
import { chainHash, GENESIS } from './chain.ts';
import { checkRows, type ChainReport } from './chainReport.ts';
import { chainRange } from './copied.ts';
import type { ChainedEvent, CopiedRange } from './copied.ts';
import { DocumentTable } from './documentTable.ts';
import type { DocumentSize } from './documentTable.ts';
import type { EventQuery } from './eventQuery.ts';
import { EventTable, problemOfRow } from './eventTable.ts';
import { GroupCommit } from './groupCommit.ts';
import { Heads, type Head } from './heads.ts';
import { readRange, type LogRange } from './logRange.ts';
import { claimLog } from './owner.ts';
import { dispatchedBy, linksOf, toCopied, type PendingEvent } from './pendingEvent.ts';
import { ProcessTable } from './processes.ts';
import { freshOf, type Received } from './received.ts';
import { repairRows } from './repair.ts';
import { SealTable } from './seals.ts';
import type { Fork, StoredSeal } from './seals.ts';
import { SnapshotTable } from './snapshots.ts';
import type { Snapshot } from './snapshots.ts';
import { damageHelp, guarded, openDatabase, Statements } from './sqlite.ts';
import { TaskTable } from './tasks.ts';
import type { TaskCount, TaskQuery, TaskRow } from './tasks.ts';

/** A log that was copied from, and the seal that its events came up to, unless they were cut off before it. */
interface PendingSeal {
  readonly node: NodeId;
  readonly seal: StoredSeal | null;
}

/**
 * A node's event log, copies of other nodes' logs, and the views beside them, in one SQLite file. Events get their place at once and are
 * durable once a `flush` that began after them has resolved; what is read is always what is durable.
 * A write that fails closes the store for writing until it is opened again, so that the log in memory
 * can never run ahead of a hole on disk.
 */
export class EventStore {
  readonly node: NodeId;
  /** Tables of this machine, which never leave the node. */
  readonly local: { readonly processes: ProcessTable };
  readonly #db: Database.Database;
  readonly #events: EventTable;
  readonly #tasks: TaskTable;
  readonly #document: DocumentTable;
  readonly #snapshots: SnapshotTable;
  readonly #seals: SealTable;
  readonly #heads = new Heads();
  readonly #commits: GroupCommit;
  readonly #forks: Map<NodeId, Fork>;
  readonly #commitListeners = new Set<(copied: readonly LoggedEvent[]) => void>();
  #pos: number;
  #pending: PendingEvent[] = [];
  #pendingSeals: PendingSeal[] = [];
  #rows = new Map<TaskId, TaskRow>();

  private constructor(db: Database.Database, node: NodeId | null) {
    this.#db = db;
    const statements = new Statements(db);
    this.#tasks = new TaskTable(statements);
    this.#document = new DocumentTable(statements);
    this.#snapshots = new SnapshotTable(statements);
    this.#seals = new SealTable(statements);
    this.local = { processes: new ProcessTable(db, statements) };
    this.node = claimLog(db, node);
    this.#events = new EventTable(db.name, statements, this.node);
    for (const log of [this.node, ...this.#seals.nodes()]) this.#takeHead(log);
    this.#checkHead();
    this.#pos = this.#events.lastPos;
    this.#forks = this.#seals.forks();
    this.#commits = new GroupCommit(db.name, {
      hasPending: () => this.#hasPending(),
      write: () => db.transaction(() => this.#writePending()).immediate(),
      written: () => this.#settle(),
    });
  }

  /**
   * Opens `<home>/vigil.db`, and makes or migrates it first. With `node` null the node's id is the stored
   * one, or a new random one. Throws `store-too-new`, `store-corrupt`, `disk-full`, `not-found` (read-only
   * and absent), and `conflict` when the log belongs to another node.
   */
  static open(home: string, node: NodeId | null, options: { readOnly?: boolean } = {}): EventStore {
    const path = join(home, 'vigil.db');
    const db = openDatabase(path, options.readOnly ?? false);
    try {
      return guarded(path, () => new EventStore(db, node));
    } catch (error) {
      db.close();
      throw error;
    }
  }

  /** The last event of the own log, durable or not; seq 0 when there is none. */
  get head(): Head {
    return this.headOf(this.node);
  }

  /** The last event of a node's log here, durable or not; seq 0 when there is none. */
  headOf(node: NodeId): Head {
    return this.#heads.of(node);
  }

  /** The last durable event of each log that has one. */
  heads(): ReadonlyMap<NodeId, Head> {
    return this.#heads.durable;
  }

  /** The position of the last event of any log here, durable or not. */
  get pos(): number {
    return this.#pos;
  }

  /** Logs of which two histories were seen, both signed by their writer: nothing more of them is taken. */
  get forks(): ReadonlyMap<NodeId, Fork> {
    return this.#forks;
  }

  /**
   * Gives each body its seq, clock and hash, in memory: cheap, and durable only after `flush`. The bodies must not
   * change afterwards. Throws what a failed flush rejected with, for as long as the store is open.
   */
  append(bodies: readonly EventBody[], nowMs: number): LoggedEvent[] {
    this.#requireWritable();
    const atMs = Math.round(nowMs);
    return bodies.map((body) => {
      const { seq: last, hash: prev } = this.head;
      const seq = last + 1;
      const clock = this.#heads.clock + 1;
      const json = JSON.stringify(body);
      const hash = chainHash(prev, this.node, { seq, clock }, atMs, json);
      const pos = this.#place(this.node, { seq, clock, atMs, hash, json }, body);
      return { node: this.node, seq, clock, pos, atMs, prev, hash, body };
    });
  }

  /**
   * Takes what is new of a range of another node's log, up to `lastAllowed`, or of the own one that this disk has
   * lost. The caller has checked that the seal is its writer's. Nothing is taken unless the range continues the
   * log here and leads to the seal; what is taken is durable after `flush`. Throws as `append` does.
   */
  receive(range: CopiedRange, lastAllowed = Number.MAX_SAFE_INTEGER): Received {
    this.#requireWritable();
    const { node, seal } = range;
    const fresh = freshOf(range, this.headOf(node), this.#heads.clock, lastAllowed, (seq) =>
      this.hashAt(node, seq),
    );
    if (fresh.kind !== 'fresh') return fresh;
    const { events } = fresh;
    let bytes = 0;
    for (const { event, body } of events) {
      this.#place(node, event, body);
      bytes += event.json.length;
    }
    if (node !== this.node && events.length > 0) {
      const { seq, signature } = seal;
      const isWhole = events.at(-1)?.event.seq === seq;
      this.#pendingSeals.push({ node, seal: isWhole ? { seq, bytes, signature } : null });
    }
    return { kind: 'taken', count: events.length };
  }

  /**
   * Puts right what differs from a range that the caller knows to be its writer's, on disk when this returns.
   * The event before it must be sound. Returns how many events were put right.
   */
  repair(range: CopiedRange): number {
    this.#requireWritable();
    const chained = chainRange(range, this.#heads.clock);
    if ('problem' in chained || this.hashAt(range.node, range.from - 1) !== range.prev) return 0;
    this.#commits.commit();
    return this.#guarded(() => {
      const { seq: end } = this.headOf(range.node);
      const within = chained.events.filter(({ seq }) => seq <= end);
      const repaired = repairRows(this.#db, range.node, within);
      this.#pos = this.#events.lastPos;
      this.#takeHead(range.node);
      return repaired;
    });
  }

  /** Takes nothing more of a log, for good: its writer has signed two histories. */
  freeze(node: NodeId, fork: Fork): void {
    this.#requireWritable();
    this.#guarded(() => this.#seals.freeze(node, fork));
    if (fork.seq < (this.#forks.get(node)?.seq ?? Infinity)) this.#forks.set(node, fork);
  }

  /** The seal nearest to the end of a copied log: what another node can be told of it. */
  lastSeal(node: NodeId): { readonly seq: number; readonly signature: Uint8Array } | null {
    return this.#guarded(() => this.#seals.last(node));
  }

  /**
   * Durable events of a log from `from` on, about `maxBytes` of them, for another node. Each hash is recomputed,
   * so that a broken copy is never passed on.
   */
  range(node: NodeId, from: number, maxBytes: number): LogRange {
    return this.#guarded(() => {
      const seal = node === this.node ? null : this.#seals.endOf(node, from, maxBytes);
      const last = seal?.seq ?? (node === this.node ? this.#heads.durableOf(node).seq : 0);
      if (last < from) return { kind: 'nothing' };
      const prev = this.hashAt(node, from - 1);
      if (prev === null) return { kind: 'broken', seq: from - 1, what: 'missing' };
      return readRange(this.#events, { node, from, prev, last, seal, maxBytes });
    });
  }

  /** Calls back after each transaction that made events durable, with those of other nodes. The listener must not throw. */
  onCommit(listener: (copied: readonly LoggedEvent[]) => void): () => void {
    this.#commitListeners.add(listener);
    return () => this.#commitListeners.delete(listener);
  }

  /** Gives up the pages that SQLite keeps in memory; they are read again when they are wanted. */
  freePages(): void {
    this.#guarded(() => this.#db.pragma('shrink_memory'));
  }

  /** Puts rows into the view of tasks, in the transaction of the events pending now. */
  putTasks(rows: readonly TaskRow[]): void {
    this.#requireWritable();
    for (const row of rows) this.#rows.set(row.id, row);
  }

  /** Adds an update of the replicated document, which follows all events recorded so far, in their transaction. */
  appendToDocument(update: Uint8Array): void {
    this.#requireWritable();
    this.#document.append(update, this.head.seq);
  }

  /** Puts the document's whole state in the place of its updates, in the transaction of the events pending now. */
  replaceDocument(state: Uint8Array): void {
    this.#requireWritable();
    this.#document.replace(state, this.head.seq);
  }

  /** The durable updates of the document, in the order in which they were added. */
  loadDocument(): Uint8Array[] {
    return this.#guarded(() => this.#document.load());
  }

  /** Up to which event of this node's log the document on disk has followed; 0 before it began. */
  get documentSeq(): number {
    return this.#guarded(() => this.#document.followed);
  }

  get documentSize(): DocumentSize {
    return this.#document.size;
  }

  /**
   * Resolves when all that was appended and put so far is on disk. Callers within one turn of the event
   * loop share one transaction. Rejects with `disk-full`, `store-corrupt` or `internal`; then nothing of
   * the batch is on disk and the store takes no more until it is opened again.
   */
  flush(): Promise<void> {
    return this.#commits.flush();
  }

  /** Durable events that match: without a cursor in the order of history, else of arrival (`EventQuery`). */
  read(query: EventQuery = {}): LoggedEvent[] {
    return this.#events.read(query);
  }

  /** Durable events of all logs in order of arrival, after a position, a page at a time; the store may be written meanwhile. */
  iterate(afterPos = 0): Generator<LoggedEvent, void, undefined> {
    return this.#events.after(afterPos);
  }

  /**
   * Durable events of all logs in the order of history, about from when their writers' clocks showed `atMs`: of
   * each log from the first event on that is not older. A clock may have been set back, so this is where a report
   * begins and nothing that has to be exact.
   */
  since(atMs: number): Generator<LoggedEvent, void, undefined> {
    return this.#events.since(atMs, this.#heads.durable);
  }

  /**
   * Walks a durable log, the own when no other is named, from `fromSeq` to `toSeq` or its end, and recomputes each
   * hash; stops at the first event that is missing or altered. An end cut off shows only against a snapshot taken
   * beyond it, or a copy on another node.
   */
  verify(fromSeq = 1, node: NodeId = this.node, toSeq = Number.MAX_SAFE_INTEGER): ChainReport {
    const prev = this.hashAt(node, fromSeq - 1);
    if (prev === null) return { checked: 0, problem: { seq: fromSeq - 1, what: 'missing' } };
    const rows = this.#events.rowsOf(node, fromSeq, toSeq);
    const { checked, problem } = checkRows(rows, node, fromSeq, prev);
    if (problem) return { checked, problem };
    const next = fromSeq + checked;
    if (next <= Math.min(toSeq, this.#heads.durableOf(node).seq))
      return { checked, problem: { seq: next, what: 'missing' } };
    const furthest = this.#guarded(() => this.#snapshots.furthest());
    if (node !== this.node || furthest <= this.#events.lastPos) return { checked, problem: null };
    const what = `missing: the log ends before the snapshot at ${furthest}`;
    return { checked, problem: { seq: next, what } };
  }

  /**
   * Keeps a view of the log as it was after the event at position `pos`, on disk when this returns, with all events pending.
   * `version` is that of the state's format. Of a name the last two are kept, and a few for the past.
   */
  saveSnapshot(name: string, pos: number, state: string, version = 1): void {
    this.#requireWritable();
    this.#commits.commit();
    this.#guarded(() => {
      const chain = this.#events.hashAtPos(pos);
      if (chain === null) {
        throw new VigilError(
          'not-found',
          `There is no event ${pos}.`,
          'Take it at an event of the log.',
        );
      }
      this.#db.transaction(() => this.#snapshots.save(name, pos, chain, version, state))();
    });
  }

  /** The newest snapshot of this name and format version, up to a position, that is whole and belongs to this log. */
  loadSnapshot(name: string, version = 1, atMost = Number.MAX_SAFE_INTEGER): Snapshot | null {
    return this.#guarded(() =>
      this.#snapshots.load(name, version, atMost, (pos) => this.#events.hashAtPos(pos)),
    );
  }

  /** Durable rows of the view of tasks, by number. */
  listTasks(query: TaskQuery = {}): TaskRow[] {
    return this.#guarded(() => this.#tasks.list(query));
  }

  getTask(id: TaskId): TaskRow | null {
    return this.#guarded(() => this.#tasks.get(id));
  }

  /** Tasks that name this one as a dependency, whether they are open or have ended; by number. */
  dependentsOf(id: TaskId): TaskId[] {
    return this.#events.dependentsOf(id);
  }

  /** Whether a durable event tells of this task that arrived here before position `pos`. */
  toldBefore(id: TaskId, pos: number): boolean {
    return this.#events.toldBefore(id, pos);
  }

  /** How many tasks there are of each project and status; pairs without any are left out. */
  countTasks(): TaskCount[] {
    return this.#guarded(() => this.#tasks.count());
  }

  /** Writes what is pending and closes the file; throws as `flush` rejects, and is closed all the same. */
  close(): void {
    if (!this.#db.open) return;
    try {
      if (!this.#commits.failure) this.#commits.commit();
    } finally {
      this.#db.close();
    }
  }

  #hasPending(): boolean {
    return this.#pending.length > 0 || this.#rows.size > 0 || this.#document.hasPending;
  }

  /** What was pending is on disk. */
  #settle(): void {
    const written = this.#pending;
    this.#pending = [];
    this.#pendingSeals = [];
    this.#rows.clear();
    for (const { node, seq, hash, clock, pos } of written)
      this.#heads.settle(node, { seq, hash, clock, pos });
    this.#document.written();
    if (written.length === 0) return;
    const copied = written.flatMap(toCopied);
    for (const listener of this.#commitListeners) listener(copied);
  }

  #writePending(): void {
    this.#events.insert(this.#pending);
    for (const { node, seal } of this.#pendingSeals) {
      this.#seals.know(node);
      if (seal) this.#seals.add(node, seal);
    }
    for (const row of this.#rows.values()) this.#tasks.put(row);
    this.#document.write();
  }

  /** Gives an event that continues its log its position, and notes it for the next transaction. */
  #place(node: NodeId, event: ChainedEvent, body: EventBody | null): number {
    const { seq, clock, atMs, hash, json } = event;
    const pos = this.#pos + 1;
    const decided = body === null ? [] : dispatchedBy(body);
    const links = body === null ? [] : linksOf(body);
    const { hash: prev } = this.headOf(node);
    const copied = node === this.node ? null : body;
    this.#pending.push({ pos, node, seq, clock, atMs, hash, prev, json, copied, decided, links });
    this.#heads.place(node, { seq, hash, clock, pos });
    this.#pos = pos;
    return pos;
  }

  /** The hash of an event, durable or not; null when it is not there. */
  hashAt(node: NodeId, seq: number): string | null {
    if (seq <= 0) return GENESIS;
    const head = this.headOf(node);
    if (seq === head.seq) return head.hash;
    return (
      this.#events.hashAt(node, seq) ??
      this.#pending.find((event) => event.node === node && event.seq === seq)?.hash ??
      null
    );
  }

  /** Reads the end of a log off the disk. */
  #takeHead(node: NodeId): void {
    const row = this.#events.lastOf(node);
    if (!row) return;
    const { seq, clock, pos } = row;
    const head = { seq, hash: row.hash.toString('hex'), clock, pos };
    this.#heads.place(node, head);
    this.#heads.settle(node, head);
  }

  /** Checks the last event of the own log, so that nothing is built on a broken one. */
  #checkHead(): void {
    const row = this.#events.lastOf(this.node);
    if (!row || !problemOfRow(row, this.node, row.seq, row.prev?.toString('hex') ?? GENESIS))
      return;
    throw new VigilError(
      'store-corrupt',
      `The last event (${row.seq}) of ${this.#db.name} does not give its hash.`,
      damageHelp(this.#db.name),
    );
  }

  #requireWritable(): void {
    if (this.#commits.failure) throw this.#commits.failure;
    if (this.#db.readonly) {
      throw new VigilError(
        'misuse',
        'The store was opened for reading only.',
        'Open it for writing.',
      );
    }
  }

  #guarded<T>(work: () => T): T {
    return guarded(this.#db.name, work);
  }
}
