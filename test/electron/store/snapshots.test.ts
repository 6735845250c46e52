import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { EventStore } from '../../../electron/store/store.ts';
import { errorOf, openStore, tempHome } from './helpers.ts';
import { cancelled, node } from './samples.ts';

/** A home with snapshots at events 1 to 4. */
function home(): string {
  const path = tempHome();
  const store = EventStore.open(path, node);
  for (const number of [1, 2, 3, 4]) {
    store.append([cancelled(number)], 1);
    store.saveSnapshot('world', number, `state ${number}`);
  }
  store.close();
  return path;
}

function change(path: string, sql: string): void {
  const db = new Database(join(path, 'vigil.db'));
  db.exec(sql);
  db.close();
}

test('the newest snapshot comes back after a restart, with all events before it', () => {
  const store = openStore(home());
  expect(store.loadSnapshot('world')).toEqual({ pos: 4, state: 'state 4' });
  expect(store.loadSnapshot('other')).toBeNull();
  expect([...store.iterate(4)]).toEqual([]);
});

test('a snapshot of another format version is ignored', () => {
  const store = openStore(home());
  store.saveSnapshot('world', 4, 'new state', 2);
  expect(store.loadSnapshot('world', 2)?.state).toBe('new state');
  expect(store.loadSnapshot('world', 1)?.state).toBe('state 3');
  expect(store.loadSnapshot('world', 3)).toBeNull();
});

test('the last two are kept, so that a damaged one is replaced by the one before', () => {
  const path = home();
  change(path, `UPDATE snapshots SET state = 'garbage' WHERE pos = 4`);
  expect(openStore(path).loadSnapshot('world')).toEqual({ pos: 3, state: 'state 3' });
  const other = home();
  change(other, `DELETE FROM snapshots WHERE pos > 2`);
  expect(openStore(other).loadSnapshot('world')).toBeNull();
});

test('a snapshot of another log, or beyond the end of this one, is ignored', () => {
  const path = home();
  change(path, 'DELETE FROM events WHERE seq > 3');
  expect(openStore(path).loadSnapshot('world')?.pos).toBe(3);
});

test('a snapshot at an event that does not exist is refused', async () => {
  const store = openStore(home());
  expect((await errorOf(() => store.saveSnapshot('world', 5, ''))).code).toBe('not-found');
});
