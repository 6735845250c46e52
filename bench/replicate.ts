import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { DocumentStage } from '../electron/mesh/document/documentStage.ts';
import { DocumentSync } from '../electron/mesh/document/documentSync.ts';
import { RegisterDocument } from '../electron/mesh/document/registerDocument.ts';
import type { MonotonicClock } from '../electron/mesh/monotonicClock.ts';
import { Presence } from '../electron/mesh/presence/presence.ts';
import { EventStore } from '../electron/store/store.ts';
import { NodeId } from '../shared/model/ids.ts';
import { FIT, NO_SENSES } from '../shared/model/senses.ts';
import { isMain, median, percentile, printLines, type Line } from './lib.ts';
import { joinAll, WsLinks } from './wsLinks.ts';

const NODES = 3;
const OPEN_TASKS = 5_000;
const UPDATES = 1_000;
/** Between two updates, ms: each is alone. */
const PACE_MS = 2;
/** After which a node stores what it received, ms. */
const STORE_MS = 20;
const P50_TARGET_MS = 2;
const P99_TARGET_MS = 20;
const IDLE_MS = 20_000;
const IDLE_BYTES_TARGET = 2_000;
const IDLE_CORE_TARGET = 0.01;

const clock: MonotonicClock = {
  monotonicMs: () => performance.now(),
  after(delayMs, callback) {
    const timer = setTimeout(callback, delayMs);
    return { cancel: () => clearTimeout(timer) };
  },
};

/** A register from one node to two others: three nodes in this process, each with its store, over WebSockets. */
export async function run(): Promise<Line[]> {
  const folder = mkdtempSync(join(tmpdir(), 'vigil-replicate-'));
  const links = new Map<NodeId, WsLinks>();
  for (let at = 1; at <= NODES; at += 1) links.set(NodeId.parse(`n-${at}`), new WsLinks());
  const end = await joinAll(links);
  const nodes = [...links].map(([id, own]) => new BenchNode(id, own, join(folder, id)));
  try {
    const small = await latencies(nodes, 0);
    const fillMs = await fill(nodes);
    const full = await latencies(nodes, OPEN_TASKS);
    return [
      ...lines('20 open tasks', small),
      ...lines(`${OPEN_TASKS} open tasks`, full),
      told(
        `${OPEN_TASKS} tasks with three registers each, in one change, to the others`,
        fillMs,
        'ms',
      ),
      told('the document of them', (nodes[0]?.document.encode().byteLength ?? NaN) / 1e6, 'MB'),
      ...(await idle(nodes)),
    ];
  } finally {
    for (const node of nodes) node.close();
    end();
    rmSync(folder, { recursive: true, force: true });
  }
}

class BenchNode {
  readonly links: WsLinks;
  readonly document: RegisterDocument;
  readonly #store: EventStore;
  readonly #stage: DocumentStage;
  readonly #sync: DocumentSync;
  readonly #presence: Presence;
  #storing: NodeJS.Timeout | null = null;

  constructor(id: NodeId, links: WsLinks, home: string) {
    this.links = links;
    this.#store = EventStore.open(home, id);
    this.document = new RegisterDocument({ node: id, updates: this.#store.loadDocument() });
    this.#stage = new DocumentStage(this.document, this.#store);
    this.#presence = new Presence({ node: id, boot: 1, links, clock, own: OWN });
    this.#sync = new DocumentSync({
      document: this.document,
      links,
      clock,
      reaches: (a, b) => this.#presence.reaches(a, b),
    });
    // What came from another can be had again from it, so it is stored a little later, with what follows.
    this.document.onChange(
      () => (this.#storing ??= setTimeout(() => this.#storeReceived(), STORE_MS)),
    );
  }

  #storeReceived(): void {
    this.#storing = null;
    void this.durable();
  }

  async durable(): Promise<void> {
    const released = this.#stage.put();
    await this.#store.flush();
    released?.();
  }

  /** Resolves when a change of this entity has arrived. */
  async sees(entity: string): Promise<void> {
    await new Promise<void>((resolve) => {
      const stop = this.document.onChange((entities) => {
        if (!entities.has(entity)) return;
        stop();
        resolve();
      });
    });
  }

  measure(load: number): void {
    this.#presence.setOwn({ ...OWN, senses: { ...NO_SENSES, cpu: { cores: 2, load } } });
  }

