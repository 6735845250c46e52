import { describe, expect, test } from 'vitest';
import { NodeId, ProjectId, taskId } from '../../../shared/model/ids.ts';
import { describeEvent } from '../../../shared/explain/describe.ts';
import { chainHash, GENESIS } from '../../../electron/store/chain.ts';
import type { CopiedEvent, CopiedRange } from '../../../electron/store/copied.ts';
import { EventStore } from '../../../electron/store/store.ts';
import { openStore, tempHome } from './helpers.ts';
import { cancelled, decided, node, paused } from './samples.ts';

const other = NodeId.parse('n-other');
const signature = new Uint8Array(64).fill(7);

/** A range of another node's log as its writer would have made it. */
function rangeOf(events: readonly CopiedEvent[], from = 1, prev = GENESIS): CopiedRange {
  let hash = prev;
  for (const [at, { clock, atMs, json }] of events.entries())
    hash = chainHash(hash, other, { seq: from + at, clock }, atMs, json);
  return {
    node: other,
    from,
    prev,
    events,
    seal: { seq: from + events.length - 1, hash, signature },
  };
}

function event(clock: number, body: unknown, atMs = 1_000): CopiedEvent {
  return { clock, atMs, json: JSON.stringify(body) };
}

async function taken(store: EventStore, range: CopiedRange): Promise<void> {
  expect(store.receive(range)).toEqual({ kind: 'taken', count: range.events.length });
  await store.flush();
}

