import pc from 'picocolors';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { ExplanationView } from '../../../../shared/model/explanationApi.ts';
import { TaskId } from '../../../../shared/model/ids.ts';
import {
  DrainView,
  InvitationView,
  JoinedView,
  LeftView,
  NodeView,
  NodesView,
  RevokedView,
} from '../../../../shared/model/meshApi.ts';
import { renderExplanation } from '../../../../electron/cli/render/explain.ts';
import type { Look } from '../../../../electron/cli/render/look.ts';
import { findNode } from '../../../../electron/node/views/nodes.ts';
import { allLinked, until } from '../../mesh/helpers.ts';
import { specOf } from '../../../shared/explain/log.ts';
import { MeshNode } from './meshNode.ts';

const look: Look = { width: Infinity, colours: pc.createColors(false), nowMs: 0, command: 'vigil' };

async function pair(): Promise<{ studio: MeshNode; laptop: MeshNode }> {
  const [studio, laptop] = await Promise.all([MeshNode.start('studio'), MeshNode.start('laptop')]);
  const { line } = await studio.call('POST', '/v1/mesh/invitations', InvitationView);
  await laptop.call('POST', '/v1/mesh/join', JoinedView, { line });
  await allLinked(studio.links, laptop.links);
  return { studio, laptop };
}

const nodesOf = async (node: MeshNode) => (await node.call('GET', '/v1/nodes', NodesView)).nodes;

test('a line from one node lets the other in, and both see each other', async () => {
  const [studio, laptop] = await Promise.all([MeshNode.start('studio'), MeshNode.start('laptop')]);
  const before = Date.now();
  const { line, untilMs } = await studio.call('POST', '/v1/mesh/invitations', InvitationView);
  expect(untilMs - before).toBeGreaterThan(9 * 60_000);
  expect(untilMs - Date.now()).toBeLessThanOrEqual(10 * 60_000);
  const joined = await laptop.call('POST', '/v1/mesh/join', JoinedView, { line });
  expect(joined).toEqual({ node: 'laptop', inviter: 'machine of studio' });
  await until(() => studio.links.mesh.links.open.size === 1);
  expect((await nodesOf(studio)).map(({ id, self, up }) => [id, self, up])).toEqual([
    ['studio', true, true],
    ['laptop', false, true],
  ]);
  expect((await nodesOf(laptop)).map(({ id }) => id)).toEqual(['laptop', 'studio']);
});

test('who leads comes with the term and the reason; a node in no mesh says nothing of it', async () => {
  const node = await MeshNode.start('studio');
  expect(await node.call('GET', '/v1/nodes', NodesView)).toMatchObject({ leadership: null });
  node.ledger.record(
    { type: 'mesh.entered', name: 'studio', slot: 0, floor: 0, inviter: null },
    { type: 'leader.changed', leader: node.ledger.store.node, term: 3, reason: 'it is the best' },
  );
  expect(await node.call('GET', '/v1/nodes', NodesView)).toMatchObject({
    leadership: { leader: 'studio', term: 3, reason: 'it is the best' },
    nodes: [{ id: 'studio', leads: true }],
  });
});

test('a node is drained, and takes work again, by its name or its id', async () => {
  const { studio } = await pair();
  const path = `/v1/nodes/${encodeURIComponent('machine of studio')}`;
  expect(await studio.call('POST', `${path}/drain`, DrainView, { drain: true })).toEqual({
    node: 'studio',
    name: 'machine of studio',
    draining: true,
  });
  expect((await studio.call('GET', path, NodeView)).draining).toBe(true);
  await studio.call('POST', '/v1/nodes/studio/drain', DrainView, { drain: false });
  expect((await studio.call('GET', path, NodeView)).draining).toBe(false);
});

test('of two nodes with one name the id is asked for', () => {
  const twins = ['n-one', 'n-two'].map((id) => ({ id, name: 'Mac' }) as NodeView);
  expect(() => findNode(twins, 'mac')).toThrow('several nodes are called mac: n-one, n-two');
  expect(findNode(twins, 'n-two')).toBe(twins[1]);
});

