import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import { chromium, type Browser, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createSample } from '../../electron/node/sample/createSample.ts';
import type { ReportView } from '../../shared/model/reportApi.ts';
import type { QueueView } from '../../shared/model/taskApi.ts';
import type { NoticeSettingsView } from '../../shared/model/notice.ts';
import type { DecisionsView } from '../../shared/model/insightApi.ts';
import { findBrowser } from '../systemPackages.ts';
import { Home, printed } from '../electron/cli/vigil.ts';

const CHROMIUM = findBrowser() ?? 'chromium';
const CONFIG =
  'sandbox: agents\nlimits:\n  cyclesPerDay: 0\n  leastFreeDiskBytes: 0\n  leastFreeDiskShare: 0\n';
const TASKS = `
- { title: Write one, run: 'echo 1 > one.txt', scope: [one.txt] }
- { title: Write two, run: 'echo 2 > two.txt', scope: [two.txt] }
- { key: asked, title: Parse dates, type: implementation, instructions: Parse ISO dates. }
- { title: Use the dates, run: 'true', dependencies: [{ type: ordering, task: asked }] }
`;
const PAGES = ['Graph', 'Nodes', 'Decisions', 'Costs', 'Insights', 'Settings'] as const;

/** A real node, and the browser's way to it. */
interface Site {
  readonly home: Home;
  readonly address: URL;
  readonly get: <T>(path: string) => Promise<T>;
}

async function site(...repositories: string[]): Promise<Site> {
  const home = await Home.create();
  await writeFile(join(home.folder, 'config.yaml'), CONFIG);
  for (const name of repositories) await createSample(join(home.folder, name));
  const node = home.start(['up', ...repositories.map((r) => join(home.folder, r)), '--port', '0']);
  const [, url = ''] = await printed(node, /Page: (\S+)/);
  const address = new URL(url);
  const authorization = `Bearer ${address.hash.replace('#token=', '')}`;
  const get = async <T>(path: string) =>
    (await (await fetch(address.origin + path, { headers: { authorization } })).json()) as T;
  return { home, address, get };
}

describe('the pages that tell how it goes', () => {
  let browser: Browser | undefined;
  let worked: Site;
  let fresh: Site;
  const complaints: string[] = [];

  beforeAll(async () => {
    [worked, fresh, browser] = await Promise.all([
      site('sample'),
      site(),
      chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] }),
    ]);
    const tasks = join(worked.home.folder, 'tasks.yaml');
    await writeFile(tasks, TASKS);
    expect((await worked.home.vigil('task', 'add', '-f', tasks)).stderr).toBe('');
    await vi.waitFor(
      async () => expect((await worked.get<ReportView>('/v1/report')).merged).toBe(2),
      { timeout: 30_000, interval: 200 },
    );
  });
  afterAll(async () => {
    await browser?.close();
    await Promise.all([worked.home.remove(), fresh.home.remove()]);
  });

  async function open(of: Site, path: string, colorScheme: 'light' | 'dark' = 'light') {
    const context = await browser?.newContext({ colorScheme });
    const page = (await context?.newPage()) ?? expect.fail('no browser');
    page.setDefaultTimeout(15_000);
    page.on('pageerror', ({ message }) => complaints.push(message));
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
    });
    await page.goto(of.address.origin + path + of.address.hash);
    return page;
  }

  const settled = async (page: Page, name: string) => {
    await page.getByRole('heading', { level: 1, name }).waitFor();
    await page.locator('[aria-busy=true]').first().waitFor({ state: 'detached' });
  };

  it('show the figures of the node', async () => {
    const page = await open(worked, '/graph');
    const { waiting } = await worked.get<QueueView>('/v1/queue');
    await page.getByText(`${waiting.length} open tasks`).waitFor();
    await page.getByRole('link', { name: /Use the dates/ }).waitFor();

    await page.goto(`${worked.address.origin}/insights?hours=24`);
    const report = await worked.get<ReportView>('/v1/report');
    expect(report.firstAttemptSuccess).toBe(1);
    await page.getByText('First attempt succeeds').waitFor();
    await page.getByText('100 %').first().waitFor();

    await page.goto(`${worked.address.origin}/decisions`);
    const { decisions } = await worked.get<DecisionsView>('/v1/decisions');
    await page.getByRole('heading', { name: `Last decisions ${decisions.length}` }).waitFor();
    await page.locator('summary', { hasText: 'dispatch T-' }).first().click();
    await page.getByRole('cell', { name: 'chosen' }).first().waitFor();
  });

  it('ask before a cap rises, and say so', async () => {
    const page = await open(worked, '/costs');
    await page.getByLabel('An hour: USD').fill('8');
    await page.getByRole('button', { name: 'Set An hour', exact: true }).click();
    await page.getByText(/waits for a yes/).waitFor();
    await page.getByText('$0.00 of $5.00').waitFor();
  });

  it('drain a node and let it work again, and invite another with a line and a code', async () => {
    const page = await open(worked, '/nodes');
    await page.getByRole('button', { name: 'Drain' }).click();
    await page.getByRole('button', { name: 'Undrain' }).click();
    await page.getByRole('button', { name: 'Drain', exact: true }).waitFor();
    await page.getByRole('button', { name: 'Invite a machine' }).click();
    await page.getByText(/vigil join /).waitFor();
    await page.getByRole('img', { name: /QR code/ }).waitFor();
  });

  it('set quiet hours that hold from then on, and send a test', async () => {
    const page = await open(worked, '/settings');
    await page.getByLabel('Quiet from').fill('22:00');
    await page.getByLabel('Quiet until').fill('07:30');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('saved, and holds from now on').waitFor();
    const settings = await worked.get<NoticeSettingsView>('/v1/notice-settings');
    expect(settings.quiet).toEqual({ from: '22:00', to: '07:30' });
    await page.getByRole('button', { name: 'Send a test' }).click();
    await page.getByText(/Desktop: |No channel is set/).waitFor();
    await page.context().close();
  });

  it('say on a fresh node what would be there', async () => {
    for (const [path, text] of [
      ['/graph', 'No open tasks'],
      ['/costs', 'No model was called this month'],
      ['/insights', 'Nothing was tried in this period'],
      ['/settings', /adds the repository at that path/],
    ] as const) {
      const page = await open(fresh, path);
      await page.getByText(text).first().waitFor();
      await page.context().close();
    }
  });

  it.each(['light', 'dark'] as const)(
    'have no serious fault for assistive means in %s',
    async (scheme) => {
      for (const name of PAGES) {
        const page = await open(worked, `/${name.toLowerCase()}`, scheme);
        await settled(page, name);
        const { violations } = await new AxeBuilder({ page }).analyze();
        const serious = violations.filter(
          ({ impact }) => impact === 'serious' || impact === 'critical',
        );
        expect(serious.map(({ id, nodes }) => [name, id, nodes[0]?.html])).toEqual([]);
        await page.context().close();
      }
    },
  );

  it('needed nothing that the content security policy forbids', () => {
    expect(complaints).toEqual([]);
  });
});
