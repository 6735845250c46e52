import { hash } from 'node:crypto';
import type { Statements } from './sqlite.ts';

/** The newest may turn out unreadable, so one older is kept. */
const KEPT = 2;
/** One of each so many events is kept for good: whoever asks for the past folds the log from there, at most a second's work. */
const ARCHIVE_EVERY = 100_000;

export interface Snapshot {
  readonly pos: number;
  readonly state: string;
}

interface SnapshotRow extends Snapshot {
  readonly digest: string;
}

/** Views at a position of the log, by name. `chain` is the hash of the event at `pos`. */
export class SnapshotTable {
  readonly #statements: Statements;

  constructor(statements: Statements) {
    this.#statements = statements;
  }

  save(name: string, pos: number, chain: string, version: number, state: string): void {
    this.#statements
      .get(
        'INSERT OR REPLACE INTO snapshots (name, pos, version, digest, state) VALUES (?, ?, ?, ?, ?)',
      )
      .run(name, pos, version, digestOf(chain, state), state);
    this.#statements
      .get(
        `DELETE FROM snapshots WHERE name = ? AND pos NOT IN
           (SELECT pos FROM snapshots WHERE name = ? ORDER BY pos DESC LIMIT ${KEPT})
         AND pos NOT IN (SELECT min(pos) FROM snapshots WHERE name = ? AND pos >= ${ARCHIVE_EVERY} GROUP BY pos / ${ARCHIVE_EVERY})`,
      )
      .run(name, name, name);
  }

  /**
   * The newest of this version, up to `atMost`, that is whole and belongs to this log; `chainAt` tells the
   * log's hash at a position.
   */
  load(
    name: string,
    version: number,
    atMost: number,
    chainAt: (pos: number) => string | null,
  ): Snapshot | null {
    const positions = this.#statements
      .get<{ pos: number }>(
        'SELECT pos FROM snapshots WHERE name = ? AND version = ? AND pos <= ? ORDER BY pos DESC',
      )
      .all(name, version, atMost);
    for (const { pos } of positions) {
      const chain = chainAt(pos);
      const row = this.#statements
        .get<SnapshotRow>('SELECT pos, state, digest FROM snapshots WHERE name = ? AND pos = ?')
        .get(name, pos);
      if (chain !== null && row?.digest === digestOf(chain, row?.state ?? '')) {
        return { pos, state: row.state };
      }
    }
    return null;
  }

  /** The furthest position that a snapshot was taken at; 0 without one. */
  furthest(): number {
    return (
      this.#statements.get<{ pos: number | null }>('SELECT max(pos) AS pos FROM snapshots').get()
        ?.pos ?? 0
    );
  }
}

function digestOf(chain: string, state: string): string {
  return hash('sha256', `${chain}\n${state}`, 'hex');
}
