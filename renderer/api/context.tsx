import { createContext, use, type ReactNode } from 'react';
import type { Api } from './client.ts';
import { useLive, type Connection } from './useLive.ts';

interface Context {
  readonly api: Api;
  readonly connection: Connection;
}

const ApiContext = createContext<Context | null>(null);

/** Gives everything below it the API, and keeps what it has read current. */
export function ApiProvider({ api, children }: { api: Api; children: ReactNode }) {
  const connection = useLive(api);
  return <ApiContext value={{ api, connection }}>{children}</ApiContext>;
}

export function useApi(): Api {
  return useApiContext().api;
}

/** Whether what is shown follows the node. */
export function useConnection(): Connection {
  return useApiContext().connection;
}

function useApiContext(): Context {
  const context = use(ApiContext);
  if (!context) throw new Error('there is no ApiProvider');
  return context;
}
