import { expect, test } from 'vitest';
import { BudgetChangeView, BudgetView } from '../../shared/model/agentApi.ts';
import { NoticesView } from '../../shared/model/notice.ts';
import { PlayedDesktop, privateBus } from '../electron/notify/desktopBus.ts';
import type { FleetNode } from './fleet.ts';
import { tellOnFailure, testFleet } from './testFleet.ts';
import { until } from './until.ts';

const fleet = testFleet();

/** A machine with a desktop of its own. */
async function machine(name: string): Promise<{ node: FleetNode; desktop: PlayedDesktop }> {
  const address = await privateBus();
  const desktop = await PlayedDesktop.start(address);
  const env = { DBUS_SESSION_BUS_ADDRESS: address, DBUS_SYSTEM_BUS_ADDRESS: 'none:' };
  return { node: await fleet.node(name, { env }), desktop };
}

/** Somebody sits at a machine, or has left it for so long. */
async function human(node: FleetNode, idleMs: number): Promise<void> {
  await node.call('POST', '/v1/shell', NoticesView, { idleMs, locked: false, notifies: false });
}

async function ask(node: FleetNode): Promise<string> {
  const { budget } = await node.call('GET', '/v1/budget', BudgetView);
  const more = { ...budget, day: { ...budget.day, hard: budget.day.hard + 10 } };
  return (await node.call('PUT', '/v1/budget', BudgetChangeView, more)).approval ?? '';
}

test('a question is shown where the human is, follows them, and is gone everywhere once it is answered', async () => {
  tellOnFailure(fleet);
  const [studio, laptop] = [await machine('studio'), await machine('laptop')];
  await fleet.join(studio.node, laptop.node);
  await fleet.whole();
  await human(studio.node, 3_600_000);
  await human(laptop.node, 0);
  const first = await ask(studio.node);
  await laptop.desktop.sees(first);
  expect(studio.desktop.history).toEqual([]);
  const open = async (node: FleetNode) =>
    (await node.call('GET', '/v1/notices', NoticesView)).notices.map(({ id }) => id);
  expect(await open(studio.node)).toEqual([`approval.${first}`]);

  // The human goes over to the other machine.
  await human(laptop.node, 3_600_000);
  await human(studio.node, 0);
  const shown = await studio.desktop.sees(first);
  await laptop.desktop.gone(first);

  studio.desktop.press(shown.id, 'deny');
  await studio.desktop.gone(first);
  await until(
    'both know that it is answered',
    async () => [...(await open(studio.node)), ...(await open(laptop.node))].length === 0 || null,
  );

  // A screen that fails is passed over for the next machine.
  studio.desktop.refuses = 'no room';
  const second = await ask(laptop.node);
  await laptop.desktop.sees(second);
  const failed = await until('the log of the other tells why', async () => {
    const events = await laptop.node.events({ type: 'notice.failed' });
    return events.length > 0 ? events : null;
  });
  expect(failed[0]).toMatchObject({
    node: studio.node.id,
    body: { channel: 'desktop', next: expect.stringContaining('the screen of') as string },
  });
  const answered = await fleet.cli(laptop.node, 'approvals', 'deny', second);
  expect(answered).toMatchObject({ id: second });
  await laptop.desktop.gone(second);
});

test('a node that was killed takes off what it left on the screen, and shows it once', async () => {
  tellOnFailure(fleet);
  const { node, desktop } = await machine('attic');
  await human(node, 0);
  const id = await ask(node);
  const left = await desktop.sees(id);
  await until('it is written down', async () => {
    const events = await node.events({ type: 'notice.shown' });
    return events.length === 1 || null;
  });
  await node.crash();
  expect([...desktop.up.keys()]).toEqual([left.id]);
  await node.start();
  await desktop.until(() => (desktop.up.has(left.id) || desktop.up.size !== 1 ? undefined : true));
  expect((await desktop.sees(id)).id).not.toBe(left.id);
});
