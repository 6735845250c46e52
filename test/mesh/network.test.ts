import { afterAll, expect, test } from 'vitest';
import { ExplanationView } from '../../shared/model/explanationApi.ts';
import { ReportView } from '../../shared/model/reportApi.ts';
import type { NodeId } from '../../shared/model/ids.ts';
import { DrainView } from '../../shared/model/meshApi.ts';
import type { FleetNode, Roles } from './fleet.ts';
import { checkInvariants } from './invariants.ts';
import { Network } from './network.ts';
import { tellOnFailure, testFleet } from './testFleet.ts';
import { until } from './until.ts';
import { append, Gates } from './work.ts';

const fleet = testFleet();
const network = new Network(fleet.folder);
afterAll(() => network.remove());
const gates = new Gates(fleet.folder);
/** Of the mesh, on every machine. */
const PORT = 4775;
let roles: Roles;
/** Every task that was acknowledged. */
const acknowledged: string[] = [];

async function add(node: FleetNode, ...titles: readonly string[]): Promise<string[]> {
  const ids = await node.add(...titles.map((title) => append(title)));
  acknowledged.push(...ids);
  return ids;
}

/** How long it takes until one node takes the other for gone, ms. */
async function untilLost(by: FleetNode, other: FleetNode): Promise<number> {
  const startMs = performance.now();
  await until(`${by.name} misses ${other.name}`, async () => (await by.sees(other))?.up === false);
  return Math.round(performance.now() - startMs);
}

test('a node whose cable is pulled is missed, works on, and brings what it did when the cable is back', async () => {
  tellOnFailure(fleet);
  roles = await fleet.three('follower', (name) => ({
    place: network.machine(name),
    mesh: { port: PORT },
  }));
  const { leader, home, worker } = roles;
  const before = await add(home, 'before the cut');
  await fleet.untilMerged(before);
  network.cable(worker.name, 'down');
  console.log(`cable pulled → missed: ${await untilLost(leader, worker)} ms`);
  const there = await add(worker, 'made while cut off');
  const here = await add(leader, 'made by the others');
  await until('the result of the one that is cut off waits', async () => {
    const [made] = await Promise.all(there.map((id) => worker.task(id)));
    return made?.status === 'merging';
  });
  await fleet.untilMerged(here, [leader, home]);
  expect(fleet.merged()).toEqual([...before, ...here]);
  network.cable(worker.name, 'up');
  await fleet.whole();
  await fleet.untilMerged(acknowledged);
});

test('a node that hears nobody but is heard is missed, and is back when it hears again', async () => {
  tellOnFailure(fleet);
  const { leader, home, worker } = roles;
  network.deafen(worker.name);
  console.log(`deaf → missed: ${await untilLost(leader, worker)} ms`);
  await untilLost(worker, leader);
  await add(home, 'while one is deaf');
  await fleet.untilMerged(acknowledged, [leader, home]);
  network.clear(worker.name);
  await fleet.whole();
  await fleet.untilMerged(acknowledged);
});

test('with every twentieth packet lost and the leader killed, the work goes on', async () => {
  tellOnFailure(fleet);
  const { leader, home, worker } = roles;
  for (const { name } of fleet.nodes) network.lose(name, 0.05);
  await add(home, 'lossy 1', 'lossy 2');
  await add(worker, 'lossy 3');
  await leader.crash();
  await add(worker, 'lossy 4');
  await fleet.untilMerged(acknowledged, [home, worker]);
  await leader.start();
  await fleet.untilMerged(acknowledged);
  for (const { name } of fleet.nodes) network.clear(name);
  await fleet.whole();
});

