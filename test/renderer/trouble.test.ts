import type { ChildProcess } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { chromium, type Browser, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createSample } from '../../electron/node/sample/createSample.ts';
import { findBrowser } from '../systemPackages.ts';
import { Home, printed } from '../electron/cli/vigil.ts';
import { faults } from './accessible.ts';

const CONFIG =
  'sandbox: agents\nlimits:\n  cyclesPerDay: 0\n  leastFreeDiskBytes: 0\n  leastFreeDiskShare: 0\n';
/** Markup, a line that turns around, a bell and an escape: each as a program could print or write it. */
const TITLE = '<b onclick=alert(1)>Pay</b> \u202eecila\u202c \u0007\u001b[31mred';
const SHOWN = '<b onclick=alert(1)>Pay</b> ·ecila· ··[31mred';
/** 50 MB: 900,000 lines of 56 bytes. */
const LARGE = `seq -f "const value%07.0f = '0123456789012345678901234567890';" 1 900000 > large.js; seq 1 100000`;

const TASKS = JSON.stringify([
  { title: TITLE, run: 'echo 1 > one.txt', scope: ['one.txt'] },
  {
    title: 'Write fifty megabytes',
    run: LARGE,
    scope: ['large.js'],
    minQuality: 0,
    maxAttempts: 1,
  },
]);

describe('the page in trouble', () => {
  let home: Home;
  let node: ChildProcess;
  let browser: Browser | undefined;
  let page: Page;
  let address: URL;

  const up = async (port: string) => {
    node = home.start(['up', join(home.folder, 'sample'), '--port', port]);
    const [, url = ''] = await printed(node, /Page: (\S+)/);
    address = new URL(url);
  };
  const see = (text: string | RegExp) => page.getByText(text).first().waitFor();

  beforeAll(async () => {
    home = await Home.create();
    await writeFile(join(home.folder, 'config.yaml'), CONFIG);
    await createSample(join(home.folder, 'sample'));
    await up('0');
    browser = await chromium.launch({
      executablePath: findBrowser() ?? 'chromium',
      args: ['--no-sandbox'],
    });
    page = await browser.newPage();
    page.setDefaultTimeout(25_000);
    // JSON is YAML.
    await writeFile(join(home.folder, 'tasks.yaml'), TASKS);
    const added = await home.vigil('task', 'add', '-f', join(home.folder, 'tasks.yaml'));
    expect(added.stderr).toBe('');
  });
  afterAll(async () => {
    await browser?.close();
    await home.remove();
  });

  it('says that a link is not of this node, and shows nothing of it', async () => {
    await page.goto(`${address.origin}/#token=of-another-node`);
    await see('This link is not of this node');
    expect(await faults(page)).toEqual([]);
    expect(await page.getByRole('navigation').count()).toBe(0);
    await page.goto('about:blank');
  });

  it('shows a title with markup, bidirectional and control characters as what it is', async () => {
    await page.goto(`${address.origin}/tasks/T-1${address.hash}`);
    await page.getByRole('heading', { level: 1 }).getByText(SHOWN, { exact: false }).waitFor();
    expect(await page.locator('b[onclick]').count()).toBe(0);
    // The window's title is text of the system, and turns around as well.
    await page.waitForFunction(() => document.title !== 'Vigil');
    expect(await page.title()).toContain(SHOWN);
  });

  it('shows such a title as what it is in the graph and its list too', async () => {
    await home.vigil('pause');
    const later = [{ title: TITLE.replace('Pay', 'Later'), run: 'true', scope: ['later.txt'] }];
    await writeFile(join(home.folder, 'later.yaml'), JSON.stringify(later));
    const added = await home.vigil('task', 'add', '-f', join(home.folder, 'later.yaml'));
    expect(added.stderr).toBe('');
    await page.goto(`${address.origin}/graph`);
    const list = page.getByRole('list', { name: 'Tasks of the graph' });
    await list.getByText(SHOWN.replace('Pay', 'Later'), { exact: false }).waitFor();
    await home.vigil('resume');
  });

  it('stays quick with a diff of 50 MB and a log of 100,000 lines, and says what was cut', async () => {
    await page.goto(`${address.origin}/tasks/T-2`);
    await page.getByText('Diff', { exact: true }).click();
    await see(/only the first 1 MB of the diff/);
    await page.getByText('Log', { exact: true }).click();
    await see(/Only the last 33 kB are shown/);
    const elements = await page.evaluate(() => document.querySelectorAll('*').length);
    expect(elements).toBeLessThan(5_000);
  });

  it('says what could not be read and what to do, for everybody', async () => {
    const error = { code: 'conflict', message: 'The log is being copied.', help: 'Look later.' };
    await page.route('**/v1/budget', (route) => route.fulfill({ status: 409, json: { error } }));
    await page.goto(`${address.origin}/costs`);
    const alert = page.getByRole('alert').filter({ hasText: error.message });
    await alert.getByText(error.help).waitFor();
    expect(await faults(page)).toEqual([]);
    await page.unroute('**/v1/budget');
  });

  it('says that the node is gone, and goes on by itself when it is back', async () => {
    await page.goto(`${address.origin}/queue`);
    await page.getByRole('heading', { name: 'Queue' }).waitFor();
    const gone = new Promise((resolve) => node.once('exit', resolve));
    node.kill('SIGKILL');
    await gone;
    await see(/Connection lost/);
    const badge = page.getByRole('banner').getByRole('status');
    expect(await badge.textContent()).toBe('offline');
    await page.waitForFunction(() => document.title === 'Offline · Queue · Vigil');
    expect(await faults(page)).toEqual([]);
    await up(address.port);
    await page.getByText(/Connection lost/).waitFor({ state: 'detached' });
    expect(await badge.textContent()).not.toBe('offline');
    await page.waitForFunction(() => document.title === 'Queue · Vigil');
    await home.vigil('pause', '--reason', 'to see that it is live');
    await page.getByRole('button', { name: 'Resume', exact: true }).waitFor();
  });

  it('offers to resume what Vigil stopped by itself', async () => {
    const told = { state: 'parked', resumable: true };
    await page.route('**/v1/status', async (route) => {
      const response = await route.fetch();
      await route.fulfill({ response, json: { ...((await response.json()) as object), ...told } });
    });
    await page.reload();
    await page.getByRole('button', { name: 'Resume', exact: true }).waitFor();
    await page.unroute('**/v1/status');
  });

  it('loads itself anew when a node of another version answers', async () => {
    await page.evaluate(() => Object.assign(window, { before: true }));
    await page.route('**/v1/status', async (route) => {
      const response = await route.fetch();
      const status = (await response.json()) as object;
      await route.fulfill({ response, json: { ...status, version: '99.0.0' } });
    });
    await home.vigil('resume');
    await page.waitForFunction(() => !('before' in window));
    await page.getByRole('button', { name: 'Pause', exact: true }).waitFor();
  });
});
