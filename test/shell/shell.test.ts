import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import AxeBuilder from '@axe-core/playwright';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { runningNode } from '../../electron/client/runningNode.ts';
import { StatusView } from '../../shared/model/statusApi.ts';
import { commitFiles, userGit } from '../userGit.ts';
import { Desktop } from './desktop.ts';
import { shellCommand, ShellApp, until } from './shellApp.ts';

const Approvals = z.object({ approvals: z.array(z.object({ id: z.string(), text: z.string() })) });
const Caps = z.object({ budget: z.looseObject({ task: z.looseObject({}) }) });
const Events = z.object({ events: z.array(z.looseObject({ body: z.looseObject({}) })) });
const Nodes = z.object({ nodes: z.array(z.object({ draining: z.boolean() })) });

/** The app looks for a node that is gone after 0.2 s, 0.4 s, 0.8 s; that nothing comes of it has no event to wait for. */
const SEVERAL_LOOKS_MS = 2_000;

/** The app on a desktop that the tests play, in the order in which a person meets it. */
describe('the app in the menu bar', () => {
  let desktop: Desktop;
  let home: string;
  let app: ShellApp;
  let popover: Page;

  beforeAll(async () => {
    home = mkdtempSync(join(tmpdir(), 'vigil-shell-'));
    writeFileSync(join(home, 'config.yaml'), 'port: 0\nmesh: { mdns: false }\n');
    desktop = await Desktop.start();
    app = await ShellApp.start(desktop, home);
  });
  afterAll(async () => {
    await app?.close();
    const node = await runningNode(home);
    if (node) {
      process.kill(node.pid, 'SIGKILL');
      await until(async () => (await runningNode(home)) === null);
    }
    await desktop?.stop();
    rmSync(home, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  });

  const status = () => app.call('GET', '/v1/status', StatusView);
  const labels = async () => (await desktop.menu()).map(({ label }) => label);
  const tip = async () => JSON.stringify(await desktop.property('ToolTip'));
  /** A human is asked before a cap rises. */
  const raiseCap = async (tokens: number): Promise<string> => {
    const { budget } = await app.call('GET', '/v1/budget', Caps);
    const task = { ...budget.task, tokens };
    await app.call('PUT', '/v1/budget', z.unknown(), { ...budget, task });
    const { approvals } = await app.call('GET', '/v1/approvals', Approvals);
    return approvals.at(-1)?.id ?? '';
  };
  const answered = async (id: string) => {
    const { approvals } = await app.call('GET', '/v1/approvals', Approvals);
    return !approvals.some((approval) => approval.id === id);
  };

  it('starts a node where none runs, and shows an icon with a menu', async () => {
    const node = await until(() => runningNode(home));
    expect(node.pid).not.toBe(app.electron.process().pid);
    await until(() => desktop.icons === 1);
    await until(async () => (await labels()).includes('Pause'));
    expect(await labels()).toEqual(
      expect.arrayContaining(['Open Vigil', 'At a glance', 'Open at login', 'Quit Vigil']),
    );
    await until(async () => (await tip()).includes('Vigil: idle'));
  });

  it('pauses and drains the node from its menu', async () => {
    await desktop.click('Pause');
    await until(async () => (await status()).state === 'paused');
    await until(async () => (await tip()).includes('Vigil: paused'));
    await desktop.click('Resume');
    await until(async () => (await status()).state !== 'paused');
    await until(async () => (await labels()).some((label) => label.startsWith('Drain')));
    await desktop.click('Drain');
    await until(
      async () => (await app.call('GET', '/v1/nodes', Nodes)).nodes[0]?.draining === true,
    );
    await until(async () => (await labels()).includes('Take work again'));
    await desktop.click('Take work again');
  });

  it('has an approval in its menu, answered there', async () => {
    await raiseCap(1_000);
    const id = await raiseCap(2_000);
    await until(async () => (await tip()).includes('needs you (1)'));
    const entry = await until(
      async () => (await desktop.menu()).find(({ entries }) => entries.length > 0) ?? null,
    );
    expect(entry.entries.map(({ label }) => label)).toEqual(['Approve', 'Deny', 'Show…']);
    await desktop.click(entry.label, 'Deny');
    await until(() => answered(id));
    await until(async () => (await desktop.menu()).every(({ entries }) => entries.length === 0));
  });

  it('opens a popover in which an approval is given by keyboard', async () => {
    const id = await raiseCap(3_000);
    await desktop.activate();
    popover = await app.page('/popover');
    const question = popover.getByRole('article', { name: `Question ${id}` });
    await question.waitFor();
    await until(async () => (await app.visibleWindows()) === 1);
    await question.getByRole('button', { name: 'Approve' }).press('Enter');
    await until(() => answered(id));
    await question.waitFor({ state: 'detached' });
  });

  it('opens again in the process that it had, which is kept', async () => {
    await popover.keyboard.press('Escape');
    await until(async () => (await app.visibleWindows()) === 0);
    const count = app.electron.windows().length;
    await until(async () => {
      await desktop.click('At a glance');
      return (await app.visibleWindows()) === 1;
    });
    expect(app.electron.windows()).toHaveLength(count);
    expect(popover.isClosed()).toBe(false);
  });

  it('has no serious fault of accessibility in its popover, light and dark', async () => {
    for (const colorScheme of ['light', 'dark'] as const) {
      await popover.emulateMedia({ colorScheme });
      const { violations } = await new AxeBuilder({ page: popover }).setLegacyMode().analyze();
      expect(violations.map(({ id, nodes }) => [id, nodes[0]?.html])).toEqual([]);
    }
  });

  it('keeps the token out of its pages, and them from everything else', async () => {
    const { token } = await until(() => runningNode(home));
    const seen = await popover.evaluate(() => ({
      storage: JSON.stringify({ ...sessionStorage, ...localStorage }),
      page: document.documentElement.outerHTML + location.href,
      node: typeof Reflect.get(globalThis, 'require') + typeof Reflect.get(globalThis, 'process'),
    }));
    expect(seen.storage + seen.page).not.toContain(token);
    expect(seen.node).toBe('undefinedundefined');

    // Another origin, a window of its own, the node itself: none of them.
    const { url } = await until(() => runningNode(home));
    const windows = app.electron.windows().length;
    await popover.evaluate((address) => {
      location.href = 'https://example.com/';
      window.open('https://example.com/');
      window.open(address);
    }, url);
    const reached = await popover.evaluate(
      (address) =>
        Promise.all(
          [`${address}/v1/status`, 'https://example.com/', 'vigil://other/'].map((target) =>
            fetch(target).then(
              () => target,
              () => 'refused',
            ),
          ),
        ),
      url,
    );
    expect(reached).toEqual(['refused', 'refused', 'refused']);
    expect(popover.url()).toBe('vigil://app/popover');
    expect(app.electron.windows()).toHaveLength(windows);
    const permission = await popover.evaluate(() => Notification.requestPermission());
    expect(permission).toBe('denied');
  });

  it('refuses what a page may not ask', async () => {
    const refusals = await popover.evaluate(() => {
      const bridge = window.vigil;
      if (!bridge) return ['no bridge'];
      return Promise.all(
        [
          () => bridge.openDashboard('//example.com/'),
          () => bridge.openDashboard('https://example.com/'),
          () => bridge.openDashboard(String.raw`/\example.com`),
          () => bridge.fit(-1),
          () => bridge.fit(Number.NaN),
        ].map((ask) =>
          ask().then(
            () => 'done',
            () => 'refused',
          ),
        ),
      );
    });
    expect(refusals).toEqual(['refused', 'refused', 'refused', 'refused', 'refused']);
  });

  it('closes the popover with Escape', async () => {
    await popover.keyboard.press('Escape');
    await until(async () => (await app.visibleWindows()) === 0);
  });

  it('opens at login when it is wanted', async () => {
    const entry = join(home, 'config/autostart/vigil.desktop');
    await desktop.click('Open at login');
    await until(() => existsSync(entry));
    expect(readFileSync(entry, 'utf8')).toMatch(/^Exec="\S+electron" "\S+"$/m);
    await desktop.click('Open at login');
    await until(() => !existsSync(entry));
  });

  it('says that its node is gone, starts it again, and goes on by itself', async () => {
    const before = await until(() => runningNode(home));
    // The menu is made anew after each change, and a click on an entry of the one before is lost.
    await until(async () => {
      await desktop.click('At a glance');
      return (await app.visibleWindows()) === 1;
    });
    const page = await app.page('/popover');
    // Not by Playwright's own waiting: it still waits for the navigation that was refused above.
    const says = (text: string) =>
      until(() => page.evaluate((part) => document.body.innerText.includes(part), text));
    await says('Nothing runs');
    process.kill(before.pid, 'SIGKILL');
    await says('does not run');
    expect(await tip()).toContain('Vigil: offline');
    await until(async () => ((await runningNode(home))?.pid ?? before.pid) !== before.pid);
    await says('Nothing runs');
    await until(async () => (await tip()).includes('Vigil: idle'));
    await page.keyboard.press('Escape');
  });

  it('is there once: a second start shows the first one', async () => {
    const { executablePath, args, env } = shellCommand(desktop, home);
    const second = spawn(executablePath, args, { env, stdio: 'ignore' });
    const [code] = (await once(second, 'exit')) as [number | null];
    expect(code).toBe(0);
    const page = await app.page('/start');
    await page.getByText('First run').waitFor();
    await page.getByRole('link', { name: 'Nodes' }).click();
    await page.getByText('this node').first().waitFor();
    expect(desktop.icons).toBe(1);
  });

  it.each<[string, () => unknown]>([
    ['from its menu', () => desktop.click('Quit Vigil')],
    ['as at the end of a session', () => app.electron.process().kill('SIGTERM')],
  ])(
    'leaves its node at work when it is quit %s, and takes to it at the next start',
    async (_, quit) => {
      const before = await until(() => runningNode(home));
      const ended = once(app.electron.process(), 'exit');
      await quit();
      await ended;
      expect(await runningNode(home)).toEqual(before);
      app = await ShellApp.start(desktop, home);
      await until(() => desktop.icons === 1);
      await until(async () => (await tip()).includes('Vigil: idle'));
      // Electron 25 that is told to end while its first page still loads spins for ever, once in twenty times.
      const page = await app.page('/popover');
      await until(() => page.evaluate(() => document.body.innerText.includes('Nothing runs')));
      expect((await until(() => runningNode(home))).pid).toBe(before.pid);
    },
  );

  it('leaves a node that it did not start alone, until it is asked to start one', async () => {
    const before = await until(() => runningNode(home));
    // Made empty by each start of a node.
    const witness = join(home, 'node-errors.log');
    writeFileSync(witness, 'nothing was started');
    process.kill(before.pid, 'SIGKILL');
    await until(async () => (await tip()).includes('Vigil: offline'));
    await sleep(SEVERAL_LOOKS_MS);
    expect(await runningNode(home)).toBeNull();
    expect(readFileSync(witness, 'utf8')).toBe('nothing was started');
    await desktop.click('Start the node');
    expect((await until(() => runningNode(home))).pid).not.toBe(before.pid);
    await until(async () => (await tip()).includes('Vigil: idle'));
  });

  it('has a result in menu and popover, denied there with a reason', async () => {
    const repository = join(home, 'app');
    mkdirSync(repository);
    userGit(repository, 'init', '--quiet', '--initial-branch=main');
    commitFiles(repository, { 'a.txt': 'one\n', 'vigil.yaml': 'test: "true"\n' }, 'Start');
    await app.call('POST', '/v1/projects', z.unknown(), { path: repository });
    await app.call('POST', '/v1/tasks', z.unknown(), {
      tasks: [{ title: 'Write b', run: 'echo two > b.txt', review: true }],
    });
    await until(async () => (await labels()).includes('Review T-1: Write b'));
    await until(async () => {
      await desktop.click('At a glance');
      return (await app.visibleWindows()) === 1;
    });
    const page = await app.page('/popover');
    const result = page.getByRole('article', { name: 'Review of T-1' });
    await result.getByRole('button', { name: 'Deny' }).press('Enter');
    const why = result.getByLabel('Why not?');
    expect(await result.getByRole('button', { name: 'Deny' }).isDisabled()).toBe(true);
    // The window has grown with what it shows.
    await until(() =>
      page.evaluate(
        () =>
          document.querySelector('main')?.scrollHeight ===
          document.querySelector('main')?.clientHeight,
      ),
    );
    await why.fill('b is not wanted');
    await why.press('Enter');
    await result.waitFor({ state: 'detached' });
    const { events } = await app.call('GET', '/v1/events?type=review.answered', Events);
    expect(events).toMatchObject([{ body: { answer: 'rejected', reason: 'b is not wanted' } }]);
    await until(async () => !(await labels()).includes('Review T-1: Write b'));
  });
});
