import { describe, expect, test } from 'vitest';
import Database from 'better-sqlite3';
import { closeSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { NodeId, ProjectId, taskId } from '../../../shared/model/ids.ts';
import { GENESIS } from '../../../electron/store/chain.ts';
import { EventStore } from '../../../electron/store/store.ts';
import { errorOf, openStore, tempHome } from './helpers.ts';
import { cancelled, decided, node, paused, taskRow } from './samples.ts';

const seqs = (events: { seq: number }[]): number[] => events.map((event) => event.seq);

describe('the event log', () => {
  test('gives each event its place at once, and shows it once it is durable', async () => {
    const store = openStore();
    const events = store.append([cancelled(1), cancelled(2)], 5_000);
    expect(seqs(events)).toEqual([1, 2]);
    expect(events[0]?.prev).toBe(GENESIS);
    expect(events[1]?.prev).toBe(events[0]?.hash);
    expect(store.head).toEqual({ seq: 2, hash: events[1]?.hash, clock: 2, pos: 2 });
    expect(store.read()).toEqual([]);
    await store.flush();
    expect(store.read()).toEqual(events);
  });

  test('goes on after a restart where it ended, under the same node', async () => {
    const home = tempHome();
    const first = EventStore.open(home, null);
    first.append([cancelled(1)], 1);
    await first.flush();
    first.close();
    const second = openStore(home, null);
    expect(second.node).toBe(first.node);
    expect(second.node).toMatch(/^n-[a-z0-9]{6}$/);
    expect(second.head).toEqual(first.head);
    expect(second.append([cancelled(2)], 2)[0]).toMatchObject({ seq: 2, prev: first.head.hash });
  });

  test('close writes what was pending, and settles who waited', async () => {
    const home = tempHome();
    const store = EventStore.open(home, node);
    store.append([cancelled(1)], 1);
    const flushed = store.flush();
    store.close();
    await flushed;
    expect(openStore(home).head.seq).toBe(1);
  });

  test('callers that flush together share one transaction', async () => {
    const store = openStore();
    store.append([cancelled(1)], 1);
    const first = store.flush();
    store.append([cancelled(2)], 1);
    expect(store.flush()).toBe(first);
    await first;
    expect(seqs(store.read())).toEqual([1, 2]);
    await expect(store.flush()).resolves.toBeUndefined();
  });

  test('walks any number of events in pages, and may be written meanwhile', async () => {
    const store = openStore();
    store.append(
      Array.from({ length: 4_500 }, (_, index) => cancelled(index + 1)),
      1,
    );
    await store.flush();
    let seen = 10;
    for (const event of store.iterate(10)) {
      seen += 1;
      expect(event.seq).toBe(seen);
      if (seen === 100) {
        store.append([paused('lunch')], 2);
        await store.flush();
      }
    }
    expect(seen).toBe(4_501);
  });
});

describe('queries', () => {
  async function filled(): Promise<EventStore> {
    const store = openStore();
    const other = ProjectId.parse('other');
    store.append(
      [
        cancelled(1), // 1
        decided([1, 12], [2]), // 2
        paused('lunch'), // 3
        cancelled(2, 'r', other), // 4
        cancelled(12), // 5
        paused('night'), // 6
        cancelled(1), // 7
      ],
      1,
    );
    await store.flush();
    return store;
  }

  test.each([
    ['a task, with the decisions that dispatched it', { task: taskId(1) }, [1, 2, 7]],
    ['a task that a decision passed over', { task: taskId(2) }, [4]],
    ['a task and types', { task: taskId(1), types: ['decision.made' as const] }, [2]],
    ['a task and another project', { task: taskId(1), project: ProjectId.parse('other') }, []],
    [
      'a task, newest first, limited',
      { task: taskId(1), order: 'desc' as const, limit: 2 },
      [7, 2],
    ],
    ['a task in a range', { task: taskId(1), after: 1, before: 7 }, [2]],
    ['a project', { project: ProjectId.parse('other') }, [4]],
    [
      'a project, newest first, limited',
      { project: ProjectId.parse('demo'), order: 'desc' as const, limit: 2 },
      [7, 5],
    ],
    ['types', { types: ['builds.paused' as const, 'decision.made' as const] }, [2, 3, 6]],
    [
      'types, newest first, limited',
      {
        types: ['builds.paused' as const, 'task.cancelled' as const],
        order: 'desc' as const,
        limit: 3,
      },
      [7, 6, 5],
    ],
    [
      'a type and a project',
      { types: ['task.cancelled' as const], project: ProjectId.parse('demo'), limit: 2 },
      [1, 5],
    ],
    ['no type at all', { types: [] }, []],
    ['a range', { after: 2, before: 5 }, [3, 4]],
    ['the last ones', { order: 'desc' as const, limit: 2 }, [7, 6]],
  ])('finds events of %s', async (_, query, expected) => {
    expect(seqs((await filled()).read(query))).toEqual(expected);
  });

  test('gives the hash before each event, also when that event is not asked for', async () => {
    const store = await filled();
    const all = store.read();
    expect(store.read({ task: taskId(12), after: 2 })[0]?.prev).toBe(all[3]?.hash);
  });
});

describe('the view of tasks', () => {
  test('becomes visible with the events that changed it, and lists by project and status', async () => {
    const store = openStore();
    store.append([cancelled(10)], 1);
    store.putTasks([taskRow(10), taskRow(9), taskRow(2, { project: ProjectId.parse('other') })]);
    store.putTasks([
      taskRow(9, { status: 'failed', failure: 'tests', endedAtMs: 2_000, quality: 0.5 }),
    ]);
    expect(store.getTask(taskId(10))).toBeNull();
    await store.flush();
    expect(store.listTasks().map((row) => row.id)).toEqual(['T-2', 'T-9', 'T-10']);
    expect(store.listTasks({ statuses: ['open'], project: ProjectId.parse('demo') })).toEqual([
      taskRow(10),
    ]);
    expect(store.listTasks({ order: 'desc', limit: 1, offset: 1 }).map((row) => row.id)).toEqual([
      'T-9',
    ]);
    expect(store.getTask(taskId(9))).toMatchObject({
      status: 'failed',
      failure: 'tests',
      quality: 0.5,
    });
    expect(store.countTasks()).toEqual([
      { project: 'demo', status: 'failed', count: 1 },
      { project: 'demo', status: 'open', count: 1 },
      { project: 'other', status: 'open', count: 1 },
    ]);
  });
});

describe('processes of this machine', () => {
  test('are remembered until removed, and told apart by their run', () => {
    const home = tempHome();
    const store = EventStore.open(home, node);
    const row = { run: 'a', pid: 77, identity: '12345', task: taskId(3), attempt: 1 };
    store.local.processes.put(row);
    store.local.processes.put({ ...row, run: 'b', identity: null });
    store.close();
    const again = openStore(home);
    expect(again.local.processes.list()).toHaveLength(2);
    again.local.processes.remove('b');
    expect(again.local.processes.list()).toEqual([row]);
  });
});

describe('opening', () => {
  test('refuses a log that belongs to another node', async () => {
    const home = tempHome();
    EventStore.open(home, node).close();
    expect((await errorOf(() => EventStore.open(home, NodeId.parse('n-else')))).code).toBe(
      'conflict',
    );
  });

  test('for reading only, shows the log beside its writer and changes nothing', async () => {
    const home = tempHome();
    const writer = openStore(home);
    const reader = EventStore.open(home, null, { readOnly: true });
    writer.append([cancelled(1)], 1);
    await writer.flush();
    expect(seqs(reader.read())).toEqual([1]);
    expect((await errorOf(() => reader.append([cancelled(2)], 1))).code).toBe('misuse');
    reader.close();
  });

  test('for reading only, says that there is nothing', async () => {
    const error = await errorOf(() => EventStore.open(tempHome(), null, { readOnly: true }));
    expect(error.code).toBe('not-found');
  });

  test('names a file that is not a database, or is one of another program', async () => {
    const noise = tempHome();
    writeFileSync(
      join(noise, 'vigil.db'),
      'not a database, but long enough to be read as one'.repeat(20),
    );
    const error = await errorOf(() => EventStore.open(noise, null));
    expect(error.code).toBe('store-corrupt');
    expect(error.help).toContain('backup');

    const foreign = tempHome();
    const db = new Database(join(foreign, 'vigil.db'));
    db.exec('CREATE TABLE songs (title TEXT)');
    db.close();
    expect((await errorOf(() => EventStore.open(foreign, null))).code).toBe('store-corrupt');
  });

  test('names a log whose last event was altered, before anything is built on it', async () => {
    const home = tempHome();
    const store = EventStore.open(home, node);
    store.append([cancelled(1)], 1);
    store.close();
    const db = new Database(join(home, 'vigil.db'));
    db.exec(`UPDATE events SET body = replace(body, 'ana', 'eve')`);
    db.close();
    expect((await errorOf(() => EventStore.open(home, null))).code).toBe('store-corrupt');
  });

  test('names pages that were overwritten, when they are read', async () => {
    const home = tempHome();
    const store = EventStore.open(home, node);
    store.append(
      Array.from({ length: 500 }, (_, index) => cancelled(index + 1)),
      1,
    );
    store.close();
    const db = new Database(join(home, 'vigil.db'));
    const root = Number(
      db.prepare(`SELECT rootpage FROM sqlite_schema WHERE name = 'tasks'`).pluck().get(),
    );
    db.close();
    const file = openSync(join(home, 'vigil.db'), 'r+');
    writeSync(file, Buffer.alloc(4_096, 0x5a), 0, 4_096, (root - 1) * 4_096);
    closeSync(file);
    const damaged = openStore(home);
    expect((await errorOf(() => damaged.listTasks())).code).toBe('store-corrupt');
  });
});
