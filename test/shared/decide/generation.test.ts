import { expect, test } from 'vitest';
import { NodeId } from '../../../shared/model/ids.ts';
import { app, mac, Site, T } from './site.ts';

const linux = NodeId.parse('linux-1');

/** Two nodes of one slot each, both at work; so many tasks more could start beside them. */
function fleet(startable: number): Site {
  const site = Site.with({ cheap: 1, agent: 0 }).node(linux, { cheap: 1, agent: 0 });
  for (let number = 1; number <= 2; number += 1) site.task(number);
  expect(site.start()).toHaveLength(2);
  for (let number = 3; number < 3 + startable; number += 1) site.task(number);
  return site;
}

test('a fleet at work looks for more before a slot of it is idle', () => {
  const { generate, decision } = fleet(1).decide();
  expect(generate).toEqual([app]);
  expect(decision.candidates).toContainEqual(
    expect.objectContaining({ action: { kind: 'generate', project: app }, selected: true }),
  );
});

test('a fleet does not look for more while a task waits for each of its slots', () => {
  expect(fleet(2).decide().generate).toEqual([]);
});

test('tasks whose files others hold are no work at hand', () => {
  const site = fleet(0);
  for (let number = 3; number <= 5; number += 1) site.task(number, { scope: ['src/1/**'] });
  expect(site.decide().generate).toEqual([app]);
});

test('where very many wait for what others hold, more of them would not help', () => {
  const site = fleet(0);
  for (let number = 3; number <= 12; number += 1) site.task(number, { scope: ['src/1/**'] });
  expect(site.decide().generate).toEqual([]);
});

test('what is about to start is no longer at hand', () => {
  const site = fleet(2).passed(1);
  expect(site.decide()).toMatchObject({ dispatches: [{ task: T(3) }], generate: [app] });
});

test('a lone node at work waits until its work is in the tree', () => {
  const site = Site.with({ cheap: 1, agent: 0 }).task(1);
  expect(site.start()).toEqual([T(1)]);
  expect(site.decide().generate).toEqual([]);
  expect(site.passed(1).decide().generate).toEqual([app]);
});

test('a node that is leaving or gone makes no fleet', () => {
  const drained = fleet(0).add({ type: 'node.drained', node: linux, who: 'alex', drain: true });
  expect(drained.decide().generate).toEqual([]);
});

test('a home that does not lead looks ahead too, and not while enough waits for the leader', () => {
  const follows = (site: Site) =>
    site
      .add({ type: 'mesh.entered', name: 'mac', slot: 0, floor: 0, inviter: null })
      .add({ type: 'leader.changed', leader: linux, term: 1, reason: '' });
  expect(follows(fleet(1)).decide()).toMatchObject({ dispatches: [], generate: [app] });
  expect(follows(fleet(2)).decide()).toMatchObject({ dispatches: [], generate: [] });
});

test('each node that works beside the first brings as many initiatives forward', () => {
  const site = Site.with({ cheap: 1, agent: 0, limits: { openInitiatives: 1 } });
  const origin = { kind: 'gap' as const, detector: 'd', evidence: '', score: 1 };
  site.task(1, { origin: { ...origin, fingerprint: 'a', cycle: 1 }, capabilities: ['xcode'] });
  expect(site.decide()).toMatchObject({ generate: [], rails: [{ value: 1, max: 1 }] });
  site.node(linux, { cheap: 1, agent: 0 });
  expect(site.decide()).toMatchObject({ generate: [app], rails: [] });
  site.task(2, { origin: { ...origin, fingerprint: 'b', cycle: 2 }, capabilities: ['xcode'] });
  expect(site.decide()).toMatchObject({ generate: [], rails: [{ value: 2, max: 2 }] });
  expect(site.world.nodes.get(mac)?.up).toBe(true);
});
