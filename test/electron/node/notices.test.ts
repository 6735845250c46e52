import { expect, test } from 'vitest';
import { z } from 'zod';
import { ApprovalView, BudgetChangeView, BudgetView } from '../../../shared/model/agentApi.ts';
import { NoticesView } from '../../../shared/model/notice.ts';
import { PlayedDesktop, privateBus } from '../notify/desktopBus.ts';
import { LiveNode } from './liveNode.ts';

const Approvals = z.object({ approvals: z.array(ApprovalView) });

/** Asks for more money, which waits for a human. */
async function ask(node: LiveNode): Promise<string> {
  const { budget } = await node.call('GET', '/v1/budget', BudgetView);
  const more = { ...budget, day: { ...budget.day, hard: budget.day.hard + 10 } };
  const { approval } = await node.call('PUT', '/v1/budget', BudgetChangeView, more);
  return approval ?? expect.fail('it was not asked for');
}

test('an approval is a notification with Approve and Deny, and the press of a button is the answer', async () => {
  const address = await privateBus();
  const desktop = await PlayedDesktop.start(address);
  const node = await LiveNode.start({ env: { DBUS_SESSION_BUS_ADDRESS: address } });
  const id = await ask(node);
  const shown = await desktop.sees(id);
  expect(shown.actions).toEqual(['default', 'Open', 'approve', 'Approve', 'deny', 'Deny']);

  desktop.press(shown.id, 'approve');
  await node.until((live) => live.of('approval.answered').length > 0);
  expect(node.of('approval.answered')[0]).toMatchObject({
    approval: id,
    answer: 'approved',
    who: 'local user on its notification',
  });
  await desktop.gone(id);
  expect(node.of('notice.shown')).toMatchObject([{ notice: `approval.${id}`, channel: 'desktop' }]);
  expect((await node.call('GET', '/v1/approvals', Approvals)).approvals).toEqual([]);
});

test('what was answered at the command line is taken off the screen', async () => {
  const address = await privateBus();
  const desktop = await PlayedDesktop.start(address);
  const node = await LiveNode.start({ env: { DBUS_SESSION_BUS_ADDRESS: address } });
  const id = await ask(node);
  await desktop.sees(id);
  await node.call('POST', `/v1/approvals/${id}`, ApprovalView, { answer: 'denied' });
  await desktop.gone(id);
  expect((await node.call('GET', '/v1/notices', NoticesView)).notices).toEqual([]);
});
