import { join } from 'node:path';
import type Database from 'better-sqlite3';
import { VigilError } from '../../shared/model/errors.ts';
import { taskOf, type EventBody, type LoggedEvent } from '../../shared/model/events.ts';
import { taskId, taskNumber } from '../../shared/model/ids.ts';
import type { NodeId, TaskId } from '../../shared/model/ids.ts';
import { chainHash, decodeBody, GENESIS } from './chain.ts';
import { DocumentTable } from './documentTable.ts';
import type { DocumentSize } from './documentTable.ts';
import { EVENT_COLUMNS, eventSql } from './eventQuery.ts';
import type { EventQuery, EventRow } from './eventQuery.ts';
import { claimLog } from './owner.ts';
import { ProcessTable } from './processes.ts';
import { SnapshotTable } from './snapshots.ts';
import type { Snapshot } from './snapshots.ts';
import { asVigilError, guarded, openDatabase, Statements } from './sqlite.ts';
import { TaskTable } from './tasks.ts';
import type { TaskCount, TaskQuery, TaskRow } from './tasks.ts';

/** Rows fetched at a time while walking the log: few enough for memory, enough to make the calls cheap. */
const PAGE_ROWS = 2_000;

export interface Head {
  readonly seq: number;
  readonly hash: string;
}

/** What `verify` found: the first event that is not as it was written, if any. */
export interface ChainReport {
  readonly checked: number;
  readonly problem: { readonly seq: number; readonly what: string } | null;
}

interface PendingEvent {
  readonly seq: number;
  readonly atMs: number;
  readonly hash: string;
  readonly json: string;
  readonly decided: readonly TaskId[];
  readonly links: readonly Link[];
}

interface Link {
  readonly task: TaskId;
  readonly dependent: TaskId;
}

interface SharedFlush {
  readonly promise: Promise<void>;
  readonly resolve: () => void;
  readonly reject: (error: VigilError) => void;
}

/**
 * A node's event log and the views beside it, in one SQLite file. Events get their place at once and are
 * durable once a `flush` that began after them has resolved; what is read is always what is durable.
 * A write that fails closes the store for writing until it is opened again, so that the log in memory
 * can never run ahead of a hole on disk.
 */
export class EventStore {
  readonly node: NodeId;
  /** Tables of this machine, which never leave the node. */
  readonly local: { readonly processes: ProcessTable };
  readonly #db: Database.Database;
  readonly #statements: Statements;
  readonly #tasks: TaskTable;
  readonly #document: DocumentTable;
  readonly #snapshots: SnapshotTable;
  #head: Head;
  #events: PendingEvent[] = [];
  #rows = new Map<TaskId, TaskRow>();
  #flush: SharedFlush | null = null;
  #failure: VigilError | null = null;

