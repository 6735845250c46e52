// Makes docs/screens/: every page of a real node that has worked, in light and dark, wide and narrow, with its
// empty, loading, failed and offline states. `npm run screenshots`, after which each is looked at.
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { chromium, type Browser, type Page } from 'playwright-core';
import { createSample } from '../electron/node/sample/createSample.ts';
import type { ReportView } from '../shared/model/reportApi.ts';
import type { StatusView } from '../shared/model/statusApi.ts';
import { Home, printed, ROOT } from './electron/cli/vigil.ts';
import type { InvitationView, NodeView } from '../shared/model/meshApi.ts';
import type { FedSenses } from '../shared/model/senses.ts';
import { findBrowser } from './systemPackages.ts';

const FOLDER = join(ROOT, 'docs/screens');
const SCHEMES = ['light', 'dark'] as const;
const SIZES = [
  { width: 1440, height: 900 },
  { width: 390, height: 844 },
] as const;
/** A page may be longer than its window; more than this tells nothing new, px. */
const MOST_HEIGHT_PX = 1_500;
/** How long the sample's first work may take, ms. */
const WORK_MS = 120_000;

const CONFIG =
  'sandbox: agents\nmesh: { listen: 127.0.0.1, port: 0, mdns: false, tailscale: false }\nlimits:\n  cyclesPerDay: 3\n  leastFreeDiskBytes: 0\n  leastFreeDiskShare: 0\n';

const TASKS = `
- { key: limits, title: Write down the limits, run: 'printf "# Limits\\n\\nDates from 1970 on.\\n" > LIMITS.md', scope: [LIMITS.md], review: true, type: docs }
- { key: large, title: 'Generate the table of time zones', run: 'seq 1 400 | sed "s/.*/export const zone& = &;/" > zones.js', scope: [zones.js], minQuality: 0 }
- { key: broken, title: Fetch the holidays of 2027, run: 'echo "no route to holidays.example" >&2; exit 3', maxAttempts: 1 }
- { key: parse, title: Parse ISO week dates, type: implementation, instructions: 'Parse 2026-W47-6 as ISO 8601 says.', scope: [src/parse.js] }
- { key: format, title: Format ISO week dates, type: implementation, instructions: 'Format a date as 2026-W47-6.', dependencies: [{ type: ordering, task: parse }] }
- { key: range, title: Ranges of ISO weeks, type: implementation, instructions: 'From one week to another.', dependencies: [{ type: ordering, task: parse }, { type: ordering, task: format }] }
- { title: Explain week dates in the README, type: docs, instructions: 'With an example of each.', dependencies: [{ type: ordering, task: range }] }
- { key: long, title: Measure parsing of a million dates, run: 'for i in $(seq 3000); do echo "round $i: $((i * 331)) dates"; sleep 0.1; done' }
`;

const LONG_TASK = `
- { title: 'Measure the parsing of a million dates in every calendar that the platform knows, and compare it with what is published', run: 'for i in $(seq 3000); do echo "round $i"; sleep 0.1; done' }
`;

const PAGES: readonly { name: string; path: string; ready: string }[] = [
  { name: 'overview', path: '/', ready: 'Recently finished' },
  { name: 'queue', path: '/queue', ready: 'Waiting' },
  { name: 'graph', path: '/graph', ready: 'critical path takes' },
  { name: 'task', path: '/tasks/T-1', ready: 'Impact' },
  { name: 'nodes', path: '/nodes', ready: 'What it has shown' },
  { name: 'approvals', path: '/approvals', ready: 'Waiting for you' },
  { name: 'decisions', path: '/decisions', ready: 'Last decisions' },
  { name: 'costs', path: '/costs', ready: 'Caps' },
  { name: 'insights', path: '/insights?hours=24', ready: 'First attempt succeeds' },
  { name: 'settings', path: '/settings', ready: 'Projects' },
  { name: 'start', path: '/start', ready: 'repository' },
];

