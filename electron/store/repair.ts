import type Database from 'better-sqlite3';
import type { NodeId } from '../../shared/model/ids.ts';
import type { ChainedEvent } from './copied.ts';

interface StoredRow {
  readonly pos: number;
  readonly node: string;
  readonly seq: number;
  readonly clock: number;
  readonly at_ms: number;
  readonly hash: Buffer;
  readonly body: string;
}

/**
 * Puts rows of a log right, in one transaction; an event that is missing gets the next position. Returns how many
 * differed. The indexes are made anew then: they were filled from what the rows held before they were damaged,
 * and SQLite could not take the damaged values out of them.
 */
export function repairRows(
  db: Database.Database,
  node: NodeId,
  events: readonly ChainedEvent[],
): number {
  return db
    .transaction(() => {
      // By the index alone, which still knows the place of a row whose own columns are damaged.
      const position = db
        .prepare<unknown[], number>(
          'SELECT pos FROM events INDEXED BY events_place WHERE node = ? AND seq = ?',
        )
        .pluck();
      const stored = db.prepare<unknown[], StoredRow>(
        'SELECT pos, node, seq, clock, at_ms, hash, body FROM events NOT INDEXED WHERE pos = ?',
      );
      const wrong = events
        .map((event) => ({ event, pos: position.get(node, event.seq) ?? null }))
        .filter(({ event, pos }) => !isSame(pos === null ? null : stored.get(pos), node, event));
      if (wrong.length === 0) return 0;
      const indexes = db
        .prepare<unknown[], { name: string; sql: string }>(
          `SELECT name, sql FROM sqlite_schema WHERE type = 'index' AND tbl_name = 'events' AND sql IS NOT NULL`,
        )
        .all();
      for (const { name } of indexes) db.exec(`DROP INDEX ${name}`);
      const put = db.prepare(
        'INSERT OR REPLACE INTO events (pos, node, seq, clock, at_ms, hash, body) VALUES (?, ?, ?, ?, ?, ?, ?)',
      );
      for (const { event, pos } of wrong) {
        const hash = Buffer.from(event.hash, 'hex');
        put.run(pos, node, event.seq, event.clock, event.atMs, hash, event.json);
      }
      for (const { sql } of indexes) db.exec(sql);
      return wrong.length;
    })
    .immediate();
}

function isSame(row: StoredRow | null | undefined, node: NodeId, event: ChainedEvent): boolean {
  return (
    row?.node === node &&
    row.seq === event.seq &&
    row.clock === event.clock &&
    row.at_ms === event.atMs &&
    row.body === event.json &&
    row.hash.toString('hex') === event.hash
  );
}