  private constructor(db: Database.Database, node: NodeId | null) {
    this.#db = db;
    this.#statements = new Statements(db);
    this.#tasks = new TaskTable(this.#statements);
    this.#document = new DocumentTable(this.#statements);
    this.#snapshots = new SnapshotTable(this.#statements);
    this.local = { processes: new ProcessTable(db, this.#statements) };
    this.node = claimLog(db, node);
    this.#head = this.#readHead();
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

  /** The last event appended, durable or not; seq 0 when there is none. */
  get head(): Head {
    return this.#head;
  }

  /**
   * Gives each body its seq and hash, in memory: cheap, and durable only after `flush`. The bodies must not
   * change afterwards. Throws what a failed flush rejected with, for as long as the store is open.
   */
  append(bodies: readonly EventBody[], nowMs: number): LoggedEvent[] {
    this.#requireWritable();
    const atMs = Math.round(nowMs);
    return bodies.map((body) => {
      const { seq: last, hash: prev } = this.#head;
      const seq = last + 1;
      const json = JSON.stringify(body);
      const hash = chainHash(prev, this.node, seq, atMs, json);
      this.#events.push({
        seq,
        atMs,
        hash,
        json,
        decided: dispatchedBy(body),
        links: linksOf(body),
      });
      this.#head = { seq, hash };
      return { node: this.node, seq, atMs, prev, hash, body };
    });
  }

  /** Puts rows into the view of tasks, in the transaction of the events pending now. */
  putTasks(rows: readonly TaskRow[]): void {
    this.#requireWritable();
    for (const row of rows) this.#rows.set(row.id, row);
  }

  /** Adds an update of the replicated document, in the transaction of the events pending now. */
  appendToDocument(update: Uint8Array): void {
    this.#requireWritable();
    this.#document.append(update);
  }

  /** Puts the document's whole state in the place of its updates, in the transaction of the events pending now. */
  replaceDocument(state: Uint8Array): void {
    this.#requireWritable();
    this.#document.replace(state);
  }

  /** The durable updates of the document, in the order in which they were added. */
  loadDocument(): Uint8Array[] {
    return this.#guarded(() => this.#document.load());
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
    if (this.#failure) return Promise.reject(this.#failure);
    if (this.#flush) return this.#flush.promise;
    if (!this.#hasPending()) return Promise.resolve();
    const shared: SharedFlush = Promise.withResolvers<void>();
    this.#flush = shared;
    setImmediate(() => {
      // A synchronous write may have taken the batch along and settled the promise.
      if (this.#flush !== shared) return;
      try {
        this.#commit();
      } catch {
        // `#commit` rejected the shared promise with it.
      }
    });
    return shared.promise;
  }

  /** Durable events that match, in order of seq. */
  read(query: EventQuery = {}): LoggedEvent[] {
    const { sql, parameters } = eventSql(query);
    return this.#guarded(() =>
      this.#statements
        .get<EventRow>(sql)
        .all(...parameters)
        .map((row) => this.#toEvent(row)),
    );
  }

  /** Durable events after a seq, to the end, a page at a time; the store may be written meanwhile. */
  *iterate(afterSeq = 0): Generator<LoggedEvent, void, undefined> {
    for (const row of this.#rowsAfter(afterSeq)) yield this.#toEvent(row);
  }

  /**
   * Walks the durable log from `fromSeq` and recomputes each hash; stops at the first event that is missing or
   * altered. An end cut off shows only against a snapshot taken beyond it, or a copy on another node.
   */
  verify(fromSeq = 1): ChainReport {
    let prev = this.#guarded(() => this.#hashAt(fromSeq - 1));
    let checked = 0;
    const found = (seq: number, what: string): ChainReport => ({ checked, problem: { seq, what } });
    if (prev === null) return found(fromSeq - 1, 'missing');
    for (const row of this.#rowsAfter(fromSeq - 1)) {
      const seq = fromSeq + checked;
      if (row.seq !== seq) return found(seq, 'missing');
      const hash = row.hash.toString('hex');
      if (hash !== chainHash(prev, this.node, seq, row.at_ms, row.body)) {
        return found(seq, 'its content does not give its hash');
      }
      prev = hash;
      checked += 1;
    }
    const end = fromSeq + checked - 1;
    const furthest = this.#guarded(() => this.#snapshots.furthest());
    return furthest > end
      ? found(end + 1, `missing: the log ends before the snapshot at ${furthest}`)
      : { checked, problem: null };
  }

  /**
   * Keeps a view of the log as it was after event `seq`, on disk when this returns, with all events pending.
   * `version` is that of the state's format. Of a name the last two are kept, and a few for the past.
   */
  saveSnapshot(name: string, seq: number, state: string, version = 1): void {
    this.#requireWritable();
    this.#commit();
    this.#guarded(() => {
      const chain = this.#hashAt(seq);
      if (chain === null) {
        throw new VigilError(
          'not-found',
          `There is no event ${seq}.`,
          'Take it at an event of the log.',
        );
      }
      this.#db.transaction(() => this.#snapshots.save(name, seq, chain, version, state))();
    });
  }

  /** The newest snapshot of this name and format version, up to a seq, that is whole and belongs to this log. */
  loadSnapshot(name: string, version = 1, atMost = Number.MAX_SAFE_INTEGER): Snapshot | null {
    return this.#guarded(() =>
      this.#snapshots.load(name, version, atMost, (seq) => this.#hashAt(seq)),
    );
  }

  /** Durable rows of the view of tasks, by number. */
  listTasks(query: TaskQuery = {}): TaskRow[] {
    return this.#guarded(() => this.#tasks.list(query));
  }

  getTask(id: TaskId): TaskRow | null {
    return this.#guarded(() => this.#tasks.get(id));
  }

  /**
   * The seq after which all events that are not older than `atMs` lie. The wall clock may have been set
   * back, so this is where a report begins and nothing that has to be exact.
   */
  lastBefore(atMs: number): number {
    const at = this.#statements.get<{ at_ms: number }>('SELECT at_ms FROM events WHERE seq = ?');
    // Seqs have no gaps, so half of them can be left out at each look.
    let low = 0;
    let high = this.#durableSeq();
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((at.get(middle)?.at_ms ?? 0) < atMs) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /** Tasks that name this one as a dependency, whether they are open or have ended; by number. */
  dependentsOf(id: TaskId): TaskId[] {
    return this.#guarded(() =>
      this.#statements
        .get<{ dependent: number }>(
          'SELECT dependent FROM dependents WHERE task = ? ORDER BY dependent',
        )
        .all(taskNumber(id))
        .map((row) => taskId(row.dependent)),
    );
  }

  /** How many tasks there are of each project and status; pairs without any are left out. */
  countTasks(): TaskCount[] {
    return this.#guarded(() => this.#tasks.count());
  }

  /** Writes what is pending and closes the file; throws as `flush` rejects, and is closed all the same. */
  close(): void {
    if (!this.#db.open) return;
    try {
      if (!this.#failure) this.#commit();
    } finally {
      this.#db.close();
    }
  }

  #hasPending(): boolean {
    return this.#events.length > 0 || this.#rows.size > 0 || this.#document.hasPending;
  }

  /** Writes what is pending in one transaction, and settles the flush that waits for it. */
  #commit(): void {
    const shared = this.#flush;
    this.#flush = null;
    try {
      if (this.#hasPending()) this.#db.transaction(() => this.#writePending()).immediate();
    } catch (error) {
      this.#failure = asVigilError(error, this.#db.name);
      shared?.reject(this.#failure);
      throw this.#failure;
    }
    this.#events = [];
    this.#rows.clear();
    this.#document.written();
    shared?.resolve();
  }

  #writePending(): void {
    const insert = this.#statements.get(
      'INSERT INTO events (seq, at_ms, hash, body) VALUES (?, ?, ?, ?)',
    );
    const decided = this.#statements.get(
      'INSERT OR IGNORE INTO decided_tasks (task, seq) VALUES (?, ?)',
    );
    const link = this.#statements.get(
      'INSERT OR IGNORE INTO dependents (task, dependent) VALUES (?, ?)',
    );
    for (const event of this.#events) {
      insert.run(event.seq, event.atMs, Buffer.from(event.hash, 'hex'), event.json);
      for (const task of event.decided) decided.run(taskNumber(task), event.seq);
      for (const { task, dependent } of event.links) {
        link.run(taskNumber(task), taskNumber(dependent));
      }
    }
    for (const row of this.#rows.values()) this.#tasks.put(row);
    if (this.#document.hasPending) this.#document.write();
  }

  *#rowsAfter(afterSeq: number): Generator<EventRow, void, undefined> {
    const page = this.#statements.get<EventRow>(
      `SELECT ${EVENT_COLUMNS} FROM events e WHERE e.seq > ? ORDER BY e.seq LIMIT ${PAGE_ROWS}`,
    );
    let last = afterSeq;
    for (;;) {
      const rows = this.#guarded(() => page.all(last));
      yield* rows;
      const end = rows.at(-1);
      if (!end || rows.length < PAGE_ROWS) return;
      last = end.seq;
    }
  }

  #toEvent(row: EventRow): LoggedEvent {
    return {
      node: this.node,
      seq: row.seq,
      atMs: row.at_ms,
      prev: row.prev?.toString('hex') ?? GENESIS,
      hash: row.hash.toString('hex'),
      body: decodeBody(row.body),
    };
  }

