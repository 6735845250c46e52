import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { PROTOCOL } from '../../electron/mesh/link/protocol.ts';
import { ProjectView } from '../../shared/model/projectApi.ts';
import { ReportView } from '../../shared/model/reportApi.ts';
import { InvitationView, JoinedView } from '../../shared/model/meshApi.ts';
import { bundleVigil } from '../electron/node/vigilProcess.ts';
import { FakeClock } from './fakeClock.ts';
import type { FleetNode } from './fleet.ts';
import { checkInvariants } from './invariants.ts';
import { Network } from './network.ts';
import { tellOnFailure, testFleet } from './testFleet.ts';
import { until } from './until.ts';
import { append } from './work.ts';

const DAY_MS = 24 * 3_600_000;

const fleet = testFleet();
const network = new Network(fleet.folder);
afterAll(() => network.remove());
const clock = new FakeClock(fleet.folder);

const named = (name: string): FleetNode => {
  const found = fleet.nodes.find((node) => node.name === name);
  if (found) return found;
  throw new Error(`there is no ${name}`);
};
const invite = async (node: FleetNode) => node.call('POST', '/v1/mesh/invitations', InvitationView);
const join = async (node: FleetNode, line: string) =>
  node.call('POST', '/v1/mesh/join', JoinedView, { line });

/** What a node says of its link to another. */
async function notes(of: FleetNode, about: FleetNode): Promise<string> {
  return (await of.sees(about))?.notes.join(' ') ?? '';
}

test('a machine whose clock is a day off joins and works, and its invitations end by its own clock', async () => {
  tellOnFailure(fleet);
  clock.set('+1d');
  const [studio, laptop, rack] = await Promise.all([
    fleet.node('studio', { place: network.machine('studio') }),
    fleet.node('laptop', { place: network.machine('laptop') }),
    fleet.node('rack', { place: network.machine('rack'), env: clock.env }),
  ]);
  await fleet.join(studio, laptop);
  await fleet.join(studio, rack);
  await fleet.whole();
  const aheadMs = async (): Promise<number> =>
    (await rack.call('GET', '/v1/report?hours=1', ReportView)).untilMs - Date.now();
  expect(await aheadMs()).toBeGreaterThan(DAY_MS - 60_000);

  // A machine with the database of another, but a key of its own.
  const attic = network.machine('attic');
  const other = await fleet.copy(laptop, 'same id', { place: attic }, ['mesh']);
  await other.start();
  const { line, untilMs } = await invite(rack);
  expect(Math.abs(untilMs - Date.now() - DAY_MS - 600_000)).toBeLessThan(60_000);
  clock.set(`+${DAY_MS / 1000 + 660}`);
  await until('its clock is 11 minutes on', async () => (await aheadMs()) > DAY_MS + 600_000);
  await expect(join(other, line)).rejects.toThrow(/invitation-expired/);
  const again = await invite(rack);
  await expect(join(other, again.line)).rejects.toThrow(
    /Another device has the node id .*empty home/,
  );
  await other.crash();

  await studio.call('POST', '/v1/projects', ProjectView, { path: fleet.user });
  const ids = await rack.add(
    { ...append('on the one ahead'), capabilities: ['rack'] },
    { ...append('on another'), capabilities: ['laptop'] },
  );
  await fleet.untilMerged(ids);
  await checkInvariants(fleet);
});

test('a member that joins again is told that it is one, and stays one', async () => {
  tellOnFailure(fleet);
  const [studio, laptop] = [named('studio'), named('laptop')];
  const { line } = await invite(studio);
  await expect(join(laptop, line)).rejects.toThrow(/already-member.*is a member of that mesh/);
  expect((await studio.nodes()).nodes).toHaveLength(3);
  await fleet.whole();
});

test('a home that was copied to a second machine is named on both sides, and the first works on', async () => {
  tellOnFailure(fleet);
  const [studio, laptop] = [named('studio'), named('laptop')];
  const attic = network.machine('cellar');
  const machineId = path.join(fleet.folder, 'machine-id');
  writeFileSync(machineId, '00112233445566778899aabbccddeeff\n');
  const elsewhere = ['unshare', '--mount', 'sh', '-c', MOUNT, machineId];
  const moved = await fleet.copy(laptop, 'copied', {
    place: { ...attic, within: [...attic.within, ...elsewhere] },
  });
  await expect(moved.start()).rejects.toThrow(
    /home-copied|belongs to another machine[\s\S]*empty home/,
  );

  // An image of a whole disk has the id of the machine as well.
  const twin = await fleet.copy(laptop, 'cloned', { place: attic });
  await twin.start();
  const told = await until('the others say so', async () => {
    const [event] = await studio.events({ type: 'peer.doubled' });
    return event ?? null;
  });
  expect(told.body).toMatchObject({ peer: laptop.id, address: attic.address });
  expect(told.text).toMatch(/its home was copied. Stop one of the two for good/);
  await until('the copy says so', async () =>
    /Two machines use the identity.*home was copied.*empty home/.test(await notes(twin, studio)),
  );
  const [id = ''] = await studio.add({ ...append('by the first'), capabilities: ['laptop'] });
  await fleet.untilMerged([id]);
  await twin.stop();
  const { events } = await checkInvariants(fleet);
  // Told once, however often it has dialled.
  const doubled = events.filter(({ body }) => body.type === 'peer.doubled');
  expect(new Set(doubled.map(({ node }) => node)).size).toBe(doubled.length);
});

test('of two versions that do not understand each other both are named, and each goes on by itself', async () => {
  tellOnFailure(fleet);
  const [studio, laptop, rack] = [named('studio'), named('laptop'), named('rack')];
  const newer = await bundleVigil(PROTOCOL + 1);
  afterAll(() => newer.remove());
  await laptop.stop();
  await laptop.start(newer.entry);
  await until('both say which is to be updated', async () => {
    const [here, there] = await Promise.all([notes(studio, laptop), notes(laptop, studio)]);
    return (
      /newer version of Vigil.*Update Vigil on this machine/.test(here) &&
      /older version of Vigil.*Update Vigil on /.test(there)
    );
  });
  const meanwhile = await studio.add(append('by the others'));
  await fleet.untilMerged(meanwhile, [studio, rack]);
  const kept = await laptop.add(append('by the new one'));
  for (const node of [studio, laptop]) {
    const told = await node.events({ type: 'peer.incompatible' });
    const own = told.filter((event) => event.node === node.id);
    expect(own.map(({ body }) => body['peer']).toSorted(), node.name).toEqual(
      (node === studio ? [laptop] : [studio, rack]).map(({ id }) => id).toSorted(),
    );
  }
  await laptop.stop();
  await laptop.start();
  await fleet.whole();
  await fleet.untilMerged([...meanwhile, ...kept]);
  await checkInvariants(fleet);
});

/** Gives a command another machine id: `sh -c MOUNT FILE COMMAND…`. */
const MOUNT = 'mount --bind "$0" /etc/machine-id && exec "$@"';