  close(): void {
    if (this.#storing) clearTimeout(this.#storing);
    this.#presence.stop();
    this.#sync.stop();
    this.#store.close();
  }
}

const OWN = {
  name: 'bench',
  version: '0.1.0',
  protocol: 1,
  concurrency: { agent: 1, cheap: 1 },
  capabilities: ['linux'],
  ready: [],
  senses: NO_SENSES,
  fitness: FIT,
  draining: false,
  running: [],
  human: null,
  tells: { screen: false, away: false },
  leads: false,
  term: 0,
  projects: [],
};

const SPEC = {
  title: 'A task of the bench',
  goal: 'x'.repeat(400),
  files: ['src/a.ts', 'src/b.ts'],
};

async function fill(nodes: readonly BenchNode[]): Promise<number> {
  const [writer, ...others] = nodes;
  const last = `task/T-${OPEN_TASKS}`;
  const seen = Promise.all(others.map((node) => node.sees(last)));
  const beginMs = performance.now();
  writer?.document.transact(() => {
    for (let task = 1; task <= OPEN_TASKS; task += 1) {
      const stamp = { seq: task, clock: task };
      writer.document.put(`task/T-${task}`, 'spec', stamp, SPEC);
      writer.document.put(`task/T-${task}`, 'assignment', stamp, {
        node: 'n-1',
        attempt: 1,
        term: 1,
      });
      writer.document.put(`task/T-${task}`, 'attempt', stamp, { state: 'running', attempt: 1 });
    }
  });
  await writer?.durable();
  await seen;
  return performance.now() - beginMs;
}

interface Latencies {
  readonly first: number[];
  readonly both: number[];
  /** Of that, the writer's own synced commit. */
  readonly commit: number[];
  readonly messages: number[];
}

/** From the put, through the writer's synced commit, until readers can read it. */
async function latencies(nodes: readonly BenchNode[], open: number): Promise<Latencies> {
  const first: number[] = [];
  const both: number[] = [];
  const commit: number[] = [];
  const messages: number[] = [];
  for (let at = 1; at <= UPDATES; at += 1) {
    const writer = nodes[at % nodes.length];
    const others = nodes.filter((node) => node !== writer);
    const entity = `task/T-${1 + (at % Math.max(20, open))}`;
    const before = nodes.reduce((sum, { links }) => sum + links.sentUpdates, 0);
    const beginMs = performance.now();
    const seen = others.map((node) => node.sees(entity).then(() => performance.now() - beginMs));
    writer?.document.put(
      entity,
      'attempt',
      { seq: open + at, clock: open + at },
      { state: 'running', at },
    );
    await writer?.durable();
    commit.push(performance.now() - beginMs);
    const timesMs = await Promise.all(seen);
    messages.push(nodes.reduce((sum, { links }) => sum + links.sentUpdates, 0) - before);
    first.push(Math.min(...timesMs));
    both.push(Math.max(...timesMs));
    await sleep(PACE_MS);
  }
  return { first, both, commit, messages };
}

function lines(what: string, { first, both, commit, messages }: Latencies): Line[] {
  const p50 = median(both);
  const p99 = percentile(both, 0.99);
  return [
    {
      ...told(`written → visible on both others, ${what}: p50`, p50, 'ms'),
      target: `≤ ${P50_TARGET_MS}`,
      ok: p50 <= P50_TARGET_MS,
    },
    { ...told('p99', p99, 'ms'), target: `≤ ${P99_TARGET_MS}`, ok: p99 <= P99_TARGET_MS },
    told('on the first of them: p50', median(first), 'ms'),
    told('of that, until it is on disk at its writer: p50', median(commit), 'ms'),
    {
      ...told('messages for one update: p50', median(messages), ''),
      target: `≤ ${NODES - 1}`,
      ok: median(messages) <= NODES - 1,
    },
  ];
}

/** Nothing happens but signs of life, and what each machine measures changes every second. */
async function idle(nodes: readonly BenchNode[]): Promise<Line[]> {
  let load = 0;
  const sampling = setInterval(() => {
    load = (load + 0.01) % 1;
    for (const node of nodes) node.measure(load);
  }, 1_000);
  await sleep(3_000);
  const bytesBefore = nodes.reduce((sum, { links }) => sum + links.sentBytes, 0);
  const cpuBefore = process.cpuUsage();
  await sleep(IDLE_MS);
  const bytes = nodes.reduce((sum, { links }) => sum + links.sentBytes, 0) - bytesBefore;
  const { user, system } = process.cpuUsage(cpuBefore);
  clearInterval(sampling);
  const pairs = (NODES * (NODES - 1)) / 2;
  const perLink = bytes / pairs / (IDLE_MS / 1_000);
  const cores = (user + system) / 1_000 / IDLE_MS;
  return [
    {
      ...told('idle, both directions of a link, without framing of TLS and TCP', perLink, 'B/s'),
      target: `< ${IDLE_BYTES_TARGET}`,
      ok: perLink < IDLE_BYTES_TARGET,
    },
    {
      ...told('idle, processor for all three nodes', cores * 100, '% of a core'),
      target: `< ${IDLE_CORE_TARGET * 100}`,
      ok: cores < IDLE_CORE_TARGET,
    },
  ];
}

function told(name: string, value: number, unit: string): Line {
  return { name, value, unit, target: null, ok: null };
}

if (isMain(import.meta.url)) printLines('Replication among three nodes', await run());
