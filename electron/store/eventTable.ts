import type { LoggedEvent } from '../../shared/model/events.ts';
import { taskId, taskNumber } from '../../shared/model/ids.ts';
import type { NodeId, TaskId } from '../../shared/model/ids.ts';
import { chainHash, decodeBody, decodeForeign, GENESIS } from './chain.ts';
import { EVENT_COLUMNS, eventSql } from './eventQuery.ts';
import type { EventQuery, EventRow } from './eventQuery.ts';
import type { PendingEvent } from './pendingEvent.ts';
import { guarded, type Statements } from './sqlite.ts';

/** Rows fetched at a time while walking the log: few enough for memory, enough to make the calls cheap. */
const PAGE_ROWS = 2_000;

/** The durable events of all logs, and what is kept to find them by. */
export class EventTable {
  readonly #path: string;
  readonly #statements: Statements;
  /** Whose log is written here. */
  readonly #node: NodeId;

  constructor(path: string, statements: Statements, node: NodeId) {
    this.#path = path;
    this.#statements = statements;
    this.#node = node;
  }

  /** Writes events, within a transaction of the caller's. */
  insert(events: readonly PendingEvent[]): void {
    const insert = this.#statements.get(
      'INSERT INTO events (pos, node, seq, clock, at_ms, hash, body) VALUES (?, ?, ?, ?, ?, ?, ?)',
    );
    const decided = this.#statements.get(
      'INSERT OR IGNORE INTO decided_tasks (task, pos) VALUES (?, ?)',
    );
    const link = this.#statements.get(
      'INSERT OR IGNORE INTO dependents (task, dependent) VALUES (?, ?)',
    );
    for (const event of events) {
      const { pos, node, seq, clock, atMs, hash, json } = event;
      insert.run(pos, node, seq, clock, atMs, Buffer.from(hash, 'hex'), json);
      for (const task of event.decided) decided.run(taskNumber(task), pos);
      for (const { task, dependent } of event.links) {
        link.run(taskNumber(task), taskNumber(dependent));
      }
    }
  }

  /** Events that match: without a cursor in the order of history, else of arrival (`EventQuery`). */
  read(query: EventQuery): LoggedEvent[] {
    const { sql, parameters } = eventSql(query);
    return this.#guarded(() =>
      this.#statements
        .get<EventRow>(sql)
        .all(...parameters)
        .map((row) => this.#toEvent(row)),
    );
  }

  /** Events of all logs in order of arrival, after a position, a page at a time. */
  *after(pos: number): Generator<LoggedEvent, void, undefined> {
    const page = this.#statements.get<EventRow>(
      `SELECT ${EVENT_COLUMNS} FROM events e WHERE e.pos > ? ORDER BY e.pos LIMIT ${PAGE_ROWS}`,
    );
    let last = pos;
    for (;;) {
      const rows = this.#guarded(() => page.all(last));
      for (const row of rows) yield this.#toEvent(row);
      const end = rows.at(-1);
      if (!end || rows.length < PAGE_ROWS) return;
      last = end.pos;
    }
  }

  /** Events of these logs, each so long, in the order of history: of each from the first on that is not older than `atMs`. */
  *since(
    atMs: number,
    lengths: ReadonlyMap<NodeId, { readonly seq: number }>,
  ): Generator<LoggedEvent, void, undefined> {
    const logs = [...lengths].map(([node, { seq }]) =>
      this.rowsOf(node, this.#lastBefore(node, seq, atMs) + 1, seq),
    );
    const next = logs.map((rows) => rows.next());
    for (;;) {
      let first = -1;
      for (const [at, { value }] of next.entries()) {
        const other = next[first]?.value;
        if (value && (!other || isBefore(value, other))) first = at;
      }
      const row = next[first]?.value;
      if (!row) return;
      yield this.#toEvent(row);
      next[first] = logs[first]?.next() ?? { done: true, value: undefined };
    }
  }

  /** Rows of one log, both ends included. */
  *rowsOf(
    node: NodeId,
    fromSeq: number,
    toSeq: number,
    pageRows = PAGE_ROWS,
  ): Generator<EventRow, void, undefined> {
    const page = this.#statements.get<Omit<EventRow, 'prev'>>(
      `SELECT pos, node, seq, clock, at_ms, hash, body FROM events
       WHERE node = ? AND seq >= ? AND seq <= ? ORDER BY seq LIMIT ?`,
    );
    let next = fromSeq;
    let prev = fromSeq > 1 ? this.#hash(node, fromSeq - 1) : null;
    for (;;) {
      const rows = this.#guarded(() => page.all(node, next, toSeq, pageRows));
      for (const row of rows) {
        yield { ...row, prev };
        prev = row.hash;
      }
      const end = rows.at(-1);
      if (!end || rows.length < pageRows) return;
      next = end.seq + 1;
    }
  }

  /** The last row of a log. */
  lastOf(node: NodeId): EventRow | undefined {
    return this.#statements
      .get<EventRow>(
        `SELECT ${EVENT_COLUMNS} FROM events e WHERE e.node = ? ORDER BY e.seq DESC LIMIT 1`,
      )
      .get(node);
  }

  /** The position of the last event of any log; 0 when there is none. */
  get lastPos(): number {
    const row = this.#statements
      .get<{ pos: number | null }>('SELECT max(pos) AS pos FROM events')
      .get();
    return row?.pos ?? 0;
  }

  /** The hash of an event; null when it is not there. */
  hashAt(node: NodeId, seq: number): string | null {
    return this.#hash(node, seq)?.toString('hex') ?? null;
  }

  /** The hash of the event at a position; null when it is not there. */
  hashAtPos(pos: number): string | null {
    if (pos <= 0) return GENESIS;
    const row = this.#statements
      .get<{ hash: Buffer }>('SELECT hash FROM events WHERE pos = ?')
      .get(pos);
    return row?.hash.toString('hex') ?? null;
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

  /** Whether an event before position `pos` tells of this task. */
  toldBefore(id: TaskId, pos: number): boolean {
    return this.#guarded(
      () =>
        this.#statements
          .get('SELECT 1 FROM events WHERE task = ? AND pos < ? LIMIT 1')
          .get(taskNumber(id), pos) !== undefined,
    );
  }

  #hash(node: NodeId, seq: number): Buffer | null {
    const row = this.#guarded(() =>
      this.#statements
        .get<{ hash: Buffer }>('SELECT hash FROM events WHERE node = ? AND seq = ?')
        .get(node, seq),
    );
    return row?.hash ?? null;
  }

  /** The seq in a log of `end` events before the first that is not older than `atMs`. */
  #lastBefore(node: NodeId, end: number, atMs: number): number {
    const at = this.#statements.get<{ at_ms: number }>(
      'SELECT at_ms FROM events WHERE node = ? AND seq = ?',
    );
    // Seqs have no gaps, so half of them can be left out at each look.
    let low = 0;
    let high = end;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((at.get(node, middle)?.at_ms ?? 0) < atMs) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  #toEvent(row: EventRow): LoggedEvent {
    return {
      node: row.node,
      seq: row.seq,
      clock: row.clock,
      pos: row.pos,
      atMs: row.at_ms,
      prev: row.prev?.toString('hex') ?? GENESIS,
      hash: row.hash.toString('hex'),
      body: row.node === this.#node ? decodeBody(row.body) : decodeForeign(row.body),
    };
  }

  #guarded<T>(work: () => T): T {
    return guarded(this.#path, work);
  }
}

/** What is wrong with a stored event that should be this one and follow `prev`, if anything. */
export function problemOfRow(
  row: EventRow,
  node: NodeId,
  seq: number,
  prev: string,
): string | null {
  if (row.seq !== seq) return 'missing';
  const hash = chainHash(prev, node, row, row.at_ms, row.body);
  return row.hash.toString('hex') === hash ? null : 'its content does not give its hash';
}

/** Whether an event comes before another in the order of history. */
function isBefore(a: EventRow, b: EventRow): boolean {
  return a.clock < b.clock || (a.clock === b.clock && a.node < b.node);
}
