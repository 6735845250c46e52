import { gzipSync } from 'node:zlib';
import { chromium, type Browser, type Page } from 'playwright-core';
import type { TaskSummary } from '../shared/model/taskApi.ts';
import { findBrowser } from '../test/systemPackages.ts';
import { isMain, median, percentile, printLines, type Line } from './lib.ts';
import { startProcess, type NodeProcess } from './nodeProcess.ts';
import { makePlace, type BenchTask } from './realNode.ts';

const OPEN_TASKS = 5_000;
const GRAPH_TASKS = 2_000;
const STARTS = 5;
const EVENTS = 40;
/** Events that come at once, as when a batch of work ends. */
const BURST = 20;
const BURSTS = 5;
const PAN_MS = 3_000;
const PAINT_TARGET_MS = 1_000;
const EVENT_TARGET_MS = 100;
const PAN_TARGET = 30;
const FIRST_LOAD_TARGET_KB = 300;
const VIEWPORT = { width: 1440, height: 900 };

/** Of a page: what has to be on screen for it to say something. */
const MEANINGFUL = {
  overview: { path: '/', selector: 'section [data-figure]' },
  queue: { path: '/queue', selector: 'li[data-index="0"]' },
} as const;

/** A browser's way to a node, as its user has it. */
interface Visit {
  readonly browser: Browser;
  readonly node: NodeProcess;
}

/** How soon the page shows a node with many tasks, and what happens on it. */
export async function run(): Promise<Line[]> {
  const executablePath = findBrowser();
  if (executablePath === null) {
    console.log('not measured: there is no Chromium');
    return [];
  }
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
  try {
    return [...(await ofManyTasks(browser)), ...(await ofGraph(browser))];
  } finally {
    await browser.close();
  }
}

