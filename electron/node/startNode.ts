import type { EventView } from '../../shared/model/eventApi.ts';
import { DEFAULT_PORT, type NodeConfig } from '../../shared/model/config.ts';
import { VigilError, messageOf } from '../../shared/model/errors.ts';
import type { TaskId } from '../../shared/model/ids.ts';
import { processIdentity } from '../execute/command/processGroup.ts';
import { lockHome } from '../store/lock.ts';
import { EventStore } from '../store/store.ts';
import { ApiServer, listen, type Listening } from './api/server.ts';
import { systemClock, type Clock } from './clock.ts';
import { toEventView } from './eventView.ts';
import { apiToken, clearAddress, prepareHome, readConfig, writeAddress } from './home.ts';
import { Ledger } from './ledger.ts';
import { LocalNode } from './localNode.ts';
import { restoreLog } from './mesh/restoreLog.ts';
import { endLeftovers, markChildren } from './processWatch.ts';

export interface NodeOptions {
  readonly home: string;
  /** Port of the API; 0 takes any free one. Without it `config.yaml` or the default decides. */
  readonly port?: number;
  readonly clock?: Clock;
  /** Where the buses of the desktop are; the process's own when not given. */
  readonly env?: NodeJS.ProcessEnv;
  /** Told of each event as it is recorded, and of those of other nodes that happened since this one started. */
  readonly onEvent?: (event: EventView) => void;
  /** Told of the tasks that are older than this start, when another node's log brings them. */
  readonly onKnownTask?: (task: { readonly id: TaskId; readonly title: string }) => void;
  /** Told when the node can't go on, as with a full disk; it has stopped then. */
  readonly onFailure?: (error: Error) => void;
}

export interface RunningNode {
  readonly url: string;
  /** The page's address with its token. */
  readonly pageUrl: string;
  readonly token: string;
  /** The API without network, for the process that runs the node. */
  fetch(request: Request): Promise<Response>;
  /** Gives up what it keeps in memory and can read again: worth it when it rests after work. */
  freeMemory(): void;
  /** Resolves when nothing is left that the node could do now; rejects when it can't go on. */
  idle(): Promise<void>;
  /** Ends what runs, writes everything down and gives the home free. */
  stop(reason: string): Promise<void>;
}

/**
 * Starts a node on a home: takes the home's lock and the port, recovers what a crash left, and works.
 * Throws `home-in-use`, `port-in-use`, `invalid-input` (config.yaml) and what opening the store throws;
 * then nothing was changed.
 */
export async function startNode(options: NodeOptions): Promise<RunningNode> {
  const { home, clock = systemClock } = options;
  prepareHome(home);
  const config = readConfig(home);
  const lock = lockHome(home);
  let listening: Listening | null = null;
  try {
    listening = await takePort(options.port, config);
    await restoreLog(home, config.mesh, clock);
    const store = EventStore.open(home, null);
    try {
      await endLeftovers(store, home);
      markChildren(home);
      const ledger = Ledger.open(store, clock);
      tell(ledger, clock.nowMs(), options);
      const { env = process.env, onFailure = complain } = options;
      const node = new LocalNode({ home, config, ledger, clock, env, onFailure });
      await node.cleanUp();
      await node.openMesh();
      const server = ApiServer.serve(listening, node.services(portOf(listening)), apiToken(home));
      await node.begin();
      const { url } = server;
      writeAddress(home, {
        pid: process.pid,
        identity: await processIdentity(process.pid),
        port: server.port,
        url,
      });
      lock.announce(url);
      const token = apiToken(home);
      return {
        url,
        token,
        pageUrl: `${url}/#token=${token}`,
        fetch: server.fetch,
        freeMemory: () => store.freePages(),
        idle: () => node.idle(),
        stop: async (reason) => {
          clearAddress(home);
          await server.close();
          await node.end(reason);
          lock.release();
        },
      };
    } catch (error) {
      store.close();
      throw error;
    }
  } catch (error) {
    listening?.http.close();
    lock.release();
    throw error;
  }
}

function portOf({ http }: Listening): number {
  const address = http.address();
  return typeof address === 'object' && address ? address.port : 0;
}

/** The port that was asked for, or nothing; the default gives way to any free one. */
async function takePort(asked: number | undefined, config: NodeConfig): Promise<Listening> {
  const wanted = asked ?? config.port;
  if (wanted !== undefined) return listen(wanted);
  return listen(DEFAULT_PORT).catch((error: unknown) => {
    if (error instanceof VigilError && error.code === 'port-in-use') return listen(0);
    throw error;
  });
}

/** Copies of what happened before are history: a node that joins gets all of it. */
function tell(ledger: Ledger, sinceMs: number, { onEvent, onKnownTask }: NodeOptions): void {
  if (!onEvent) return;
  ledger.onEvent((event) => onEvent(toEventView(event)));
  ledger.onCopied((event) => {
    const { atMs, body } = event;
    if (atMs >= sinceMs) onEvent(toEventView(event));
    else if (body.type === 'task.added') onKnownTask?.({ id: body.task, title: body.spec.title });
  });
}

function complain(error: Error): void {
  process.stderr.write(`vigil: ${messageOf(error)}\n`);
}
