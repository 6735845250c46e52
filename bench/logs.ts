import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { EventStore } from '../electron/store/store.ts';
import { NodeId } from '../shared/model/ids.ts';
import { isMain, percentile, printLines, type Line } from './lib.ts';
import { newKeys, replicate, SocketLinks } from './logsPeer.ts';
import { build } from './longLog.ts';

/** What 20,000 tasks leave behind. */
const EVENTS = 300_000;
const TARGET_S = 10;
const PUSHES = 300;
/** Between two pushes, ms: each is a transaction of its own. */
const PUSH_EVERY_MS = 5;

const Address = z.object({ port: z.number() });

/** A new node copies a long log from a process of its own over loopback, then hears of new events. */
export async function run(): Promise<Line[]> {
  const folder = mkdtempSync(join(tmpdir(), 'vigil-bench-logs-'));
  const [long, fresh] = [join(folder, 'long'), join(folder, 'new')];
  const lines: Line[] = [];
  const keys = newKeys();
  const reader = NodeId.parse('n-reader');
  const writerNode = NodeId.parse('n-bench');
  await build(long, EVENTS);
  const writer = fork(fileURLToPath(new URL('logsWriter.ts', import.meta.url)), [
    long,
    JSON.stringify(keys),
    reader,
  ]);
  try {
    const [address] = Address.array().parse((await once(writer, 'message')).slice(0, 1));
    const socket = connect(address?.port ?? 0, '127.0.0.1');
    await once(socket, 'connect');
    const store = EventStore.open(fresh, reader);
    const links = new SocketLinks(socket, writerNode);
    const cpu = process.cpuUsage();
    const start = performance.now();
    const replication = replicate(store, links, keys);
    await until(store, () => (store.heads().get(writerNode)?.seq ?? 0) >= EVENTS);
    const seconds = (performance.now() - start) / 1_000;
    const { user, system } = process.cpuUsage(cpu);
    const { seq } = store.headOf(writerNode);
    lines.push(
      {
        name: `a new node copies ${seq.toLocaleString('en')} events`,
        value: seconds,
        unit: 's',
        target: `≤ ${TARGET_S}`,
        ok: seconds <= TARGET_S,
      },
      {
        name: 'processor time of the new node',
        value: (user + system) / 1e6,
        unit: 's',
        target: null,
        ok: null,
      },
      { name: 'events a second', value: seq / seconds, unit: '/s', target: null, ok: null },
      { name: 'on the wire', value: links.received / 1e6, unit: 'MB', target: null, ok: null },
    );
    const verifying = performance.now();
    if (store.verify(1, writerNode).problem) throw new Error('the copy is broken');
    lines.push({
      name: 'the whole copy verified',
      value: (performance.now() - verifying) / 1_000,
      unit: 's',
      target: null,
      ok: null,
    });

    const delays: number[] = [];
    for (let push = 0; push < PUSHES; push += 1) {
      const sent = performance.now();
      const goal = store.headOf(writerNode).seq + 1;
      writer.send(sent);
      await until(store, () => (store.heads().get(writerNode)?.seq ?? 0) >= goal);
      delays.push(performance.now() - sent);
      await new Promise((resolve) => setTimeout(resolve, PUSH_EVERY_MS));
    }
    for (const share of [0.5, 0.99])
      lines.push({
        name: `told to append → durable on both nodes: p${share * 100}`,
        value: percentile(delays, share),
        unit: 'ms',
        target: null,
        ok: null,
      });
    replication.stop();
    socket.destroy();
    store.close();
  } finally {
    writer.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  }
  return lines;
}

/** Resolves when it holds; looked at after each commit. */
async function until(store: EventStore, holds: () => boolean): Promise<void> {
  if (holds()) return;
  await new Promise<void>((resolve) => {
    const stop = store.onCommit(() => {
      if (!holds()) return;
      stop();
      resolve();
    });
  });
}

if (isMain(import.meta.url)) printLines('Event logs between nodes', await run());
