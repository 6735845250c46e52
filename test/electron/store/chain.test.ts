import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { EventStore } from '../../../electron/store/store.ts';
import type { ChainReport } from '../../../electron/store/chainReport.ts';
import { openStore, tempHome } from './helpers.ts';
import { cancelled, node, paused } from './samples.ts';

const EVENTS = 40;

/** A home with a closed log of `EVENTS` events. */
function logged(): string {
  const home = tempHome();
  const store = EventStore.open(home, node);
  store.append(
    Array.from({ length: EVENTS }, (_, index) => cancelled(index + 1, `reason ${index}`)),
    1_000,
  );
  store.close();
  return home;
}

/** What an open store says of its log after it was changed behind its back. */
function verifyAfter(tamper: (db: Database.Database) => void): ChainReport {
  const home = logged();
  const store = openStore(home);
  const db = new Database(join(home, 'vigil.db'));
  tamper(db);
  db.close();
  return store.verify();
}

const anySeq = fc.integer({ min: 1, max: EVENTS });
// Each run makes a file of its own.
const RUNS = { numRuns: 25 };

describe('the hash chain', () => {
  test('holds for whatever was appended, in whatever batches', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(fc.string({ unit: 'binary' }), { maxLength: 5 }), { maxLength: 8 }),
        async (batches) => {
          const store = openStore();
          for (const [index, batch] of batches.entries()) {
            store.append(batch.map(paused), index);
            if (index % 2 === 0) await store.flush();
          }
          await store.flush();
          const reasons = [...store.iterate()].map(({ body }) =>
            body.type === 'builds.paused' ? body.reason : null,
          );
          expect(reasons).toEqual(batches.flat());
          expect(store.verify()).toEqual({ checked: batches.flat().length, problem: null });
        },
      ),
      RUNS,
    );
  });

  // The last event is checked by `open` itself.
  test('names the event in which a byte was flipped on disk', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: EVENTS - 1 }),
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        (seq, at, mask) => {
          const home = logged();
          const path = join(home, 'vigil.db');
          const json = JSON.stringify(cancelled(seq, `reason ${seq - 1}`));
          const file = readFileSync(path);
          const offset = at % json.length;
          // SQLite leaves stale copies of rows that it moved, so every copy is hit.
          for (let copy = file.indexOf(json); copy !== -1; copy = file.indexOf(json, copy + 1)) {
            file.writeUInt8(file.readUInt8(copy + offset) ^ mask, copy + offset);
          }
          writeFileSync(path, file);
          expect(openStore(home).verify()).toMatchObject({ checked: seq - 1, problem: { seq } });
        },
      ),
      RUNS,
    );
  });

  test.each([
    ['hash', `hash = zeroblob(32)`],
    ['time', `at_ms = at_ms + 1`],
  ])('names the event whose %s was changed', (_, change) => {
    const { problem } = verifyAfter(
      (db) => void db.exec(`UPDATE events SET ${change} WHERE seq = 7`),
    );
    expect(problem?.seq).toBe(7);
  });

  test('names the event that was removed', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: EVENTS - 1 }), (seq) => {
        const { problem } = verifyAfter((db) => {
          db.prepare('DELETE FROM events WHERE seq = ?').run(seq);
        });
        expect(problem).toEqual({ seq, what: 'missing' });
      }),
      RUNS,
    );
  });

  test('names the first of two events that were swapped', () => {
    fc.assert(
      fc.property(anySeq, anySeq, (a, b) => {
        fc.pre(a !== b);
        const { problem } = verifyAfter((db) => {
          const move = db.prepare('UPDATE events SET seq = ? WHERE seq = ?');
          move.run(-1, a);
          move.run(a, b);
          move.run(b, -1);
        });
        expect(problem?.seq).toBe(Math.min(a, b));
      }),
      RUNS,
    );
  });

  test('names a removed end when a snapshot was taken beyond it', () => {
    const home = tempHome();
    const store = EventStore.open(home, node);
    store.append([cancelled(1), cancelled(2), cancelled(3)], 1);
    store.saveSnapshot('world', 3, '{}');
    store.close();
    const db = new Database(join(home, 'vigil.db'));
    db.exec('DELETE FROM events WHERE seq = 3');
    db.close();
    expect(openStore(home).verify().problem?.seq).toBe(3);
  });

  test('is checked from any event on, and names the missing event before it', () => {
    const store = openStore();
    store.append([cancelled(1), cancelled(2), cancelled(3)], 1);
    store.saveSnapshot('world', 3, '{}');
    expect(store.verify(3)).toEqual({ checked: 1, problem: null });
    expect(store.verify(9).problem?.seq).toBe(8);
  });
});
