import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { taskId } from '../../../shared/model/ids.ts';
import { migrate, MIGRATIONS, schemaVersion } from '../../../electron/store/migrations.ts';
import { EventStore } from '../../../electron/store/store.ts';
import { errorOf, openStore, tempHome } from './helpers.ts';
import { cancelled, node } from './samples.ts';

test('a file of version 1, as it was released, opens with all that it holds', async () => {
  const home = tempHome();
  const db = new Database(join(home, 'vigil.db'));
  db.exec(readFileSync(new URL('fixtures/version-1.sql', import.meta.url), 'utf8'));
  db.close();
  const store = openStore(home, null);
  expect(store.node).toBe('n-test');
  expect(store.verify()).toEqual({ checked: 3, problem: null });
  expect(store.read({ task: taskId(1) }).map((event) => event.seq)).toEqual([1, 2]);
  expect(store.getTask(taskId(1))?.title).toBe('Task 1');
  expect(store.loadSnapshot('world')).toEqual({ pos: 3, state: '{}' });
  expect(store.head).toMatchObject({ seq: 3, clock: 3, pos: 3 });
  expect([...store.iterate()].map(({ node, clock, pos }) => ({ node, clock, pos }))).toEqual(
    [1, 2, 3].map((seq) => ({ node: 'n-test', clock: seq, pos: seq })),
  );
  const [next] = store.append([cancelled(2)], 1);
  expect(next).toMatchObject({ seq: 4, clock: 4, pos: 4 });
  await store.flush();
  expect(store.verify().checked).toBe(4);
});

test('a file of a newer version is refused and left as it was', async () => {
  const home = tempHome();
  EventStore.open(home, node).close();
  const db = new Database(join(home, 'vigil.db'));
  db.pragma('user_version = 99');
  db.close();
  const error = await errorOf(() => EventStore.open(home, null));
  expect(error.code).toBe('store-too-new');
  expect(error.message).toContain('99');
});

test('only the versions that are missing run, and one that fails leaves the version before', () => {
  const db = new Database(':memory:');
  migrate(db);
  expect(schemaVersion(db)).toBe(MIGRATIONS.length);
  migrate(db, [...MIGRATIONS, 'CREATE TABLE extra (a)']);
  expect(schemaVersion(db)).toBe(MIGRATIONS.length + 1);
  const broken = [...MIGRATIONS, 'CREATE TABLE extra (a)', 'CREATE TABLE half (a); SELECT nothing'];
  expect(() => migrate(db, broken)).toThrow();
  expect(schemaVersion(db)).toBe(MIGRATIONS.length + 1);
  expect(db.prepare(`SELECT count(*) FROM sqlite_schema WHERE name = 'half'`).pluck().get()).toBe(
    0,
  );
});
