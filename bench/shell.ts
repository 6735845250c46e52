import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { runningNode } from '../electron/client/runningNode.ts';
import { Desktop } from '../test/shell/desktop.ts';
import { ShellApp, until } from '../test/shell/shellApp.ts';
import { isMain, median, printLines, type Line } from './lib.ts';

const MEMORY_TARGET_MB = 200;
const CPU_TARGET_PERCENT = 0.5;
const OPEN_TARGET_MS = 150;
const OPENINGS = 7;
/** After the popover was closed it is still for a while, ms. */
const STILL_MS = 5_000;
const WATCHED_MS = 30_000;
const KB_PER_MB = 1_024;
/** Ticks of /proc/PID/stat in a second, on every Linux. */
const TICKS_PER_S = 100;

/** What the app costs that has nothing to show, and how quick its popover is. */
export async function run(): Promise<Line[]> {
  if (process.platform !== 'linux') {
    console.log('not measured: it reads /proc, which only Linux has');
    return [];
  }
  const home = mkdtempSync(join(tmpdir(), 'vigil-bench-shell-'));
  writeFileSync(join(home, 'config.yaml'), 'port: 0\nmesh: { mdns: false }\n');
  const desktop = await Desktop.start();
  const app = await ShellApp.start(desktop, home);
  try {
    await until(async () => JSON.stringify(await desktop.property('ToolTip')).includes('idle'));
    const cold = await open(desktop, app);
    const warm: number[] = [];
    for (let at = 0; at < OPENINGS; at += 1) warm.push(await open(desktop, app));
    await pause(STILL_MS);
    const pids = family(app.electron.process().pid ?? 0);
    const before = cpuS(pids);
    await pause(WATCHED_MS);
    const percent = ((cpuS(pids) - before) * 100_000) / WATCHED_MS;
    const memory = pids.reduce((sum, pid) => sum + pssMb(pid), 0);
    return [
      {
        name: `memory of its ${pids.length} processes, popover closed (PSS)`,
        value: memory,
        unit: 'MB',
        target: `≤ ${MEMORY_TARGET_MB}`,
        ok: memory <= MEMORY_TARGET_MB,
      },
      {
        name: 'processor, idle',
        value: percent,
        unit: '% of a core',
        target: `< ${CPU_TARGET_PERCENT}`,
        ok: percent < CPU_TARGET_PERCENT,
      },
      {
        name: 'popover opened again',
        value: median(warm),
        unit: 'ms',
        target: `≤ ${OPEN_TARGET_MS}`,
        ok: median(warm) <= OPEN_TARGET_MS,
      },
      {
        name: 'popover opened for the first time',
        value: cold,
        unit: 'ms',
        target: `≤ ${OPEN_TARGET_MS}`,
        ok: cold <= OPEN_TARGET_MS,
      },
    ];
  } finally {
    await app.close();
    const node = await runningNode(home);
    if (node) process.kill(node.pid, 'SIGKILL');
    await until(async () => (await runningNode(home)) === null);
    await desktop.stop();
    rmSync(home, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  }
}

/** From the click until the popover is shown with what it has to show, ms; closes it again. */
async function open(desktop: Desktop, app: ShellApp): Promise<number> {
  const shown = app.electron.evaluate(
    ({ app: electron, BrowserWindow }) =>
      new Promise<number>((resolve) => {
        for (const window of BrowserWindow.getAllWindows())
          window.once('show', () => resolve(Date.now()));
        electron.once('browser-window-created', (_, window) =>
          window.once('show', () => resolve(Date.now())),
        );
      }),
  );
  const listening = app.electron.evaluate(() => Date.now());
  await listening;
  const clickedAtMs = Date.now();
  await desktop.activate();
  const openMs = (await shown) - clickedAtMs;
  const page = await app.page('/popover');
  await page.keyboard.press('Escape');
  await until(async () => (await app.visibleWindows()) === 0);
  // Later than a click that itself closes the popover.
  await pause(400);
  return openMs;
}

/** A process and all below it, without the node, which is measured by itself. */
function family(root: number): number[] {
  const all = readdirSync('/proc')
    .map(Number)
    .filter((pid) => pid > 0)
    .flatMap((pid) => {
      const stat = fields(pid);
      return stat === null ? [] : [{ pid, parent: Number(stat[1]) }];
    });
  const found = [root];
  for (const parent of found)
    for (const { pid, parent: of } of all) if (of === parent && !isNode(pid)) found.push(pid);
  return found;
}

function isNode(pid: number): boolean {
  return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('bin/vigil.js');
}

/** What follows the name in `/proc/PID/stat`; null when the process has ended. */
function fields(pid: number): string[] | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return text.slice(text.lastIndexOf(')') + 2).split(' ');
  } catch {
    return null;
  }
}

function cpuS(pids: readonly number[]): number {
  const ticks = pids.map((pid) => {
    const stat = fields(pid);
    return stat === null ? 0 : Number(stat[11]) + Number(stat[12]);
  });
  return ticks.reduce((sum, value) => sum + value, 0) / TICKS_PER_S;
}

/** Its share of what it has in memory: what several have is divided among them. */
function pssMb(pid: number): number {
  const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
  return Number(/^Pss:\s+(\d+) kB/m.exec(text)?.[1] ?? 0) / KB_PER_MB;
}

if (isMain(import.meta.url)) printLines('The shell', await run());
