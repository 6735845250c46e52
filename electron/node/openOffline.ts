import packageFile from '../../package.json' with { type: 'json' };
import { lockHome } from '../store/lock.ts';
import { EventStore } from '../store/store.ts';
import { apiRoutes } from './api/routes.ts';
import { systemClock } from './clock.ts';
import { ProviderKeys } from '../gateway/keys.ts';
import { prepareHome, readConfig } from './home.ts';
import { Containment } from './containment.ts';
import { Ledger } from './ledger.ts';
import { requireDatabase } from './mesh/restoreLog.ts';
import { Projects } from './projects.ts';
import { Services } from './services.ts';

export interface OfflineApi {
  fetch(request: Request): Promise<Response>;
  close(): Promise<void>;
}

/**
 * The same API over a home on which no node runs: everything can be read, and what is asked for is
 * noted and happens when a node starts. Throws `home-in-use` and what opening the store throws.
 */
export function openOffline(home: string): OfflineApi {
  prepareHome(home);
  const lock = lockHome(home);
  try {
    requireDatabase(home);
    const store = EventStore.open(home, null);
    const ledger = Ledger.open(store, systemClock);
    const config = readConfig(home);
    const containment = new Containment(() => ledger.world.projects, home, config.sandbox);
    const projects = new Projects(ledger, home, containment);
    const identity = { home, version: packageFile.version, running: null };
    const routes = apiRoutes(
      new Services({
        ledger,
        projects,
        engine: null,
        integrator: null,
        identity,
        config,
        keys: new ProviderKeys(home),
      }),
    );
    return {
      fetch: async (request) => routes.fetch(request),
      close: async () => {
        await projects.closeAll();
        await ledger.durable();
        store.close();
        lock.release();
      },
    };
  } catch (error) {
    lock.release();
    throw error;
  }
}
