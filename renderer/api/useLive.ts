import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import type { Api } from './client.ts';
import { toldBy } from './staleness.ts';

/** A burst of events is answered by one reading, at most this often; the first one at once. */
const THROTTLE_MS = 250;
const FIRST_RETRY_MS = 500;
const LAST_RETRY_MS = 10_000;

export type Connection = 'connecting' | 'live' | 'lost';

/** Follows the node's events and has what they make old read again; reconnects with growing pauses. */
export function useLive(api: Api): Connection {
  const client = useQueryClient();
  const [connection, setConnection] = useState<Connection>('connecting');

  useEffect(() => {
    let closed = false;
    let close = () => {};
    let retryMs = FIRST_RETRY_MS;
    let retryTimer = 0;
    let readTimer = 0;
    let lastReadMs = 0;
    const old = new Set<string>();

    const read = () => {
      readTimer = 0;
      lastReadMs = Date.now();
      const told = new Set(old);
      old.clear();
      void client.invalidateQueries({ predicate: ({ queryKey }) => told.has(String(queryKey[0])) });
    };
    const connect = () => {
      close = api.stream(null, {
        onOpen: () => {
          retryMs = FIRST_RETRY_MS;
          setConnection('live');
          // What happened while nobody listened.
          void client.invalidateQueries();
        },
        onEvent: ({ type }) => {
          for (const key of toldBy(type)) old.add(key);
          if (readTimer !== 0) return;
          const wait = Math.max(0, lastReadMs + THROTTLE_MS - Date.now());
          readTimer = window.setTimeout(read, wait);
        },
        onClose: () => {
          if (closed) return;
          setConnection('lost');
          retryTimer = window.setTimeout(connect, retryMs);
          retryMs = Math.min(LAST_RETRY_MS, retryMs * 2);
        },
      });
    };
    connect();
    return () => {
      closed = true;
      window.clearTimeout(retryTimer);
      window.clearTimeout(readTimer);
      close();
    };
  }, [api, client]);

  return connection;
}
