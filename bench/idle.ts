import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { isMain, median, printLines, type Line } from './lib.ts';
import { startProcess } from './nodeProcess.ts';
import { makePlace, type BenchTask } from './realNode.ts';

const RSS_TARGET_MB = 120;
const CPU_TARGET_PERCENT = 0.5;
/** How long the idle node is watched, ms: two safety ticks. */
const WATCHED_MS = 60_000;
/** Time for what the work left behind: the mirror's last commit, the next worktree. */
const SETTLE_MS = 5_000;
const LOOK_MS = 200;
const STARTS = 5;
const KB_PER_MB = 1_024;

/** What the node costs that has nothing to do: one project, its work done, tasks that wait for an agent. */
export async function run(): Promise<Line[]> {
  if (!existsSync('/proc/self/stat')) {
    console.log('not measured: it reads /proc, which only Linux has');
    return [];
  }
  const place = makePlace({
    files: {
      'package.json': JSON.stringify({
        name: 'idle',
        version: '1.0.0',
        type: 'module',
        private: true,
        license: 'MIT',
        exports: './src/main.js',
        engines: { node: '>=20' },
      }),
      'src/main.js':
        "import { join } from 'node:path';\nimport { used } from './used.js';\nexport const main = () => used(1);\n",
      'src/used.js':
        'export const used = (value) => value + 1;\nexport const unused = 2;\n// TODO: say what it is for\n',
    },
  });
  try {
    const starts: number[] = [];
    for (let at = 0; at < STARTS; at += 1) {
      const node = await startProcess(place.home);
      starts.push(node.startMs);
      await node.end('SIGTERM');
    }
    const node = await startProcess(place.home);
    try {
      await node.post('/v1/projects', { path: place.repository });
      const waiting: BenchTask = { title: 'Write the user guide', type: 'docs' };
      await node.post('/v1/tasks', { tasks: [waiting, waiting, waiting] });
      await idle((path) => node.get(path));
      await pause(SETTLE_MS);
      const before = cpuMs(node.pid);
      const begun = performance.now();
      await pause(WATCHED_MS);
      const percent = ((cpuMs(node.pid) - before) * 100) / (performance.now() - begun);
      const { rssMb, peakMb } = memory(node.pid);
      return [
        {
          name: 'start: process → /v1/status answers',
          value: median(starts),
          unit: 'ms',
          target: null,
          ok: null,
        },
        {
          name: 'memory in use (RSS)',
          value: rssMb,
          unit: 'MB',
          target: `≤ ${RSS_TARGET_MB}`,
          ok: rssMb <= RSS_TARGET_MB,
        },
        { name: 'most memory since the start', value: peakMb, unit: 'MB', target: null, ok: null },
        {
          name: 'processor, over a minute',
          value: percent,
          unit: '% of a core',
          target: `< ${CPU_TARGET_PERCENT}`,
          ok: percent < CPU_TARGET_PERCENT,
        },
      ];
    } finally {
      await node.end('SIGTERM');
    }
  } finally {
    place.remove();
  }
}

/** Resolves when the work is done: a scan has been, and nothing runs. */
async function idle(get: <T>(path: string) => Promise<T>): Promise<void> {
  for (;;) {
    const { events } = await get<{ events: unknown[] }>('/v1/events?type=cycle.finished');
    const { state } = await get<{ state: string }>('/v1/status');
    if (state === 'idle' && events.length > 0) return;
    await pause(LOOK_MS);
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Time that a process and its ended children had on the processors, ms (proc(5): fields 14 to 17). */
function cpuMs(pid: number): number {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = text
    .slice(text.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number);
  const ticks = fields.slice(11, 15).reduce((sum, value) => sum + value, 0);
  return (ticks * 1_000) / Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));
}

function memory(pid: number): { rssMb: number; peakMb: number } {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const of = (name: string) =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]) / KB_PER_MB;
  return { rssMb: of('VmRSS'), peakMb: of('VmHWM') };
}

if (isMain(import.meta.url)) printLines('An idle node', await run());
