import { Queue, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import { measureRival, print } from './measure.ts';
import type { Load, RivalFigures } from './measure.ts';
import { startRedis } from './servers.ts';

const QUEUE = 'noop';

async function canPing(port: number): Promise<void> {
  const client = new Redis({ port, host: '127.0.0.1', lazyConnect: true, retryStrategy: null });
  client.on('error', () => {
    // `connect` below rejects with it.
  });
  try {
    await client.connect();
    await client.ping();
  } finally {
    client.disconnect();
  }
}

/** BullMQ on a private Redis that syncs each write. Throws `MissingServer`. */
export async function measure(load: Load): Promise<RivalFigures> {
  const server = await startRedis(canPing);
  const connection = { host: '127.0.0.1', port: server.port };
  const queue = new Queue<{ id: string }>(QUEUE, { connection });
  let worker: Worker<{ id: string }> | undefined;
  try {
    await queue.waitUntilReady();
    return await measureRival(
      {
        addAll: async (ids) => {
          await queue.addBulk(ids.map((id) => ({ name: QUEUE, data: { id } })));
        },
        add: async (id) => {
          await queue.add(QUEUE, { id });
        },
        work: async (concurrency, onStart) => {
          worker = new Worker<{ id: string }>(
            QUEUE,
            (job) => {
              onStart(job.data.id);
              return Promise.resolve();
            },
            { connection, concurrency },
          );
          await worker.waitUntilReady();
        },
      },
      load,
    );
  } finally {
    await worker?.close();
    await queue.close();
    await server.stop();
  }
}

if (import.meta.main) await print(measure);
