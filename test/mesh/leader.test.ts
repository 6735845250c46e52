import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { DrainView } from '../../shared/model/meshApi.ts';
import type { FleetNode, Roles } from './fleet.ts';
import { checkInvariants, logsOf } from './invariants.ts';
import { tellOnFailure, testFleet } from './testFleet.ts';
import { until } from './until.ts';
import { append, Gates } from './work.ts';

/** How long the sleeping node sleeps at least, ms. */
const SLEEP_MS = 60_000;

const fleet = testFleet();
const gates = new Gates(fleet.folder);
let roles: Roles;

/** Has one node alone take these tasks, and resolves when it runs them all. */
async function runOn(node: FleetNode, ids: readonly string[]): Promise<void> {
  await until(`${node.name} runs ${ids.join(', ')}`, async () => {
    const tasks = await Promise.all(ids.map((id) => node.task(id)));
    return tasks.every(
      ({ status, history }) => status === 'running' && history.at(-1)?.node === node.id,
    );
  });
}

async function drain(by: FleetNode, node: FleetNode, on: boolean): Promise<void> {
  await by.call('POST', `/v1/nodes/${node.id}/drain`, DrainView, { drain: on });
  await until(`all see that ${node.name} is ${on ? '' : 'no longer '}drained`, async () => {
    const seen = await Promise.all(fleet.nodes.map((each) => each.sees(node)));
    return seen.every((view) => view?.draining === on);
  });
}

test('when the leader is killed at work, another plans, and what it had begun is done elsewhere, once', async () => {
  tellOnFailure(fleet);
  roles = await fleet.three('follower');
  const { leader, home, worker } = roles;
  const others = [home, worker];
  for (const other of others) await drain(leader, other, true);
  const titles = ['left 1', 'left 2'];
  const left = await leader.add(...titles.map((title) => gates.task(title)));
  await runOn(leader, left);
  for (const other of others) await drain(leader, other, false);

  const killedAtMs = Date.now();
  await leader.crash();
  const [next = ''] = await worker.add(append('after'));
  const dispatched = await until('another has dispatched', async () => {
    const found = await worker.events({ task: next, type: 'task.dispatched' });
    return found[0] ?? null;
  });
  console.log(`leader killed → next dispatch: ${dispatched.atMs - killedAtMs} ms`);
  expect(dispatched.node).not.toBe(leader.id);
  const lost = await until('the two were given up', async () => {
    const found = await worker.events({ type: 'attempt.abandoned' });
    return found.length === 2 && found;
  });
  console.log(`leader killed → its work given up: ${(lost[0]?.atMs ?? 0) - killedAtMs} ms`);
  for (const title of titles) gates.open(title, 2);
  await fleet.untilMerged([...left, next], others);

  await leader.start();
  const led = await fleet.whole();
  expect(led, 'the one that comes back follows').not.toBe(leader.id);
  const { events } = await checkInvariants(fleet);
  for (const title of titles) expect(fleet.file(`out/${title.replace(' ', '-')}.txt`)).toBe(title);
  const dispatches = events.filter(({ body }) => body.type === 'task.dispatched');
  const byLeader = dispatches.filter(({ node, atMs }) => node === leader.id && atMs > killedAtMs);
  expect(byLeader).toEqual([]);
});

test('a node that slept while its task was given away stops its own attempt when it wakes', async () => {
  tellOnFailure(fleet);
  const { home, worker } = roles;
  const title = 'slept over';
  const others = fleet.nodes.filter((node) => node !== worker);
  for (const other of others) await drain(home, other, true);
  const [id = ''] = await home.add(gates.task(title));
  await runOn(worker, [id]);
  for (const other of others) await drain(home, other, false);
  worker.pause();
  const asleepUntilMs = performance.now() + SLEEP_MS;
  await until('another has the task', async () => {
    const { status, history } = await home.task(id);
    return status === 'running' && history.at(-1)?.node !== worker.id;
  });
  gates.open(title, 2);
  await fleet.untilMerged([id], others);
  await sleep(Math.max(0, asleepUntilMs - performance.now()));
  worker.resume();
  await fleet.whole();
  await fleet.untilMerged([id]);
  await checkInvariants(fleet);
  expect(fleet.file('out/slept-over.txt')).toBe(title);
  // Its command never came to an end by itself: it was stopped.
  const ended = await until('the attempt of the one that slept has ended', () => {
    const own = logsOf(home).events.find(
      ({ node, body }) => node === worker.id && body.type === 'attempt.failed' && body.task === id,
    );
    return own ?? null;
  });
  expect(ended.body).toMatchObject({ attempt: 1, failure: { interrupted: true } });
});

test('while the home is away results wait where everybody sees them, and merge when it is back', async () => {
  tellOnFailure(fleet);
  const { home } = roles;
  const others = fleet.nodes.filter((node) => node !== home);
  await home.crash();
  await until('the others miss it', async () => {
    const seen = await Promise.all(others.map((node) => node.sees(home)));
    return seen.every((view) => view?.up === false);
  });
  const added = await Promise.all(
    others.map((node) => node.add(append(`without home ${node.name}`))),
  );
  const ids = added.flat();
  await until('all results wait', async () => {
    const tasks = await Promise.all(others.flatMap((node) => ids.map((id) => node.task(id))));
    return tasks.every(({ status, waits }) => status === 'merging' && waits.length > 0);
  });
  const [id = ''] = ids;
  const waits = (await others[0]?.task(id))?.waits ?? [];
  expect(waits[0]).toMatchObject({ kind: 'away' });
  await home.start();
  await fleet.untilMerged(ids);
  await fleet.whole();
  await checkInvariants(fleet);
});
