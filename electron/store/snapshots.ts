import { hash } from 'node:crypto';
import type { Statements } from './sqlite.ts';

/** The newest may turn out unreadable, so one older is kept. */
const KEPT = 2;
/** One of each so many events is kept for good: whoever asks for the past folds the log from there, at most a second's work. */
const ARCHIVE_EVERY = 100_000;

export interface Snapshot {
  readonly seq: number;
  readonly state: string;
}

interface SnapshotRow extends Snapshot {
  readonly digest: string;
}

/** Views at a position of the log, by name. `chain` is the hash of the event at `seq`. */
export class SnapshotTable {
  readonly #statements: Statements;

  constructor(statements: Statements) {
    this.#statements = statements;
  }

  save(name: string, seq: number, chain: string, version: number, state: string): void {
    this.#statements
      .get(
        'INSERT OR REPLACE INTO snapshots (name, seq, version, digest, state) VALUES (?, ?, ?, ?, ?)',
      )
      .run(name, seq, version, digestOf(chain, state), state);
    this.#statements
      .get(
        `DELETE FROM snapshots WHERE name = ? AND seq NOT IN
           (SELECT seq FROM snapshots WHERE name = ? ORDER BY seq DESC LIMIT ${KEPT})
         AND seq NOT IN (SELECT min(seq) FROM snapshots WHERE name = ? AND seq >= ${ARCHIVE_EVERY} GROUP BY seq / ${ARCHIVE_EVERY})`,
      )
      .run(name, name, name);
  }

  /**
   * The newest of this version, up to `atMost`, that is whole and belongs to this log; `chainAt` tells the
   * log's hash at a seq.
   */
  load(
    name: string,
    version: number,
    atMost: number,
    chainAt: (seq: number) => string | null,
  ): Snapshot | null {
    const seqs = this.#statements
      .get<{ seq: number }>(
        'SELECT seq FROM snapshots WHERE name = ? AND version = ? AND seq <= ? ORDER BY seq DESC',
      )
      .all(name, version, atMost);
    for (const { seq } of seqs) {
      const chain = chainAt(seq);
      const row = this.#statements
        .get<SnapshotRow>('SELECT seq, state, digest FROM snapshots WHERE name = ? AND seq = ?')
        .get(name, seq);
      if (chain !== null && row?.digest === digestOf(chain, row?.state ?? '')) {
        return { seq, state: row.state };
      }
    }
    return null;
  }

  /** The furthest position that a snapshot was taken at; 0 without one. */
  furthest(): number {
    return (
      this.#statements.get<{ seq: number | null }>('SELECT max(seq) AS seq FROM snapshots').get()
        ?.seq ?? 0
    );
  }
}

function digestOf(chain: string, state: string): string {
  return hash('sha256', `${chain}\n${state}`, 'hex');
}