test('a task of which the logs are still to come is told by a node that has them, and says so', async () => {
  const { studio, laptop } = await pair();
  const spec = specOf(TaskId.parse('T-1'));
  await studio.ledger.commit({ type: 'task.added', task: spec.id, project: spec.project, spec });
  const explain = (node: MeshNode) => node.call('GET', '/v1/tasks/T-1/explain', ExplanationView);
  const told = await explain(studio);
  expect(told.toldBy).toBeNull();
  const { headline, outcome, events } = told;
  const story = await explain(laptop);
  expect(story).toMatchObject({ headline, outcome, events, toldBy: 'studio' });
  expect(renderExplanation(story, look).join('\n')).toContain('Told by studio, whose logs are');
  expect(await laptop.refusal('GET', '/v1/tasks/T-2/explain')).toEqual([
    404,
    'not-found',
    expect.any(String),
  ]);
  // Away, nobody tells it; and nobody waits long.
  await studio.links.mesh.stop();
  await until(() => laptop.links.mesh.links.open.size === 0);
  expect(await laptop.refusal('GET', '/v1/tasks/T-1/explain')).toEqual([
    404,
    'not-found',
    expect.any(String),
  ]);
});

test('a node that is revoked is out on both sides; this node itself can only leave', async () => {
  const { studio, laptop } = await pair();
  expect(await studio.refusal('POST', '/v1/nodes/studio/revoke')).toEqual([
    400,
    'invalid-input',
    expect.stringContaining('vigil leave'),
  ]);
  expect(await studio.call('POST', '/v1/nodes/laptop/revoke', RevokedView)).toEqual({
    revoked: 'laptop',
    name: 'machine of laptop',
  });
  await until(() => laptop.links.mesh.links.open.size === 0);
  expect((await nodesOf(studio)).map(({ id }) => id)).toEqual(['studio']);
});

test('a node that leaves is gone for the others', async () => {
  const { studio, laptop } = await pair();
  expect(await laptop.call('POST', '/v1/mesh/leave', LeftView)).toEqual({ left: 'laptop' });
  await until(() => studio.links.mesh.links.open.size === 0);
  expect((await nodesOf(studio)).map(({ id }) => id)).toEqual(['studio']);
});

test('what is wrong is named with a way on, by the status of its kind', async () => {
  const { studio, laptop } = await pair();
  const { line } = await studio.call('POST', '/v1/mesh/invitations', InvitationView);
  const join = (text: string) => laptop.refusal('POST', '/v1/mesh/join', { line: text });
  expect(await join(line)).toMatchObject([409, 'already-member', expect.any(String)]);
  expect(await join(line.slice(0, 40))).toMatchObject([
    400,
    'invitation-damaged',
    expect.stringContaining('Copy the whole line'),
  ]);
  expect(await studio.refusal('GET', '/v1/nodes/none')).toMatchObject([
    404,
    'not-found',
    expect.stringContaining('machine of laptop (laptop)'),
  ]);
  expect(await studio.refusal('POST', '/v1/nodes/laptop/drain', {})).toMatchObject([
    400,
    'invalid-input',
    expect.any(String),
  ]);
});

test('without a running node the others are listed as away, and everything else says to start it', async () => {
  const home = await MeshNode.start('studio', { lone: true });
  home.ledger.record({
    type: 'peer.changed',
    peer: (await MeshNode.start('laptop')).ledger.store.node,
    name: 'Laptop',
    version: '1.0.0',
    concurrency: { agent: 2, cheap: 1 },
    capabilities: ['macos'],
    fitness: null,
    draining: true,
    choices: [],
  });
  expect(
    (await nodesOf(home)).map(({ id, up, draining, slots }) => [id, up, draining, slots.agent]),
  ).toEqual([
    ['studio', false, false, { used: 0, max: 1 }],
    ['laptop', false, true, { used: 0, max: 2 }],
  ]);
  expect(await home.call('GET', '/v1/nodes/LAPTOP', NodeView)).toMatchObject({ name: 'Laptop' });
  for (const [path, body] of [
    ['/v1/mesh/invitations'],
    ['/v1/mesh/join', { line: 'vigil1.x' }],
    ['/v1/mesh/leave'],
    ['/v1/nodes/laptop/revoke'],
    ['/v1/nodes/laptop/drain', { drain: true }],
  ] as const)
    expect(await home.refusal('POST', path, body)).toEqual([
      503,
      'node-unreachable',
      expect.stringContaining('`vigil up`'),
    ]);
});

test('the paths are in the description of the API', async () => {
  const node = await MeshNode.start('studio', { lone: true });
  const { paths } = await node.call(
    'GET',
    '/v1/openapi.json',
    z.object({ paths: z.record(z.string(), z.unknown()) }),
  );
  expect(Object.keys(paths)).toEqual(
    expect.arrayContaining([
      '/v1/nodes',
      '/v1/nodes/{node}',
      '/v1/nodes/{node}/drain',
      '/v1/nodes/{node}/revoke',
      '/v1/mesh/invitations',
      '/v1/mesh/join',
      '/v1/mesh/leave',
    ]),
  );
});
