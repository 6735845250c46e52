import type { Statements } from './sqlite.ts';

/** What the replicated document takes on disk, with what is still to be written. */
export interface DocumentSize {
  readonly rows: number;
  readonly bytes: number;
}

/**
 * The replicated document as updates in the order in which they were applied. `EventStore` writes it in
 * the transaction of the events that it came with; nothing in here reads what an update holds.
 */
export class DocumentTable {
  readonly #statements: Statements;
  #written: DocumentSize;
  #pending: Uint8Array[] = [];
  #replaces = false;
  /** Up to which event of the own log the document has followed with what is pending. */
  #follows = 0;

  constructor(statements: Statements) {
    this.#statements = statements;
    this.#written = this.#measure();
  }

  /** Adds an update with the next write: the document holds all that was done here up to event `seq`. */
  append(update: Uint8Array, seq: number): void {
    this.#pending.push(update);
    this.#follows = seq;
  }

  /** Puts the whole state in the place of all updates, those included that are still to be written; `seq` as of `append`. */
  replace(state: Uint8Array, seq: number): void {
    this.#pending = [state];
    this.#replaces = true;
    this.#follows = seq;
  }

  /** Up to which event of the own log the document has followed; 0 before it began. */
  get followed(): number {
    return this.#statements.get<{ seq: number }>('SELECT seq FROM document_seq').get()?.seq ?? 0;
  }

  get hasPending(): boolean {
    return this.#pending.length > 0;
  }

  get size(): DocumentSize {
    const base = this.#replaces ? { rows: 0, bytes: 0 } : this.#written;
    return {
      rows: base.rows + this.#pending.length,
      bytes: this.#pending.reduce((sum, update) => sum + update.byteLength, base.bytes),
    };
  }

  /** Within the caller's transaction; `written` follows when it is committed. */
  write(): void {
    if (!this.hasPending) return;
    if (this.#replaces) this.#statements.get('DELETE FROM document').run();
    const insert = this.#statements.get('INSERT INTO document ("update") VALUES (?)');
    for (const update of this.#pending) {
      insert.run(Buffer.from(update.buffer, update.byteOffset, update.byteLength));
    }
    if (this.#follows === 0) return;
    this.#statements.get('DELETE FROM document_seq').run();
    this.#statements.get('INSERT INTO document_seq (seq) VALUES (?)').run(this.#follows);
  }

  /** What `write` wrote is on disk. */
  written(): void {
    this.#written = this.size;
    this.#pending = [];
    this.#replaces = false;
  }

  /** The durable updates, in order. */
  load(): Uint8Array[] {
    return this.#statements
      .get<{ update: Buffer }>('SELECT "update" FROM document ORDER BY id')
      .all()
      .map((row) => row.update);
  }

  #measure(): DocumentSize {
    const row = this.#statements
      .get<DocumentSize>(
        'SELECT count(*) AS rows, coalesce(sum(length("update")), 0) AS bytes FROM document',
      )
      .get();
    return row ?? { rows: 0, bytes: 0 };
  }
}
