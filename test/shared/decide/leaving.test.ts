import fc from 'fast-check';
import { expect, test } from 'vitest';
import { waitsOf } from '../../../shared/decide/waiting.ts';
import { nextChangeMs } from '../../../shared/decide/nextChange.ts';
import { NodeId, type TaskId } from '../../../shared/model/ids.ts';
import { World } from '../../../shared/world/world.ts';
import type { WorldData } from '../../../shared/world/worldData.ts';
import { app, mac, Site, T } from './site.ts';

const box = NodeId.parse('n-box');
const db = { dependencies: [{ type: 'resource' as const, resource: 'db' }] };
const FIT = { any: true, heavy: true, steady: true, troubles: [] };

function cancel(site: Site, number: number): void {
  site.add({ type: 'task.cancelled', task: T(number), project: app, who: 'alex', reason: '' });
}

/** A site that leads a mesh of itself, which takes no work, and another node. */
function withPeer(slots = 2): Site {
  const site = Site.with({ cheap: 0, agent: 0 })
    .add({ type: 'mesh.entered', name: 'mac', slot: 0, floor: 0, inviter: null })
    .add({ type: 'leader.changed', leader: mac, term: 1, reason: '' });
  return connect(site, slots);
}

function connect(site: Site, slots = 2): Site {
  return site.add({
    ...{ type: 'peer.changed', peer: box, name: 'box', version: '1', capabilities: [] },
    ...{ concurrency: { cheap: slots, agent: 0 }, fitness: FIT, draining: false, choices: [] },
  });
}

test('a node that has left its mesh goes on alone with its own slots', () => {
  const site = Site.with({ cheap: 1 })
    .add({ type: 'mesh.entered', name: 'mac', slot: 0, floor: 0, inviter: null })
    .add({ type: 'leader.changed', leader: box, term: 1, reason: '' });
  connect(site).task(1);
  expect(site.start()).toEqual([]);
  site
    .add({ type: 'mesh.left', reason: 'alex left it' })
    .add({ type: 'member.revoked', peer: mac, name: 'mac', cut: 3, by: [] })
    .add({ type: 'peer.lost', peer: box, reason: '' })
    .add({ type: 'leader.changed', leader: null, term: 1, reason: '' });
  expect([...site.world.nodes.keys()]).toEqual([mac]);
  expect(site.start()).toEqual([T(1)]);
});

test('a cancelled task keeps its resource until its node says that its attempt has ended', () => {
  const site = Site.with({ cheap: 2 }).task(1, db).task(2, db);
  expect(site.start()).toEqual([T(1)]);
  cancel(site, 1);
  expect(site.start()).toEqual([]);
  const task = site.world.tasks.get(T(2));
  const [wait] = task ? waitsOf(site.world, task, site.nowMs) : [];
  expect(wait).toMatchObject({ kind: 'resource', task: T(1) });
  expect(wait?.text).toBe(
    'Waits until mac-1 has stopped T-1, which no longer counts and may still hold what this needs.',
  );
  site.failed(1, true);
  expect(site.start()).toEqual([T(2)]);
});

test('it keeps its scope and its slot as well, and frees what waits for its end', () => {
  const site = Site.with({ cheap: 1 })
    .task(1, { scope: ['src/**'] })
    .task(2);
  expect(site.start()).toEqual([T(1)]);
  cancel(site, 1);
  expect(site.start()).toEqual([]);
  site.failed(1, true);
  expect(site.start()).toEqual([T(2)]);
});

test('what another node still stops is held until that node is gone for as long as work is its own', () => {
  const site = withPeer().task(1, db).task(2, db);
  expect(site.start()).toEqual([T(1)]);
  cancel(site, 1);
  expect(site.start()).toEqual([]);
  site.add({ type: 'peer.lost', peer: box, reason: '' });
  site.node(mac, { cheap: 2 }).add({ type: 'leader.changed', leader: mac, term: 2, reason: '' });
  expect(site.start()).toEqual([]);
  const nextMs = nextChangeMs(site.world, site.nowMs);
  expect(nextMs).toBeGreaterThan(site.nowMs);
  site.wait((nextMs ?? 0) - site.nowMs);
  expect(site.start()).toEqual([T(2)]);
});

