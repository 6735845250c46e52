import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import type { EventBody } from '../shared/model/events.ts';
import { NodeId, ProjectId, taskId } from '../shared/model/ids.ts';
import { EventStore } from '../electron/store/store.ts';

/** Batch sizes of a flush: one task's step, a small burst, a scan. */
const BATCHES = [1, 10, 100];
/** Each figure is the median of this many rounds, Vigil and raw SQLite by turns. */
const ROUNDS = 5;
const EVENTS_PER_ROUND = 2_000;
const LOG_EVENTS = 1_000_000;
const LOG_TASKS = 100_000;
const TASK_READS = 500;

export interface StoreFigures {
  readonly append: readonly AppendFigure[];
  /** One task's events out of a log of `events`. */
  readonly read: {
    readonly events: number;
    readonly p50Ms: number;
    readonly p99Ms: number;
    /** The last 50 events of two types. */
    readonly latestMs: number;
    readonly openMs: number;
    readonly verifyMs: number;
    readonly bytesPerEvent: number;
  };
}

interface AppendFigure {
  readonly batch: number;
  /** Microseconds per event: JSON, hash, three indexes, one synced commit a batch. */
  readonly vigilUs: number;
  /** Microseconds per row of the same bytes in a table with nothing but a key. */
  readonly rawUs: number;
}

const demo = ProjectId.parse('demo');

function body(number: number): EventBody {
  return {
    type: 'attempt.failed',
    task: taskId(1 + ((number * 7_919) % LOG_TASKS)),
    project: demo,
    attempt: 1 + (number % 3),
    failure: { class: 'external', reason: 'the registry did not answer', interrupted: false },
    report: 'npm ERR! network request to https://registry.npmjs.org failed '.repeat(3),
    durationMs: 1_200 + (number % 1_000),
  };
}

function bodies(first: number, count: number): EventBody[] {
  return Array.from({ length: count }, (_, index) => body(first + index));
}

/** Measures the store in a temporary folder: appending beside raw SQLite, and reading from a long log. */
export async function run(): Promise<StoreFigures> {
  const home = mkdtempSync(join(tmpdir(), 'vigil-bench-store-'));
  try {
    return { append: await measureAppend(home), read: await measureRead(join(home, 'long')) };
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

async function measureAppend(home: string): Promise<AppendFigure[]> {
  const store = EventStore.open(join(home, 'vigil'), NodeId.parse('n-bench'));
  const raw = new Database(join(home, 'raw.db'));
  raw.pragma('journal_mode = WAL');
  raw.pragma('synchronous = FULL');
  raw.exec('CREATE TABLE rows (id INTEGER PRIMARY KEY, at INTEGER, hash BLOB, body TEXT)');
  const insert = raw.prepare('INSERT INTO rows (at, hash, body) VALUES (?, ?, ?)');
  const hash = Buffer.alloc(32, 7);
  const insertAll = raw.transaction((texts: string[]) => {
    for (const text of texts) insert.run(1_700_000_000_000, hash, text);
  });

  const figures: AppendFigure[] = [];
  for (const batch of BATCHES) {
    const vigil: number[] = [];
    const plain: number[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      const all = bodies(round * EVENTS_PER_ROUND, EVENTS_PER_ROUND);
      let start = performance.now();
      for (let at = 0; at < all.length; at += batch) {
        store.append(all.slice(at, at + batch), Date.now());
        await store.flush();
      }
      vigil.push(((performance.now() - start) * 1_000) / all.length);

      const texts = all.map((one) => JSON.stringify(one));
      start = performance.now();
      for (let at = 0; at < texts.length; at += batch) insertAll(texts.slice(at, at + batch));
      plain.push(((performance.now() - start) * 1_000) / texts.length);
    }
    figures.push({ batch, vigilUs: quantile(vigil, 0.5), rawUs: quantile(plain, 0.5) });
  }
  store.close();
  raw.close();
  return figures;
}

async function measureRead(home: string): Promise<StoreFigures['read']> {
  const writer = EventStore.open(home, NodeId.parse('n-bench'));
  for (let first = 0; first < LOG_EVENTS; first += 2_000) {
    writer.append(bodies(first, 2_000), 1_700_000_000_000 + first);
    await writer.flush();
  }
  writer.close();

  const opened = performance.now();
  const store = EventStore.open(home, null);
  const openMs = performance.now() - opened;
  const times: number[] = [];
  for (let read = 0; read < TASK_READS; read += 1) {
    const task = taskId(1 + ((read * 104_729) % LOG_TASKS));
    const start = performance.now();
    if (store.read({ task }).length !== LOG_EVENTS / LOG_TASKS) {
      throw new Error(`${task} has lost events`);
    }
    times.push(performance.now() - start);
  }
  const latest = performance.now();
  store.read({ types: ['attempt.failed', 'merge.done'], limit: 50, order: 'desc' });
  const latestMs = performance.now() - latest;
  const verified = performance.now();
  if (store.verify().problem) throw new Error('the chain is broken');
  const verifyMs = performance.now() - verified;
  store.close();

  const file = new Database(join(home, 'vigil.db'), { readonly: true });
  const bytes =
    Number(file.pragma('page_count', { simple: true })) *
    Number(file.pragma('page_size', { simple: true }));
  file.close();
  return {
    events: LOG_EVENTS,
    p50Ms: quantile(times, 0.5),
    p99Ms: quantile(times, 0.99),
    latestMs,
    openMs,
    verifyMs,
    bytesPerEvent: bytes / LOG_EVENTS,
  };
}

function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}

/** The figures as lines for a terminal. */
export function describe(figures: StoreFigures): string[] {
  const { read } = figures;
  return [
    'Event append, µs per event (raw: better-sqlite3, the same bytes, same durability)',
    ...figures.append.map(
      ({ batch, vigilUs, rawUs }) =>
        `  batch ${String(batch).padStart(3)}  ${vigilUs.toFixed(1).padStart(7)}  raw ${rawUs.toFixed(1).padStart(7)}  × ${(vigilUs / rawUs).toFixed(2)}`,
    ),
    `A log of ${read.events.toLocaleString('en')} events, ${read.bytesPerEvent.toFixed(0)} bytes each in the file`,
    `  open ${read.openMs.toFixed(1)} ms, verify all ${read.verifyMs.toFixed(0)} ms`,
    `  one task's events: p50 ${read.p50Ms.toFixed(2)} ms, p99 ${read.p99Ms.toFixed(2)} ms`,
    `  the last 50 of two types: ${read.latestMs.toFixed(2)} ms`,
  ];
}

if (import.meta.main) console.log(describe(await run()).join('\n'));
