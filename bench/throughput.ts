import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { isMain, median, printLines, type Line } from './lib.ts';
import type { RivalFigures } from './rivals/measure.ts';

/** Jobs of a round: enough for seconds of work, few enough for several rounds. */
const JOBS = 5_000;
const ROUNDS = 3;
const CONCURRENCIES = [1, 10];
/** From the request that adds a task to an idle node to its start, ms. */
const START_TARGET_MS = 2;

/** Who is measured, each in a process of its own. */
const CONTENDERS = {
  vigil: 'throughputRound.ts',
  'graphile-worker': 'rivals/graphile.ts',
  BullMQ: 'rivals/bullmq.ts',
} as const;
type Name = keyof typeof CONTENDERS;
const NAMES: readonly Name[] = ['vigil', 'graphile-worker', 'BullMQ'];

type Round = Partial<Record<Name, RivalFigures>>;

/** Jobs a second through a durable life cycle and added → started, beside the rivals in rounds by turns. */
export function run(): Promise<Line[]> {
  installRivals();
  return Promise.resolve(CONCURRENCIES.flatMap(ofConcurrency));
}

function ofConcurrency(concurrency: number): Line[] {
  const rounds: Round[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const figures: Round = {};
    for (const name of NAMES) {
      const measured = measure(name, concurrency);
      if (measured) figures[name] = measured;
    }
    rounds.push(figures);
  }
  return NAMES.flatMap((name) => lines(name, concurrency, rounds));
}

function lines(name: Name, concurrency: number, rounds: readonly Round[]): Line[] {
  const of = (key: keyof RivalFigures) => rounds.flatMap((round) => round[name]?.[key] ?? []);
  const speeds = of('jobsPerS');
  if (speeds.length === 0) return [];
  const what = `${name}, concurrency ${concurrency}`;
  const told = { target: null, ok: null };
  const start = median(of('addToStartP50Ms'));
  const result: Line[] = [
    { name: `${what}: no-op tasks`, value: median(speeds), unit: '/s', ...told },
    {
      name: `${what}: added → started p50`,
      value: start,
      unit: 'ms',
      ...(name === 'vigil'
        ? { target: `≤ ${START_TARGET_MS}`, ok: start <= START_TARGET_MS }
        : told),
    },
    {
      name: `${what}: added → started p99`,
      value: median(of('addToStartP99Ms')),
      unit: 'ms',
      ...told,
    },
  ];
  if (name === 'vigil') return result;
  // Each round's two ran next to each other: their ratio suffers least from what else the machine does.
  const ratio = median(
    rounds.flatMap(({ vigil, [name]: rival }) =>
      vigil && rival ? [vigil.jobsPerS / rival.jobsPerS] : [],
    ),
  );
  const mustWin = name === 'graphile-worker';
  return [
    ...result,
    {
      name: `vigil : ${what}`,
      value: ratio,
      unit: '×',
      ...(mustWin ? { target: '> 1', ok: ratio > 1 } : told),
    },
  ];
}

function measure(name: Name, concurrency: number): RivalFigures | null {
  const file = new URL(CONTENDERS[name], import.meta.url).pathname;
  if (name !== 'vigil' && !existsSync(new URL('node_modules/', import.meta.url))) return null;
  const output = execFileSync(process.execPath, [file, String(JOBS), String(concurrency)], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const figures = JSON.parse(output.trim().split('\n').at(-1) ?? '') as
    RivalFigures | { missing: string };
  if (!('missing' in figures)) return figures;
  console.log(`rival not measured: ${figures.missing}`);
  return null;
}

/** The rivals' packages are fetched when they are first wanted; without a network they are left out. */
function installRivals(): void {
  if (existsSync(new URL('node_modules/', import.meta.url))) return;
  try {
    execFileSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], {
      cwd: new URL('.', import.meta.url).pathname,
      stdio: 'inherit',
    });
  } catch {
    console.log('rivals not measured: `npm ci` in bench/ failed (is there a network?)');
  }
}

if (isMain(import.meta.url)) printLines('Durable no-op tasks', await run());
