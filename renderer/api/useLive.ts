import { useQueryClient, type QueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import type { Api } from './client.ts';
import { statusQuery } from './reads.ts';
import { toldBy, type Topic } from './staleness.ts';

/** A report is folded over all events of its time and says little new a second later. */
const SLOW: ReadonlySet<Topic> = new Set(['report']);
const SLOW_MS = 1_500;
/** Between two readings it rests as long as the last one took, and this long at least, ms: a burst of events is answered by few. */
const LEAST_REST_MS = 8;
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
    const quick = reader(client, { delayMs: 0, restMs: LEAST_REST_MS });
    const slow = reader(client, { delayMs: SLOW_MS, restMs: 0 });
    const connect = (after: number | null) => {
      close = api.stream(after, {
        onOpen: () => {
          retryMs = FIRST_RETRY_MS;
          setConnection('live');
          // What happened while nobody listened.
          if (after === null) void client.invalidateQueries();
        },
        onEvent: ({ type }) => {
          for (const topic of toldBy(type)) (SLOW.has(topic) ? slow : quick).tell(topic);
        },
        onClose: () => {
          if (closed) return;
          setConnection('lost');
          retryTimer = window.setTimeout(() => connect(null), retryMs);
          retryMs = Math.min(LAST_RETRY_MS, retryMs * 2);
        },
      });
    };
    // The status is asked for before all else, so whatever is read is no older than where the stream begins.
    client.ensureQueryData(statusQuery(api)).then(
      ({ seq }) => !closed && connect(seq),
      () => !closed && connect(null),
    );
    return () => {
      closed = true;
      window.clearTimeout(retryTimer);
      quick.stop();
      slow.stop();
      close();
    };
  }, [api, client]);

  return connection;
}

/** Has topics read again after a delay; those told of meanwhile together when that is done. */
function reader(client: QueryClient, { delayMs, restMs }: { delayMs: number; restMs: number }) {
  const old = new Set<string>();
  let isBusy = false;
  let timer = 0;
  const read = async () => {
    const told = new Set(old);
    old.clear();
    const begun = performance.now();
    await client.invalidateQueries({ predicate: ({ queryKey }) => told.has(String(queryKey[0])) });
    timer = window.setTimeout(
      () => {
        isBusy = false;
        if (old.size > 0) start();
      },
      Math.max(restMs, performance.now() - begun),
    );
  };
  const start = () => {
    isBusy = true;
    if (delayMs === 0) void read();
    else timer = window.setTimeout(() => void read(), delayMs);
  };
  return {
    tell: (topic: Topic) => {
      old.add(topic);
      if (!isBusy) start();
    },
    stop: () => window.clearTimeout(timer),
  };
}
