import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { ApprovalView, BudgetChangeView, BudgetView } from '../../../shared/model/agentApi.ts';
import { TaskSummary } from '../../../shared/model/taskApi.ts';
import { NoticeSettingsView, NoticesView, NoticeTestView } from '../../../shared/model/notice.ts';
import { GROUP_MS } from '../../../shared/decide/notices.ts';
import { nextReportMs } from '../../../shared/decide/weeklyReport.ts';
import { HttpSink } from '../notify/httpSink.ts';
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

test('the review of a result is asked for, and Deny rejects it', async () => {
  const address = await privateBus();
  const desktop = await PlayedDesktop.start(address);
  const node = await LiveNode.start({ env: { DBUS_SESSION_BUS_ADDRESS: address } });
  const title = 'Write <b>b</b>\u0007\u202E twice';
  await node.add({ title, run: 'echo two > b.txt', review: true });
  const shown = await desktop.sees('Review T-1');
  expect(shown.title).toBe('Review T-1: Write <b>b</b> twice');
  desktop.press(shown.id, 'deny');
  await node.until((live) => live.of('review.answered').length > 0);
  expect(node.of('review.answered')).toMatchObject([{ task: 'T-1', answer: 'rejected' }]);
  await desktop.gone('T-1');
});

test('a merge of files that the project wants to hear of is news, and another merge is none', async () => {
  const rule = 'oversight:\n  - { files: [billing/**], level: notify, what: billing }\n';
  const node = await LiveNode.start({
    files: { 'a.txt': 'one\n', 'vigil.yaml': `test: "true"\n${rule}` },
  });
  await node.add(
    { title: 'Raise the price', run: 'mkdir -p billing && echo 2 > billing/price.txt' },
    { title: 'Other work', run: 'echo two > b.txt' },
  );
  await node.until((live) => live.of('merge.done').length === 2);
  const open = async () => (await node.call('GET', '/v1/notices', NoticesView)).notices;
  expect(await open()).toEqual([]);
  node.clock.forward(GROUP_MS);
  expect(await open()).toMatchObject([
    {
      level: 'news',
      title: '1 task merged that you asked to hear of',
      text: 'T-1 merged: billing (billing/price.txt)',
      place: '/tasks/T-1',
    },
  ]);
});

test('a desktop that refuses is passed over for ntfy, and the log says why and what came next', async () => {
  const [address, sink] = [await privateBus(), await HttpSink.start()];
  const desktop = await PlayedDesktop.start(address);
  desktop.refuses = 'the screen is on fire';
  const node = await LiveNode.start({
    config: { notices: { ntfy: `${sink.url}/topic`, page: 'https://studio.example.org' } },
    env: { DBUS_SESSION_BUS_ADDRESS: address },
  });
  const id = await ask(node);
  const got = await sink.gets(({ headers }) => String(headers['title']).includes(id));
  expect(got.headers['click']).toBe(`https://studio.example.org/approvals?show=${id}`);
  await node.until((live) => live.of('notice.failed').length > 0);
  expect(node.of('notice.failed')[0]).toMatchObject({
    notice: `approval.${id}`,
    channel: 'desktop',
    reason: expect.stringContaining('the screen is on fire') as string,
    next: expect.stringContaining('ntfy') as string,
  });
  await node.until((live) => live.of('notice.shown').some(({ channel }) => channel === 'ntfy'));
});

test('in quiet hours nothing is shown but what is critical, and the settings hold at once', async () => {
  const address = await privateBus();
  const desktop = await PlayedDesktop.start(address);
  const node = await LiveNode.start({ env: { DBUS_SESSION_BUS_ADDRESS: address } });
  const at = (hours: number) => `${String(hours % 24).padStart(2, '0')}:00`;
  const hour = new Date(node.clock.nowMs()).getHours();
  await node.call('PUT', '/v1/notice-settings', NoticeSettingsView, {
    quiet: { from: at(hour), to: at(hour + 2) },
  });
  const id = await ask(node);
  const { notices } = await node.call('GET', '/v1/notices', NoticesView);
  expect(notices.map(({ answers }) => answers)).toEqual([{ approval: id }]);
  expect(desktop.history).toEqual([]);
  await node.call('PUT', '/v1/notice-settings', NoticeSettingsView, { quiet: null });
  await desktop.sees(id);
});

test('what nobody answers is told again after a while, and is shown anew when the desktop begins anew', async () => {
  const address = await privateBus();
  const desktop = await PlayedDesktop.start(address);
  const node = await LiveNode.start({ env: { DBUS_SESSION_BUS_ADDRESS: address } });
  const id = await ask(node);
  await desktop.sees(id);
  await node.until((live) => live.of('notice.shown').length === 1);
  node.clock.forward(31 * 60_000);
  await node.until((live) => live.of('notice.shown').length === 2);
  expect(desktop.history.length).toBe(2);
  desktop.stop();
  const other = await PlayedDesktop.start(address);
  await other.sees(id);
  // It is the same telling.
  expect(node.of('notice.shown').length).toBe(2);
});