test('two nodes that are cut off from each other take the same task: one merge lands, the other shows as done twice', async () => {
  tellOnFailure(fleet);
  const { leader, home, worker } = roles;
  const drain = (by: FleetNode, node: FleetNode, on: boolean) =>
    by.call('POST', `/v1/nodes/${node.id}/drain`, DrainView, { drain: on });
  for (const node of fleet.nodes) await drain(node, node, true);
  await until('all are drained', async () => {
    const { nodes } = await worker.nodes();
    return nodes.every(({ draining }) => draining);
  });
  const title = 'taken twice';
  const [id = ''] = await worker.add(gates.task(title));
  acknowledged.push(id);
  await until('all know the task', async () => {
    const all = await Promise.all(fleet.nodes.map((node) => node.tasks()));
    return all.every((tasks) => tasks.some((task) => task.id === id));
  });
  network.cable(home.name, 'down');
  await untilLost(worker, home);
  await untilLost(home, worker);
  await drain(home, home, false);
  await drain(worker, worker, false);
  await until('both sides run it', async () => {
    const both = await Promise.all([home, worker].map((node) => node.task(id)));
    return both.every(({ status }) => status === 'running');
  });
  gates.open(title);
  await until('one has merged it, the other waits', async () => {
    const [there, here] = await Promise.all([home, worker].map((node) => node.task(id)));
    return there?.status === 'merged' && here?.status === 'merging';
  });
  network.cable(home.name, 'up');
  await fleet.whole();
  await fleet.untilMerged(acknowledged);
  expect(fleet.file('out/taken-twice.txt')).toBe(title);
  await drain(leader, leader, false);
  const { events } = await checkInvariants(fleet);
  const passed = events.filter(({ body }) => body.type === 'attempt.passed' && body.task === id);
  expect(new Set(passed.map(({ node }) => node))).toEqual(new Set([home.id, worker.id]));
  for (const node of fleet.nodes) {
    const { history } = await node.task(id);
    expect(history.map((attempt) => attempt.node).toSorted(), node.name).toEqual(
      [home.id, worker.id].toSorted(),
    );
    // Its work was done twice, and every node tells whose was in vain.
    const { duplicates } = await node.call('GET', '/v1/report?hours=1', ReportView);
    expect(
      duplicates.attempts.filter((attempt) => attempt.task === id),
      node.name,
    ).toMatchObject([{ node: worker.id, merged: { node: home.id } }]);
    expect(duplicates.durationMs, node.name).toBeGreaterThan(0);
    const { execution } = await node.call('GET', `/v1/tasks/${id}/explain`, ExplanationView);
    const told = execution.map(
      ({ node: by, duplicateOf }) => [by, duplicateOf?.node ?? null] as const,
    );
    expect(new Map<NodeId, NodeId | null>(told), node.name).toEqual(
      new Map<NodeId, NodeId | null>([
        [home.id, null],
        [worker.id, home.id],
      ]),
    );
  }
});

test('over a path that takes 200 ms each way all goes on: nobody is missed, and the leader stays', async () => {
  tellOnFailure(fleet);
  await Promise.all(fleet.nodes.map((node) => node.stop()));
  for (const [at, node] of fleet.nodes.entries()) {
    // Where the others know it to be, there is the relay now. Its own port can't be reached from elsewhere.
    const address = network.addressOf(node.name);
    const port = PORT + 1 + at;
    await network.delay(node.name, PORT, port, 200);
    node.configure({ listen: '127.0.0.1', port, addresses: [`${address}:${PORT}`] });
  }
  await Promise.all(fleet.nodes.map((node) => node.start()));
  const led = await fleet.whole();
  const { home, worker } = roles;
  const before = await checkInvariants(fleet);
  const startMs = performance.now();
  await add(worker, 'far 1', 'far 2');
  await add(home, 'far 3', 'far 4');
  await fleet.untilMerged(acknowledged);
  console.log(`four tasks over a slow path: ${Math.round(performance.now() - startMs)} ms`);
  // A human's word goes through as well.
  for (const on of [true, false]) {
    await home.call('POST', `/v1/nodes/${worker.id}/drain`, DrainView, { drain: on });
    await until(`it is ${on ? '' : 'no longer '}drained`, async () => {
      return (await worker.sees(worker))?.draining === on;
    });
  }
  expect(await fleet.whole()).toBe(led);
  const { events } = await checkInvariants(fleet);
  const fresh = events.filter(({ node, seq }) => !before.hashes.has(`${node} ${seq}`));
  const trouble = ['leader.changed', 'peer.lost', 'link.closed', 'attempt.abandoned'];
  expect(fresh.filter(({ body }) => trouble.includes(body.type))).toEqual([]);
  expect(fresh.length).toBeGreaterThan(0);
});