  #durableSeq(): number {
    const row = this.#statements
      .get<{ seq: number | null }>('SELECT max(seq) AS seq FROM events')
      .get();
    return row?.seq ?? 0;
  }

  #hashAt(seq: number): string | null {
    if (seq <= 0) return GENESIS;
    const row = this.#statements
      .get<{ hash: Buffer }>('SELECT hash FROM events WHERE seq = ?')
      .get(seq);
    return row?.hash.toString('hex') ?? null;
  }

  /** The end of the durable log; the last event is checked, so that nothing is built on a broken one. */
  #readHead(): Head {
    const row = this.#statements
      .get<EventRow>(`SELECT ${EVENT_COLUMNS} FROM events e ORDER BY e.seq DESC LIMIT 1`)
      .get();
    if (!row) return { seq: 0, hash: GENESIS };
    const hash = row.hash.toString('hex');
    const prev = row.prev?.toString('hex') ?? GENESIS;
    if (hash !== chainHash(prev, this.node, row.seq, row.at_ms, row.body)) {
      throw new VigilError(
        'store-corrupt',
        `The last event (${row.seq}) of ${this.#db.name} does not give its hash.`,
        `Restore it from a backup; or move ${this.#db.name}* away to start with an empty log. Merged work is in git and is not touched.`,
      );
    }
    return { seq: row.seq, hash };
  }

  #requireWritable(): void {
    if (this.#failure) throw this.#failure;
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

/** The tasks that a decision sent to work: `explain` finds the decision by them. */
function dispatchedBy(body: EventBody): TaskId[] {
  if (body.type !== 'decision.made') return [];
  return body.decision.candidates.flatMap((candidate) =>
    candidate.selected && candidate.action.kind === 'dispatch' ? [candidate.action.task] : [],
  );
}

/** The dependencies on other tasks that an event adds. */
function linksOf(body: EventBody): Link[] {
  const added =
    body.type === 'task.added'
      ? body.spec.dependencies
      : body.type === 'task.linked'
        ? [body.dependency]
        : [];
  const dependent = taskOf(body);
  if (added.length === 0 || dependent === null) return [];
  return added.flatMap((dependency) =>
    'task' in dependency && dependency.task ? [{ task: dependency.task, dependent }] : [],
  );
}