test('a node that was killed finds what it left on the desktop, and shows it once', async () => {
  const address = await privateBus();
  const desktop = await PlayedDesktop.start(address);
  const node = await LiveNode.start({ env: { DBUS_SESSION_BUS_ADDRESS: address } });
  const id = await ask(node);
  const left = await desktop.sees(id);
  const file = join(node.home, 'notifications.json');
  await node.until(() => node.of('notice.shown').length === 1);
  const kept = readFileSync(file);
  await node.stop();
  // As if it had not come to take it off.
  desktop.up.set(left.id, left);
  writeFileSync(file, kept);
  await node.run();
  await desktop.until(() => (desktop.up.has(left.id) || desktop.up.size !== 1 ? undefined : true));
  expect((await desktop.sees(id)).id).not.toBe(left.id);
});

test('the report of a week is told of once, on Monday morning', async () => {
  const node = await LiveNode.start({});
  const shell = () =>
    node.call('POST', '/v1/shell', NoticesView, { idleMs: 0, locked: false, notifies: true });
  await node.add({ title: 'Work', run: 'echo two > b.txt' });
  await node.until((live) => live.of('merge.done').length === 1);
  expect((await shell()).notices).toEqual([]);
  const offset = -new Date(node.clock.nowMs()).getTimezoneOffset();
  node.clock.forward(nextReportMs(node.clock.nowMs(), offset) - node.clock.nowMs() + 1_000);
  const { notices } = await shell();
  expect(notices).toMatchObject([{ level: 'news', place: '/insights' }]);
  expect(notices[0]?.text).toContain('1 task merged, 0 given up');
  const told = { shown: true, reason: null };
  const weekly = notices[0]?.id ?? '';
  await node.call('POST', `/v1/notices/${weekly}/shown`, NoticesView, told);
  await node.until((live) => live.of('notice.shown').length === 1);
  await node.call('POST', `/v1/notices/${weekly}/dismiss`, NoticesView, {});
  // After a restart it is still told.
  await node.stop();
  await node.run();
  expect((await shell()).notices).toEqual([]);
  expect((await node.call('GET', '/v1/notices', NoticesView)).notices).toEqual([]);
});

test('a shell that can show gets them where the node has no desktop, and says what became of them', async () => {
  const node = await LiveNode.start({});
  const shell = (idleMs: number) =>
    node.call('POST', '/v1/shell', NoticesView, { idleMs, locked: false, notifies: true });
  expect(await shell(0)).toEqual({ notices: [], shellShows: true });
  const id = await ask(node);
  const { notices } = await shell(0);
  expect(notices.map((notice) => notice.id)).toEqual([`approval.${id}`]);
  const shown = `/v1/notices/approval.${id}/shown`;
  await node.call('POST', shown, NoticesView, { shown: true, reason: null });
  await node.until((live) => live.of('notice.shown').length === 1);
  expect(node.of('notice.shown')).toMatchObject([{ channel: 'shell' }]);
  await node.call('POST', `/v1/approvals/${id}`, ApprovalView, { answer: 'denied' });
  expect((await shell(0)).notices).toEqual([]);
});

test('a command that publishes waits in the queue for a human, and a no ends it', async () => {
  const node = await LiveNode.start({});
  await node.add(
    { title: 'Release', run: 'npm publish' },
    { title: 'Other', run: 'echo x > x.txt' },
  );
  await node.until((live) => live.of('merge.done').length > 0);
  await node.idle();
  const { approvals } = await node.call('GET', '/v1/approvals', Approvals);
  expect(approvals).toMatchObject([{ task: 'T-1', text: 'allow it to run npm publish' }]);
  expect(node.of('attempt.started').map(({ task }) => task)).toEqual(['T-2']);
  const [asked] = approvals;
  await node.call('POST', `/v1/approvals/${asked?.id ?? ''}`, ApprovalView, { answer: 'denied' });
  expect(await node.call('GET', '/v1/tasks/T-1', TaskSummary)).toMatchObject({
    status: 'cancelled',
  });
});

test('a test goes through every channel and says what came of each', async () => {
  const [address, sink] = [await privateBus(), await HttpSink.start()];
  const desktop = await PlayedDesktop.start(address);
  const node = await LiveNode.start({ env: { DBUS_SESSION_BUS_ADDRESS: address } });
  await node.call('PUT', '/v1/notice-settings', NoticeSettingsView, {
    ntfy: `${sink.url}/topic`,
    ntfyToken: 'tk_very-secret',
    webhook: 'http://127.0.0.1:9/hook',
  });
  const settings = await node.call('GET', '/v1/notice-settings', NoticeSettingsView);
  expect(settings).toMatchObject({ ntfyToken: 'file', webhookToken: 'none' });
  expect(JSON.stringify([settings, node.events])).not.toContain('tk_very-secret');
  const { channels } = await node.call('POST', '/v1/notice-settings/test', NoticeTestView);
  expect(channels).toMatchObject([
    { channel: 'desktop', ok: true },
    { channel: 'ntfy', ok: true },
    { channel: 'webhook', ok: false },
  ]);
  await desktop.sees('A test');
  expect(sink.received[0]?.headers['authorization']).toBe('Bearer tk_very-secret');
});
