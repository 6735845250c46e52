import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** A private server on a free loopback port, with its data in a temporary folder. */
export interface RunningServer {
  readonly port: number;
  /** Ends the server by its pid and removes its data. */
  stop(): Promise<void>;
}

/** The server's program is not installed; the message names the Debian package. */
export class MissingServer extends Error {
  override readonly name = 'MissingServer';
}

/** How long a server may take to answer, ms. */
const START_LIMIT_MS = 30_000;

/** Starts PostgreSQL with the defaults of `initdb`, so with synced commits. Throws `MissingServer`. */
export async function startPostgres(
  probe: (port: number) => Promise<void>,
): Promise<RunningServer> {
  const bin = postgresBin();
  const folder = mkdtempSync(join(tmpdir(), 'vigil-bench-postgres-'));
  // PostgreSQL refuses to run as root.
  const root = process.getuid?.() === 0;
  if (root) chownSync(folder, idOf('-u'), idOf('-g'));
  const asUser = root ? ['setpriv', '--reuid=postgres', '--regid=postgres', '--init-groups'] : [];
  const data = join(folder, 'data');
  const [initdb = '', ...initdbArguments] = [
    ...asUser,
    join(bin, 'initdb'),
    ...['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C'],
  ];
  execFileSync(initdb, initdbArguments, { cwd: folder, stdio: 'ignore' });
  const port = await freePort();
  const command = [
    ...asUser,
    join(bin, 'postgres'),
    ...['-D', data, '-p', `${port}`, '-c', 'listen_addresses=127.0.0.1'],
    ...['-c', `unix_socket_directories=${folder}`],
  ];
  // SIGINT asks for a fast shutdown: it ends sessions and does not wait for clients.
  return start(command, folder, port, probe, 'SIGINT');
}

/** Starts Redis with every write synced before its answer. Throws `MissingServer`. */
export async function startRedis(probe: (port: number) => Promise<void>): Promise<RunningServer> {
  const program = (process.env['PATH'] ?? '')
    .split(delimiter)
    .map((folder) => join(folder, 'redis-server'))
    .find((path) => existsSync(path));
  if (!program) {
    throw new MissingServer('BullMQ skipped: no redis-server. `apt-get install redis-server`');
  }
  const folder = mkdtempSync(join(tmpdir(), 'vigil-bench-redis-'));
  const port = await freePort();
  const command = [
    program,
    ...['--port', `${port}`, '--bind', '127.0.0.1', '--dir', folder, '--save', ''],
    ...['--appendonly', 'yes', '--appendfsync', 'always'],
  ];
  return start(command, folder, port, probe, 'SIGTERM');
}

async function start(
  [program = '', ...parameters]: readonly string[],
  folder: string,
  port: number,
  probe: (port: number) => Promise<void>,
  stopSignal: NodeJS.Signals,
): Promise<RunningServer> {
  const child = spawn(program, parameters, { cwd: folder, stdio: 'ignore' });
  const closed = once(child, 'close');
  const stop = async (): Promise<void> => {
    child.kill(stopSignal);
    await closed;
    rmSync(folder, { recursive: true, force: true });
  };
  const deadline = Date.now() + START_LIMIT_MS;
  for (;;) {
    try {
      await probe(port);
      return { port, stop };
    } catch (error) {
      if (child.exitCode !== null || Date.now() > deadline) {
        await stop();
        throw new Error(`${program} did not start`, { cause: error });
      }
      await sleep(50);
    }
  }
}

/** The newest PostgreSQL that Debian installed; its programs are not on the PATH. */
function postgresBin(): string {
  const base = '/usr/lib/postgresql';
  const newest = existsSync(base)
    ? readdirSync(base)
        .sort((a, b) => Number(b) - Number(a))
        .find((version) => existsSync(join(base, version, 'bin', 'initdb')))
    : undefined;
  if (!newest) {
    throw new MissingServer('graphile-worker skipped: no PostgreSQL. `apt-get install postgresql`');
  }
  return join(base, newest, 'bin');
}

function idOf(flag: '-u' | '-g'): number {
  return Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }));
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no free port');
  return address.port;
}