test('a node that was put out holds nothing', () => {
  const site = withPeer().task(1, db).task(2, db);
  expect(site.start()).toEqual([T(1)]);
  cancel(site, 1);
  site.add({ type: 'member.revoked', peer: box, name: 'box', cut: 9, by: [] });
  site.node(mac, { cheap: 2 }).add({ type: 'leader.changed', leader: mac, term: 2, reason: '' });
  expect(site.start()).toEqual([T(2)]);
});

test('what was given to a node and cancelled before it began is held until the node has answered', () => {
  const site = Site.with({ cheap: 2 }).task(1, db).task(2, db);
  const { dispatches } = site.decide();
  expect(dispatches.map(({ task }) => task)).toEqual([T(1)]);
  site.add({
    ...{ type: 'task.dispatched', task: T(1), project: app, score: 0, reason: '' },
    assignment: {
      ...{ attempt: 1, node: mac, term: 0, by: mac, atMs: site.nowMs, timeoutMs: 1 },
      ...{ fallbacks: [], expected: { pSuccess: 1, durationMs: 1 } },
    },
    priority: site.world.graph.priority(T(1), site.nowMs),
    alternatives: [],
  });
  cancel(site, 1);
  expect(site.start()).toEqual([]);
  site.failed(1, true);
  expect(site.world.leaving.size).toBe(0);
  expect(site.start()).toEqual([T(2)]);
});

test('a snapshot keeps what is still being stopped', () => {
  const site = Site.with({ cheap: 2 }).task(1, db).task(2, db);
  site.start();
  cancel(site, 1);
  const restored = World.from(JSON.parse(JSON.stringify(site.world)) as WorldData);
  expect([...restored.leaving.keys()]).toEqual([T(1)]);
});

test('whatever is cancelled and whenever it stops: no resource, scope or slot is ever held twice', () => {
  const acts = fc.array(
    fc.record({
      act: fc.constantFrom('add', 'cancel', 'stop', 'pass', 'lose', 'find'),
      pick: fc.nat(),
      resource: fc.boolean(),
      wide: fc.boolean(),
    }),
    { maxLength: 40 },
  );
  fc.assert(
    fc.property(acts, (steps) => {
      const slots = 2;
      const site = withPeer(slots);
      const atWork = new Map<TaskId, { resource: boolean; wide: boolean }>();
      const wishes = new Map<TaskId, { resource: boolean; wide: boolean }>();
      let number = 0;
      const at = <V>(all: Iterable<V>, pick: number): V | undefined => {
        const list = [...all];
        return list[pick % Math.max(1, list.length)];
      };
      for (const { act, pick, resource, wide } of steps) {
        site.wait(100);
        const id = at(atWork.keys(), pick);
        const open = at(site.world.tasks.keys(), pick);
        const idNumber = id === undefined ? 0 : Number(id.slice(2));
        if (act === 'add') {
          number += 1;
          wishes.set(T(number), { resource, wide });
          site.task(number, {
            ...(resource ? db : {}),
            scope: [wide ? 'src/**' : `docs/${number}/**`],
          });
        }
        if (act === 'cancel' && open !== undefined) cancel(site, Number(open.slice(2)));
        // What was cancelled says in the end that it has failed; what was not may as well.
        if ((act === 'stop' || act === 'pass') && id !== undefined) {
          const isOpen = site.world.tasks.has(id);
          if (act === 'pass' && isOpen) site.passed(idNumber);
          else site.failed(idNumber, true);
          atWork.delete(id);
        }
        if (act === 'lose') site.add({ type: 'peer.lost', peer: box, reason: '' });
        if (act === 'find') connect(site, slots);
        for (const begun of site.start()) {
          const wish = wishes.get(begun);
          if (!wish) throw new Error(`${begun} was never asked for`);
          for (const [other, held] of atWork) {
            expect(other).not.toBe(begun);
            expect(held.resource && wish.resource).toBe(false);
            expect(held.wide && wish.wide).toBe(false);
          }
          atWork.set(begun, wish);
        }
        expect(atWork.size).toBeLessThanOrEqual(slots);
      }
    }),
    { numRuns: 200 },
  );
});