describe('events of another node', () => {
  test('raise the clock, get positions of their own, and are shown beside the own ones', async () => {
    const store = openStore();
    store.append([cancelled(1)], 1);
    await taken(store, rangeOf([event(1, cancelled(1, 'a')), event(9, decided([1]))]));
    const [own] = store.append([paused('now')], 2);
    await store.flush();
    expect(own).toMatchObject({ seq: 2, clock: 10, pos: 4 });
    expect(store.read({ task: taskId(1) }).map((one) => `${one.node} ${one.seq}`)).toEqual([
      'n-other 1',
      'n-test 1',
      'n-other 2',
    ]);
    expect(store.read({ task: taskId(1), after: 0 }).map(({ pos }) => pos)).toEqual([1, 2, 3]);
    expect(store.read({ node: other, types: ['decision.made'] }).map(({ seq }) => seq)).toEqual([
      2,
    ]);
    expect(store.read({ node, project: ProjectId.parse('demo') })).toHaveLength(1);
    expect(store.verify()).toEqual({ checked: 2, problem: null });
    expect(store.verify(1, other)).toEqual({ checked: 2, problem: null });
  });

  test('that this node wrote itself, and lost, are found again by the tasks that they decided on', async () => {
    const lost = openStore();
    lost.append([cancelled(1), decided([1])], 1);
    await lost.flush();
    const copy = lost.range(node, 1, 1_000_000);
    if (copy.kind !== 'range') throw new Error('it is all there');
    const { prev, events, end } = copy;
    const store = openStore();
    await taken(store, { node, from: 1, prev, events, seal: { ...end, signature } });
    expect(store.read({ task: taskId(1) })).toEqual(lost.read({ task: taskId(1) }));
    expect(store.read({ task: taskId(1) })).toHaveLength(2);
  });

  test('are all there after a restart, or none of a batch', async () => {
    const home = tempHome();
    const store = EventStore.open(home, node);
    await taken(store, rangeOf([event(1, paused('a')), event(2, paused('b'))]));
    store.close();
    const again = openStore(home);
    expect(again.headOf(other)).toMatchObject({ seq: 2, clock: 2 });
    expect(again.lastSeal(other)?.seq).toBe(2);
    expect(again.append([paused('c')], 1)[0]).toMatchObject({ seq: 1, clock: 3, pos: 3 });
  });

  test('of a type, or in a form, that this version does not know are kept and passed on as they are', async () => {
    const store = openStore();
    const moved = { type: 'task.teleported', task: 'T-7', where: ['here', { and: 'there' }] };
    const grown = { ...paused('x'), mood: 'good' };
    const range = rangeOf([event(1, moved), event(2, grown)]);
    await taken(store, range);
    const [first, second] = store.read();
    expect(first?.body).toEqual({
      type: 'unknown',
      name: 'task.teleported',
      json: JSON.stringify(moved),
    });
    expect(second?.body).toMatchObject({ type: 'unknown', name: 'builds.paused' });
    expect(first && describeEvent(first.body)).toContain('task.teleported');
    expect(store.read({ task: taskId(7) })).toHaveLength(1);
    expect(store.range(other, 1, 1_000)).toEqual({
      kind: 'range',
      prev: GENESIS,
      events: range.events,
      end: { seq: 2, hash: range.seal.hash },
      signature: Buffer.from(signature),
    });
  });

  test('are taken only where they continue the log here', async () => {
    const store = openStore();
    const first = rangeOf([event(1, paused('a')), event(2, paused('b'))]);
    await taken(store, first);
    const next = rangeOf([event(3, paused('c'))], 3, first.seal.hash);
    expect(store.receive(rangeOf([event(9, paused('d'))], 5, first.seal.hash))).toEqual({
      kind: 'gap',
    });
    expect(store.receive(rangeOf([event(3, paused('c'))], 3, GENESIS))).toEqual({
      kind: 'diverged',
      seq: 2,
    });
    expect(store.receive(rangeOf([event(1, paused('a')), event(2, paused('B'))]))).toEqual({
      kind: 'diverged',
      seq: 2,
    });
    expect(store.receive(first)).toEqual({ kind: 'taken', count: 0 });
    await taken(store, next);
  });

  test.each<[string, CopiedRange, string]>([
    [
      'another body than was signed',
      { ...rangeOf([event(1, paused('a'))]), events: [event(1, paused('b'))] },
      'signed',
    ],
    [
      'fewer events than was signed',
      {
        ...rangeOf([event(1, paused('a')), event(2, paused('b'))]),
        events: [event(1, paused('a'))],
      },
      'do not reach',
    ],
    ['a clock that goes back', rangeOf([event(5, paused('a')), event(5, paused('b'))]), 'clock'],
    ['a clock out of proportion', rangeOf([event(2 ** 50, paused('a'))]), 'clock'],
    ['a body that is not JSON', rangeOf([{ clock: 1, atMs: 1, json: '{' }]), 'JSON'],
    ['a body that is no event', rangeOf([event(1, { kind: 'x' })]), 'not an event'],
    [
      'a body nested beyond what SQLite reads',
      rangeOf([
        { clock: 1, atMs: 1, json: `{"type":"x","a":${'['.repeat(2_000)}${']'.repeat(2_000)}}` },
      ]),
      'nested',
    ],
  ])('with %s are refused, and the store goes on', async (_, range, what) => {
    const store = openStore();
    const received = store.receive(range);
    expect(received.kind === 'broken' && received.problem.what).toContain(what);
    await taken(store, rangeOf([event(1, paused('fine'))]));
    expect(store.read()).toHaveLength(1);
  });

  test('report from a time on in the order of history, from every log', async () => {
    const store = openStore();
    await taken(store, rangeOf([event(1, paused('a'), 100), event(2, paused('b'), 300)]));
    store.append([paused('c')], 200);
    store.append([paused('d')], 400);
    await store.flush();
    expect([...store.since(150)].map(({ atMs }) => atMs)).toEqual([300, 200, 400]);
    expect([...store.since(500)]).toEqual([]);
  });
});

test('a hash covers the clock, where it is not the seq anyway', () => {
  const hashes = [1, 2, 11].map((clock) => chainHash(GENESIS, node, { seq: 1, clock }, 1, '{}'));
  expect(new Set(hashes).size).toBe(3);
});