async function ofManyTasks(browser: Browser): Promise<Line[]> {
  const place = makePlace({ limits: { cyclesPerDay: 0 } });
  let node = await startProcess(place.home);
  try {
    await node.post('/v1/projects', { path: place.repository });
    await addTasks(node, OPEN_TASKS, () => []);
    await node.end('SIGTERM');
    const lines: Line[] = [];
    let bytes = 0;
    for (const [name, { path, selector }] of Object.entries(MEANINGFUL)) {
      const paints: number[] = [];
      for (let at = 0; at < STARTS; at += 1) {
        node = await startProcess(place.home);
        const page = await openPage({ browser, node });
        const sizes: Promise<number>[] = [];
        page.on('response', (response) => {
          if (!new URL(response.url()).pathname.startsWith('/v1/'))
            sizes.push(response.body().then((body) => gzipSync(body).length));
        });
        paints.push(await paintOf(page, node, path, selector));
        if (path === '/') {
          await page.waitForLoadState('networkidle');
          bytes = (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
        }
        await page.context().close();
        await node.end('SIGTERM');
      }
      const what = `${name}: first meaningful paint, cold node, ${OPEN_TASKS} tasks`;
      lines.push(atMost(what, median(paints), 'ms', PAINT_TARGET_MS));
    }
    lines.push(atMost('first load, gzip', bytes / 1_000, 'kB', FIRST_LOAD_TARGET_KB));
    node = await startProcess(place.home);
    return [...lines, ...(await ofEvents({ browser, node }))];
  } finally {
    await node.end('SIGTERM');
    place.remove();
  }
}

/** From an event's own time to the frame after the one that shows what it changed. */
async function ofEvents(visit: Visit): Promise<Line[]> {
  const { node } = visit;
  const lines: Line[] = [];
  const overview = await openPage(visit);
  await paintOf(overview, node, MEANINGFUL.overview.path, MEANINGFUL.overview.selector);
  await overview.waitForLoadState('networkidle');
  const ended: number[] = [];
  for (let at = 0; at < EVENTS; at += 1) {
    const title = `Ends at once ${at}`;
    const [shownMs, [task]] = await Promise.all([
      whenShown(overview, title, true),
      add(node, [{ title, type: 'milestone' }]),
    ]);
    ended.push(shownMs - (await endOf(node, task)));
  }
  lines.push(...eventLines('task ended → row on the overview', ended));
  await overview.context().close();

  const queue = await openPage(visit);
  await paintOf(queue, node, MEANINGFUL.queue.path, MEANINGFUL.queue.selector);
  await queue.waitForLoadState('networkidle');
  const single: number[] = [];
  for (let at = 0; at < EVENTS; at += 1) {
    const id = await firstShown(queue);
    const [goneMs, atMs] = await Promise.all([whenShown(queue, id, false), cancel(node, id)]);
    single.push(goneMs - atMs);
  }
  lines.push(...eventLines('task cancelled → gone from the queue', single));
  const last: number[] = [];
  for (let at = 0; at < BURSTS; at += 1) {
    const burst = (await shownIds(queue)).slice(0, BURST);
    const delays = burst.map(async (id) => {
      const [goneMs, atMs] = await Promise.all([whenShown(queue, id, false), cancel(node, id)]);
      return goneMs - atMs;
    });
    last.push(...(await Promise.all(delays)));
  }
  lines.push(...eventLines(`the same, ${BURST} at once`, last));
  await queue.context().close();
  return lines;
}

async function ofGraph(browser: Browser): Promise<Line[]> {
  const place = makePlace({ limits: { cyclesPerDay: 0 } });
  const node = await startProcess(place.home);
  try {
    await node.post('/v1/projects', { path: place.repository });
    // Each waits for two of the layer before it.
    const WIDTH = 40;
    await addTasks(node, GRAPH_TASKS, (at) =>
      at < WIDTH
        ? []
        : [at - WIDTH, at - WIDTH + 1 - (at % WIDTH === WIDTH - 1 ? WIDTH : 0)].map((task) => ({
            type: 'ordering' as const,
            task: `k${task}`,
          })),
    );
    const page = await openPage({ browser, node });
    const paint = await paintOf(page, node, '/graph', 'canvas[width]');
    const frames = await framesWhilePanning(page);
    await page.getByRole('button', { name: 'Zoom in' }).click({ clickCount: 8 });
    const near = await framesWhilePanning(page);
    return [
      atMost(`graph of ${GRAPH_TASKS} tasks: first paint`, paint, 'ms', null),
      atLeast('panning, all of it in sight', frames, 'frames/s', PAN_TARGET),
      atLeast('panning, near', near, 'frames/s', PAN_TARGET),
    ];
  } finally {
    await node.end('SIGTERM');
    place.remove();
  }
}

/** Frames a second in which the graph was drawn anew while a pointer drags it. */
async function framesWhilePanning(page: Page): Promise<number> {
  const box = await page.locator('canvas').boundingBox();
  if (!box) throw new Error('there is no graph');
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
  await page.evaluate(() => {
    const seen = { frames: 0, startMs: performance.now() };
    const count = () => {
      seen.frames += 1;
      requestAnimationFrame(count);
    };
    requestAnimationFrame(count);
    Object.assign(window, { seen });
  });
  await page.mouse.move(x, y);
  await page.mouse.down();
  const untilMs = performance.now() + PAN_MS;
  await page.evaluate(() =>
    Object.assign((window as never as Seen).seen, { frames: 0, startMs: performance.now() }),
  );
  for (let at = 0; performance.now() < untilMs; at += 1)
    await page.mouse.move(x + Math.sin(at / 10) * 200, y + Math.cos(at / 10) * 150);
  const perS = await page.evaluate(() => {
    const { frames, startMs } = (window as never as Seen).seen;
    return (frames * 1_000) / (performance.now() - startMs);
  });
  await page.mouse.up();
  return perS;
}

interface Seen {
  readonly seen: { frames: number; startMs: number };
}

async function openPage({ browser }: Visit): Promise<Page> {
  // A context of its own has an empty cache.
  const context = await browser.newContext({ viewport: VIEWPORT });
  const page = await context.newPage();
  page.setDefaultTimeout(60_000);
  return page;
}

/** From the start of the navigation to the frame after the one that shows it, ms. */
async function paintOf(
  page: Page,
  node: NodeProcess,
  path: string,
  selector: string,
): Promise<number> {
  await page.addInitScript((wanted) => {
    const observer = new MutationObserver(() => {
      if (document.querySelector(wanted) === null) return;
      observer.disconnect();
      requestAnimationFrame(() =>
        setTimeout(() => Object.assign(window, { paintedMs: performance.now() })),
      );
    });
    observer.observe(document, { childList: true, subtree: true, attributes: true });
  }, selector);
  await page.goto(`${node.url}${path}#token=${node.token}`);
  const handle = await page.waitForFunction(
    () => (window as never as { paintedMs?: number }).paintedMs,
  );
  return (await handle.jsonValue()) ?? NaN;
}

/** When a text is, or is no longer, within a row on screen, ms since the epoch. */
async function whenShown(page: Page, text: string, present: boolean): Promise<number> {
  return page.evaluate(
    ({ text, present }) =>
      new Promise<number>((resolve) => {
        const wanted = new RegExp(`${text}(?!\\d)`);
        const look = () => {
          const rows = [...document.querySelectorAll('main li')];
          if (rows.some((row) => wanted.test(row.textContent)) !== present) return;
          observer.disconnect();
          requestAnimationFrame(() =>
            setTimeout(() => resolve(performance.timeOrigin + performance.now())),
          );
        };
        const observer = new MutationObserver(look);
        observer.observe(document, { childList: true, subtree: true, characterData: true });
        look();
      }),
    { text, present },
  );
}

async function firstShown(page: Page): Promise<string> {
  return (await shownIds(page))[0] ?? '';
}

function shownIds(page: Page): Promise<string[]> {
  return page.evaluate(() =>
    [...document.querySelectorAll('main li a')].flatMap(
      ({ textContent }) => /^T-\d+/.exec(textContent)?.[0] ?? [],
    ),
  );
}

async function cancel(node: NodeProcess, id: string): Promise<number> {
  await node.post(`/v1/tasks/${id}/cancel`, { reason: 'measured' });
  return endOf(node, id);
}

/** When the last event of a task was, ms since the epoch. */
async function endOf(node: NodeProcess, id: string | undefined): Promise<number> {
  const { events } = await node.get<{ events: { atMs: number }[] }>(
    `/v1/events?task=${id}&order=desc&limit=1`,
  );
  return events[0]?.atMs ?? NaN;
}

async function add(node: NodeProcess, tasks: readonly BenchTask[]): Promise<string[]> {
  const added = await node.post<{ tasks: TaskSummary[] }>('/v1/tasks', { tasks });
  return added.tasks.map(({ id }) => id);
}

/** Tasks that wait for a coding agent, which is not there. */
async function addTasks(
  node: NodeProcess,
  count: number,
  dependencies: (at: number) => BenchTask['dependencies'],
): Promise<void> {
  const tasks = Array.from({ length: count }, (_, at) => ({
    key: `k${at}`,
    title: `Mend what the linter says about module ${at}`,
    type: 'implementation' as const,
    instructions: `Mend src/module${at}.ts as the linter says, and keep what it does.`,
    dependencies: dependencies(at),
  }));
  await add(node, tasks as BenchTask[]);
}

function eventLines(what: string, values: readonly number[]): Line[] {
  return [
    atMost(`${what}: p50`, percentile(values, 0.5), 'ms', null),
    atMost(`${what}: p95`, percentile(values, 0.95), 'ms', EVENT_TARGET_MS),
  ];
}

function atMost(name: string, value: number, unit: string, most: number | null): Line {
  return {
    ...{ name, value, unit },
    ...(most === null ? { target: null, ok: null } : { target: `≤ ${most}`, ok: value <= most }),
  };
}

function atLeast(name: string, value: number, unit: string, least: number): Line {
  return { name, value, unit, target: `≥ ${least}`, ok: value >= least };
}

if (isMain(import.meta.url)) printLines('The page', await run());
