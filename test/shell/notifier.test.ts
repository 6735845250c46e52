import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { runningNode } from '../../electron/client/runningNode.ts';
import { BudgetChangeView, BudgetView } from '../../shared/model/agentApi.ts';
import { PlayedDesktop } from '../electron/notify/desktopBus.ts';
import { Desktop } from './desktop.ts';
import { ShellApp, until } from './shellApp.ts';

const Told = z.object({
  events: z.array(z.object({ body: z.looseObject({ notice: z.string(), channel: z.string() }) })),
});

/** As on macOS: the node finds no bus on which it could show anything, the app has a desktop. */
async function started(): Promise<{ app: ShellApp; played: PlayedDesktop }> {
  const home = mkdtempSync(join(tmpdir(), 'vigil-shell-'));
  writeFileSync(join(home, 'config.yaml'), 'port: 0\nmesh: { mdns: false }\n');
  const node = join(home, 'node-without-desktop');
  const script = `#!/bin/sh\nDBUS_SESSION_BUS_ADDRESS=none: exec '${process.execPath}' "$@"\n`;
  writeFileSync(node, script, { mode: 0o700 });
  const desktop = await Desktop.start();
  const played = await PlayedDesktop.start(desktop.env['DBUS_SESSION_BUS_ADDRESS'] ?? '');
  const app = await ShellApp.start(desktop, home, node);
  onTestFinished(async () => {
    await app.close();
    const left = await runningNode(home);
    if (left) process.kill(left.pid, 'SIGKILL');
    await until(async () => (await runningNode(home)) === null);
    await desktop.stop();
    rmSync(home, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  });
  return { app, played };
}

/** A human is asked before a cap rises; the question's number. */
async function ask(app: ShellApp): Promise<string> {
  const { budget } = await app.call('GET', '/v1/budget', BudgetView);
  const more = { ...budget, day: { ...budget.day, hard: budget.day.hard + 10 } };
  const { approval } = await app.call('PUT', '/v1/budget', BudgetChangeView, more);
  return approval ?? expect.fail('it was not asked for');
}

const told = async (app: ShellApp, type: 'notice.shown' | 'notice.failed', approval: string) => {
  const { events } = await app.call('GET', `/v1/events?type=${type}`, Told);
  return events.find(({ body }) => body.notice === `approval.${approval}`)?.body ?? null;
};

test('where the node has no desktop the app shows what it has to say, and a click leads to it', async () => {
  const { app, played } = await started();
  const first = await ask(app);
  await played.sees(first);
  expect(await until(() => told(app, 'notice.shown', first))).toMatchObject({ channel: 'shell' });
  // Answered elsewhere, it leaves the screen.
  await app.call('POST', `/v1/approvals/${first}`, z.unknown(), { answer: 'denied' });
  await played.gone(first);

  const second = await ask(app);
  played.press((await played.sees(second)).id, 'default');
  const page = await app.page('/approvals');
  const card = page.getByRole('article', { name: `Question ${second}` });
  await until(() => card.evaluate((element) => element === document.activeElement));
  expect(played.history).toHaveLength(2);

  // What the desktop does not take is told, so that it is tried elsewhere.
  played.refuses = 'no room';
  const third = await ask(app);
  const failed = await until(() => told(app, 'notice.failed', third));
  expect(failed).toMatchObject({ channel: 'shell', reason: 'the desktop did not take it' });
}, 30_000);
