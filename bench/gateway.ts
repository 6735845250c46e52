import { mkdtempSync, rmSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker, isMainThread, parentPort, workerData } from 'node:worker_threads';
import Database from 'better-sqlite3';
import { z } from 'zod';
import { startGateway } from '../electron/gateway/gateway.ts';
import type { Meter } from '../electron/gateway/meter.ts';
import { ProviderConfig, ProviderId } from '../shared/model/agent.ts';
import { startModelServer } from '../test/models/modelServer.ts';
import { say } from '../test/models/reply.ts';
import { isMain, percentile, printLines, type Line } from './lib.ts';

const FIRST_BYTE_TARGET_MS = 5;
const CALLS = 1_000;
const WARM_UP_CALLS = 200;
/** What a coding agent sends: instructions, tools and some turns. */
const REQUEST_KB = [2, 100] as const;

/** Both sides of the bench run in threads of their own, so that none waits for another's work. */
const Side = z.discriminatedUnion('side', [
  z.object({ side: z.literal('model') }),
  z.object({ side: z.literal('gateway'), baseUrl: z.string() }),
]);
const Started = z.object({ url: z.string(), token: z.string() });
type Started = z.infer<typeof Started>;

const TEXT = 'Some words that a model might say, one after the other. '.repeat(20);

/** What the gateway adds to a streamed call until its first byte, beside the same call without it. */
export async function run(): Promise<Line[]> {
  const model = await start({ side: 'model' });
  const gateway = await start({ side: 'gateway', baseUrl: `${model.started.url}/v1` });
  const agent = new Agent({ keepAlive: true });
  const lines: Line[] = [];
  try {
    for (const kb of REQUEST_KB) {
      const body = requestOf(kb);
      const direct: number[] = [];
      const through: number[] = [];
      let identical = true;
      for (let at = 0; at < CALLS + WARM_UP_CALLS; at += 1) {
        // By turns, so that both see the same machine.
        const straight = await timeCall(agent, model.started, body);
        const metered = await timeCall(agent, gateway.started, body);
        identical &&= withoutNumbers(straight.body) === withoutNumbers(metered.body);
        if (at < WARM_UP_CALLS) continue;
        direct.push(straight.firstByteMs);
        through.push(metered.firstByteMs);
      }
      const over = (share: number) => percentile(through, share) - percentile(direct, share);
      const name = `first byte, request of ${kb} kB`;
      lines.push(
        { name: `${name}, direct: p50`, value: percentile(direct, 0.5), unit: 'ms', ...TOLD },
        { name: `${name}, gateway: p50`, value: percentile(through, 0.5), unit: 'ms', ...TOLD },
        { name: `${name}, overhead: p50`, value: over(0.5), unit: 'ms', ...TOLD },
        {
          name: `${name}, overhead: p99`,
          value: over(0.99),
          unit: 'ms',
          target: `≤ ${FIRST_BYTE_TARGET_MS}`,
          ok: over(0.99) <= FIRST_BYTE_TARGET_MS,
        },
        {
          name: `streamed bytes identical, ${kb} kB`,
          value: identical ? CALLS : 0,
          unit: 'calls',
          target: String(CALLS),
          ok: identical,
        },
      );
    }
  } finally {
    agent.destroy();
    await Promise.all([model.worker.terminate(), gateway.worker.terminate()]);
  }
  return lines;
}

const TOLD = { target: null, ok: null } as const;

function requestOf(kb: number): string {
  const line = 'const value = compute(input, options); // what an agent reads and sends again\n';
  return JSON.stringify({
    model: 'any',
    stream: true,
    stream_options: { include_usage: true },
    messages: [{ role: 'user', content: line.repeat(Math.ceil((kb * 1_000) / line.length)) }],
  });
}

/** The scripted model numbers its answers, and counts its input by the bytes that reach it. */
function withoutNumbers(body: string): string {
  return body
    .replaceAll(/"id":"chatcmpl-\d+"/g, '')
    .replaceAll(/"model":"[^"]*"/g, '')
    .replaceAll(/"(prompt|total)_tokens":\d+/g, '');
}

function timeCall(
  agent: Agent,
  { url, token }: Started,
  body: string,
): Promise<{ firstByteMs: number; body: string }> {
  return new Promise((resolve, reject) => {
    const beganMs = performance.now();
    const sent = request(
      `${url}/v1/chat/completions`,
      {
        agent,
        method: 'POST',
        headers: {
          authorization: `Bearer ${token}`,
          'content-type': 'application/json',
          'content-length': Buffer.byteLength(body),
        },
      },
      (response) => {
        let firstByteMs = NaN;
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => {
          if (chunks.length === 0) firstByteMs = performance.now() - beganMs;
          chunks.push(chunk);
        });
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString('utf8');
          if (response.statusCode === 200) resolve({ firstByteMs, body: text });
          else reject(new Error(`HTTP ${response.statusCode}: ${text}`));
        });
        response.on('error', reject);
      },
    );
    sent.on('error', reject);
    sent.end(body);
  });
}

async function start(data: z.infer<typeof Side>): Promise<{ worker: Worker; started: Started }> {
  const worker = new Worker(new URL(import.meta.url), { workerData: data });
  const started = await new Promise<unknown>((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
  });
  return { worker, started: Started.parse(started) };
}

async function serveModel(): Promise<Started> {
  const { url } = await startModelServer({ script: () => say(TEXT) });
  return { url, token: 'none' };
}

async function serveGateway(baseUrl: string): Promise<Started> {
  const gateway = await startGateway({
    meter: durableMeter(),
    providers: () => [
      {
        id: ProviderId.parse('scripted'),
        config: ProviderConfig.parse({
          formats: ['openai-chat'],
          baseUrl,
          models: [{ name: 'scripted', price: { input: 1, output: 1 } }],
        }),
        key: () => 'none',
      },
    ],
    onError: (error) => {
      throw error;
    },
  });
  const purpose = {
    category: 'coding',
    task: null,
    project: null,
    attempt: null,
    role: null,
    agent: null,
  } as const;
  const route = [{ provider: ProviderId.parse('scripted'), model: 'scripted' }];
  return { url: gateway.url, token: gateway.grant(purpose, route).token };
}

/** Two synced commits a call, as the node's own log makes them. */
function durableMeter(): Meter {
  const folder = mkdtempSync(join(tmpdir(), 'vigil-bench-'));
  process.once('exit', () => {
    rmSync(folder, { recursive: true, force: true });
  });
  const db = new Database(join(folder, 'meter.db'));
  db.pragma('journal_mode = WAL');
  db.pragma('synchronous = FULL');
  db.exec('create table call (body text)');
  const insert = db.prepare('insert into call values (?)');
  const keep = (body: object): void => {
    insert.run(JSON.stringify(body));
  };
  return {
    reserve: (call) => {
      keep(call);
      return Promise.resolve(null);
    },
    settle: (call) => {
      keep(call);
      return Promise.resolve();
    },
  };
}

if (!isMainThread) {
  const data = Side.parse(workerData);
  parentPort?.postMessage(
    await (data.side === 'model' ? serveModel() : serveGateway(data.baseUrl)),
  );
} else if (isMain(import.meta.url)) printLines('The model gateway', await run());