const EMPTY = ['overview', 'queue', 'graph', 'approvals', 'costs', 'insights'];

/** What hangs from the icon in the menu bar, px. */
const POPOVER = { width: 380, height: 640 };

interface Site {
  readonly home: Home;
  readonly address: URL;
  readonly get: <T>(path: string) => Promise<T>;
  readonly send: <T>(method: 'POST' | 'PUT', path: string, body?: unknown) => Promise<T>;
  readonly stop: () => void;
}

/** Several machines of one picture are one: its name is another for each. */
function machine(name: string): NodeJS.ProcessEnv {
  const code = `import os from 'node:os'; import { syncBuiltinESMExports } from 'node:module'; os.hostname = () => '${name}'; syncBuiltinESMExports();`;
  return { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(code)}` };
}

async function site(
  name: string,
  repositories: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Promise<Site> {
  const home = await Home.create();
  await writeFile(join(home.folder, 'config.yaml'), CONFIG);
  const paths = repositories.map((repository) => join(home.folder, repository));
  for (const path of paths) await createSample(path);
  const node = home.start(['up', ...paths, '--port', '0'], env);
  const [, url = ''] = await printed(node, /Page: (\S+)/);
  const address = new URL(url);
  const authorization = `Bearer ${address.hash.replace('#token=', '')}`;
  const ask = async <T>(method: string, path: string, body?: unknown) => {
    const headers = { authorization, 'content-type': 'application/json' };
    const payload = body === undefined ? null : JSON.stringify(body);
    const answer = await fetch(address.origin + path, { method, headers, body: payload });
    return (await answer.json()) as T;
  };
  console.log(`${name}: ${address.origin}`);
  return {
    home,
    address,
    get: (path) => ask('GET', path),
    send: ask,
    stop: () => void node.kill('SIGKILL'),
  };
}

/** Three machines, one of them hot and one away, and five questions to their human. */
async function several(): Promise<{ readonly studio: Site; readonly all: readonly Site[] }> {
  const studio = await site('a mesh', ['dates'], machine('studio'));
  const laptop = await site('its laptop', [], machine('laptop'));
  const cellar = await site('its third', [], machine('workstation-in-the-cellar'));
  for (const other of [laptop, cellar]) {
    const { line } = await studio.send<InvitationView>('POST', '/v1/mesh/invitations');
    await other.send('POST', '/v1/mesh/join', { line });
  }
  const senses: FedSenses = { thermal: { level: 'serious' } };
  await cellar.send('POST', '/v1/senses', { senses, ttlMs: 600_000 });
  await writeFile(join(studio.home.folder, 'tasks.yaml'), LONG_TASK);
  await studio.home.vigil('task', 'add', '-f', join(studio.home.folder, 'tasks.yaml'));
  for (const more of [
    'hour.hard=8',
    'hour.hard=12',
    'day.hard=80',
    'month.hard=2000',
    'task.calls=30',
  ])
    await studio.home.vigil('budget', '--set', more);
  const others = async () =>
    (await studio.get<{ nodes: NodeView[] }>('/v1/nodes')).nodes.filter(({ self }) => !self);
  await looked(async () =>
    (await others()).some(({ fitness }) => fitness.troubles.some(({ kind }) => kind === 'hot')),
  );
  laptop.stop();
  await looked(async () => (await others()).some(({ up }) => !up));
  await looked(async () => (await studio.get<StatusView>('/v1/status')).counts.running > 0);
  return { studio, all: [studio, laptop, cellar] };
}

async function looked(isSo: () => Promise<boolean>): Promise<void> {
  const untilMs = Date.now() + WORK_MS;
  while (Date.now() < untilMs && !(await isSo())) await sleep(500);
}

async function worked(): Promise<Site> {
  const made = await site('a node at work', ['dates']);
  const { home, get } = made;
  await looked(async () => (await get<ReportView>('/v1/report')).merged >= 5);
  await writeFile(join(home.folder, 'tasks.yaml'), TASKS);
  await home.vigil('task', 'add', '-f', join(home.folder, 'tasks.yaml'));
  await home.vigil('budget', '--set', 'hour.hard=8');
  await looked(async () => {
    const { counts } = await get<StatusView>('/v1/status');
    return counts.failed > 0 && counts.review > 0 && counts.running > 0;
  });
  return made;
}

async function shoot(page: Page, name: string): Promise<void> {
  const size = page.viewportSize() ?? SIZES[0];
  const height = await page.evaluate(() => document.documentElement.scrollHeight);
  // The window is made as tall as the page: what is fixed to it reaches down to its end.
  const tall = Math.min(MOST_HEIGHT_PX, Math.max(size.height, height));
  await page.setViewportSize({ ...size, height: tall });
  await page.screenshot({ path: join(FOLDER, `${name}.png`), animations: 'disabled' });
  await page.setViewportSize(size);
}

async function open(
  browser: Browser,
  colorScheme: 'light' | 'dark',
  size: { readonly width: number; readonly height: number },
) {
  const context = await browser.newContext({
    ...{ colorScheme, viewport: size },
    reducedMotion: 'reduce',
  });
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  return page;
}

async function settled(page: Page, ready: string): Promise<void> {
  await page.getByText(ready).first().waitFor();
  await page
    .locator('[aria-busy=true], .mantine-Skeleton-root')
    .first()
    .waitFor({ state: 'detached' });
}

async function everyPage(browser: Browser, of: Site): Promise<void> {
  for (const scheme of SCHEMES)
    for (const size of SIZES) {
      const page = await open(browser, scheme, size);
      for (const { name, path, ready } of PAGES) {
        const what = `${name}-${scheme}-${size.width}`;
        await page.goto('about:blank');
        await page.goto(of.address.origin + path + of.address.hash);
        await settled(page, ready).catch((error: unknown) => console.error(what, error));
        await shoot(page, what);
      }
      await page.context().close();
    }
}

async function popover(browser: Browser, of: Site, name: string): Promise<void> {
  for (const scheme of SCHEMES) {
    const page = await open(browser, scheme, POPOVER);
    await page.goto(`${of.address.origin}/popover${of.address.hash}`);
    await page.getByRole('button', { name: 'Approve' }).first().waitFor();
    await page.waitForLoadState('networkidle');
    // Its window is as high as it is.
    const height = await page.evaluate(() => {
      const panel = document.querySelector('header')?.parentElement;
      if (panel) panel.style.maxHeight = 'none';
      return Math.ceil(panel?.getBoundingClientRect().height ?? 0);
    });
    await page.setViewportSize({ ...POPOVER, height });
    await page.screenshot({ path: join(FOLDER, `${name}-${scheme}.png`), animations: 'disabled' });
    await page.context().close();
  }
}

/** A home folder with repositories to choose from, instead of that of whoever takes the pictures. */
async function someonesHome(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'vigil-someone-'));
  for (const name of ['code/dates', 'code/ledger', 'notes']) await createSample(join(folder, name));
  return folder;
}

/** What is seen when there is nothing, when it is on its way, when it failed, and when nobody answers. */
async function states(browser: Browser, of: Site): Promise<void> {
  const [wide] = SIZES;
  const fresh = await site('a fresh node', []);
  const page = await open(browser, 'light', wide);
  await page.goto(fresh.address.href);
  await page.getByRole('heading', { level: 1 }).waitFor();
  for (const { name, path } of PAGES.filter(
    (each) => EMPTY.includes(each.name) && each.path !== '/',
  )) {
    await page.goto(fresh.address.origin + path);
    await page.getByRole('heading', { level: 1 }).waitFor();
    await page.waitForLoadState('networkidle');
    await shoot(page, `empty-${name}`);
  }
  await page.route('**/v1/queue*', () => undefined);
  await page.goto(`${of.address.origin}/queue${of.address.hash}`);
  await page.getByLabel('Loading').first().waitFor();
  await shoot(page, 'state-loading');
  await page.unroute('**/v1/queue*');
  await page.route('**/v1/queue*', (route) =>
    route.fulfill({
      status: 409,
      contentType: 'application/json',
      body: JSON.stringify({
        error: {
          code: 'conflict',
          message: 'The log is being repaired.',
          help: 'It takes a minute; the queue comes back by itself.',
        },
      }),
    }),
  );
  await page.goto('about:blank');
  await page.goto(`${of.address.origin}/queue${of.address.hash}`);
  await page.getByRole('alert').first().waitFor();
  await shoot(page, 'state-error');
  await page.unroute('**/v1/queue*');
  const other = await open(browser, 'light', wide);
  await other.goto(of.address.origin);
  await other.getByText('needs its link').waitFor();
  await shoot(other, 'state-no-token');
  await other.goto('about:blank');
  await other.goto(`${of.address.origin}/#token=of-another-node`);
  await other.getByRole('alert').or(other.getByText('link')).first().waitFor();
  await shoot(other, 'state-wrong-token');
  await page.goto('about:blank');
  await page.goto(of.address.href);
  await settled(page, 'Recently finished');
  of.stop();
  await page
    .getByText(/does not answer|Connection lost/)
    .first()
    .waitFor();
  await shoot(page, 'state-offline');
  fresh.stop();
  await fresh.home.remove();
}

