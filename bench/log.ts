import { openOffline } from '../electron/node/openOffline.ts';
import { ask } from './realNode.ts';
import { isMain, median, percentile, printLines, type Line } from './lib.ts';
import { longLog } from './longLog.ts';
import { startProcess } from './nodeProcess.ts';

const EXPLAINED = 200;
const EXPLAIN_TARGET_MS = 50;
const START_TARGET_MS = 2_000;
const STARTS = 3;
/** Rounds of the reads that a human waits for. */
const READS = 3;

/** What a node does with a log of a million events. */
export async function run(): Promise<Line[]> {
  const { home, tasks, buildMs } = await longLog();
  const lines: Line[] = [];
  if (buildMs !== null)
    lines.push({
      name: 'log built, all events through the ledger',
      value: buildMs / 1_000,
      unit: 's',
      target: '≤ 180',
      ok: buildMs <= 180_000,
    });
  lines.push(...(await reads(home, tasks)));
  const starts: number[] = [];
  for (let at = 0; at < STARTS; at += 1) {
    const node = await startProcess(home);
    starts.push(node.startMs);
    // A crash: the next start folds what lies behind the last snapshot once more.
    await node.end('SIGKILL');
  }
  const startMs = median(starts);
  lines.push({
    name: 'cold start: process → /v1/status answers',
    value: startMs,
    unit: 'ms',
    target: `≤ ${START_TARGET_MS}`,
    ok: startMs <= START_TARGET_MS,
  });
  return lines;
}

/** The API over the log, without the network: what it answers is what `vigil` shows. */
async function reads(home: string, tasks: number): Promise<Line[]> {
  const begun = performance.now();
  const api = openOffline(home);
  const openMs = performance.now() - begun;
  const get = (path: string) => ask((request) => api.fetch(request), `http://127.0.0.1${path}`, '');
  const timed = async (path: string) => {
    const start = performance.now();
    await get(path);
    return performance.now() - start;
  };
  const lines: Line[] = [told('store opened, world folded from the last snapshot', openMs)];
  try {
    const middle = Math.floor(tasks / 2);
    lines.push(told('explain, the very first one', await timed(`/v1/tasks/T-${middle}/explain`)));
    const times: number[] = [];
    for (let at = 1; at <= EXPLAINED; at += 1)
      times.push(await timed(`/v1/tasks/T-${middle + at * 37}/explain`));
    const p99 = percentile(times, 0.99);
    lines.push(told('explain, tasks not read before: p50', median(times)), {
      ...told('explain, tasks not read before: p99', p99),
      target: `≤ ${EXPLAIN_TARGET_MS}`,
      ok: p99 <= EXPLAIN_TARGET_MS,
    });
    const again: number[] = [];
    for (let at = 0; at < EXPLAINED; at += 1)
      again.push(await timed(`/v1/tasks/T-${middle}/explain`));
    lines.push(told('explain, the same task again: p50', median(again)));
    for (const [name, path] of [
      ['status', '/v1/status'],
      ['queue', '/v1/queue'],
      ['queue --at, middle of the log', '/v1/queue?at=500000'],
      ['events, the last 200', '/v1/events?order=desc&limit=200'],
      ['events of one type, the last 200', '/v1/events?order=desc&limit=200&type=merge.done'],
      ['report over 24 hours', '/v1/report?hours=24'],
      ['tasks, the last 1,000 that ended', '/v1/tasks?all=1'],
    ] as const) {
      const rounds: number[] = [];
      for (let round = 0; round < READS; round += 1) rounds.push(await timed(path));
      lines.push(told(name, median(rounds)));
    }
  } finally {
    await api.close();
  }
  return lines;
}

function told(name: string, ms: number): Line {
  return { name, value: ms, unit: 'ms', target: null, ok: null };
}

if (isMain(import.meta.url)) printLines('A log of a million events', await run());
