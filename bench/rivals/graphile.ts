import { Logger, makeWorkerUtils, run } from 'graphile-worker';
import type { Runner } from 'graphile-worker';
import pg from 'pg';
import { measureRival, print } from './measure.ts';
import type { Load, RivalFigures } from './measure.ts';
import { startPostgres } from './servers.ts';

const TASK = 'noop';
/** Connections for the workers and for listening. */
const SPARE_CONNECTIONS = 2;

const ignore = (): void => {};
const silent = new Logger(() => () => {});

async function canQuery(port: number): Promise<void> {
  const client = new pg.Client({ connectionString: url(port) });
  try {
    await client.connect();
    await client.query('SELECT 1');
  } finally {
    await client.end();
  }
}

function url(port: number): string {
  return `postgres://postgres@127.0.0.1:${port}/postgres`;
}

/** graphile-worker on a private PostgreSQL with its defaults. Throws `MissingServer`. */
export async function measure(load: Load): Promise<RivalFigures> {
  const server = await startPostgres(canQuery);
  const pgPool = new pg.Pool({
    connectionString: url(server.port),
    max: load.concurrency + SPARE_CONNECTIONS,
  });
  // The pool emits what happens to idle connections; a real failure also fails the call that meets it.
  pgPool.on('error', ignore);
  pgPool.on('connect', (client) => client.on('error', ignore));
  const utils = await makeWorkerUtils({ pgPool, logger: silent });
  let runner: Runner | undefined;
  try {
    await utils.migrate();
    return await measureRival(
      {
        addAll: async (ids) => {
          await utils.addJobs(ids.map((id) => ({ identifier: TASK, payload: { id } })));
          // A queue that has run for a while has statistics; without them PostgreSQL plans for an empty table.
          await pgPool.query('VACUUM ANALYZE');
        },
        add: async (id) => {
          await utils.addJob(TASK, { id });
        },
        work: async (concurrency, onStart) => {
          runner = await run({
            pgPool,
            logger: silent,
            concurrency,
            noHandleSignals: true,
            taskList: {
              [TASK]: (payload) => {
                if (typeof payload === 'object' && payload !== null && 'id' in payload) {
                  onStart(String(payload.id));
                }
              },
            },
          });
        },
      },
      load,
    );
  } finally {
    await runner?.stop();
    await utils.release();
    await pgPool.end();
    await server.stop();
  }
}

if (import.meta.main) await print(measure);