function writeIndex(): void {
  const shot = (name: string) => `![${name}](${name}.png)`;
  const rows = PAGES.map(
    ({ name }) =>
      `| ${name} | ${SCHEMES.flatMap((scheme) => SIZES.map(({ width }) => `[${scheme}, ${width}](${name}-${scheme}-${width}.png)`)).join(' | ')} |`,
  );
  const others = readdirSync(FOLDER)
    .filter((file) => /^(empty|state)-/.test(file))
    .map((file) => file.replace('.png', ''));
  const text = [
    '# The page',
    '',
    'Made by `npm run screenshots`: a real node that worked on its sample project, in Chromium.',
    '',
    '| page | | | | |',
    '| --- | --- | --- | --- | --- |',
    ...rows,
    '',
    `The popover: ${SCHEMES.map((scheme) => `[${scheme}](popover-${scheme}.png)`).join(', ')}; of a mesh with five questions: ${SCHEMES.map((scheme) => `[${scheme}](popover-mesh-${scheme}.png)`).join(', ')}.`,
    '',
    'Where there is nothing, and where something is wrong:',
    '',
    ...others.map((name) => `- [${name.replace('-', ': ')}](${name}.png)`),
    '',
    shot('overview-light-1440'),
    '',
  ];
  writeFileSync(join(FOLDER, 'README.md'), text.join('\n'));
}

const executablePath = findBrowser();
if (executablePath === null) throw new Error('there is no Chromium: `npm run pretest` installs it');
rmSync(FOLDER, { recursive: true, force: true });
mkdirSync(FOLDER, { recursive: true });
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
const someone = await someonesHome();
process.env['HOME'] = someone;
const node = await worked();
const mesh = await several();
try {
  await popover(browser, mesh.studio, 'popover-mesh');
  for (const one of mesh.all) one.stop();
  await everyPage(browser, node);
  await popover(browser, node, 'popover');
  await states(browser, node);
} finally {
  await browser.close();
  node.stop();
  await node.home.remove();
  for (const one of mesh.all) await one.home.remove();
  rmSync(someone, { recursive: true, force: true });
}
writeIndex();
const bytes = readdirSync(FOLDER).reduce((sum, file) => sum + statSync(join(FOLDER, file)).size, 0);
console.log(`${readdirSync(FOLDER).length} files, ${(bytes / 1e6).toFixed(1)} MB`);
