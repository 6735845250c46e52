import { useQueryClient, type QueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import type { Api } from './client.ts';
import { statusQuery } from './reads.ts';
import { toldBy, type Topic } from './staleness.ts';

/**
 * What is read only some time after an event, ms: a report says little new a second later, and what the frame
 * says of the node gives way to what its page shows, as a node answers one after the other.
 */
const DELAYS_MS: Readonly<Partial<Record<Topic, number>>> = { report: 1_500, status: 30 };
/** Between two readings it rests as long as the last one took, and this long at least, ms: much that happens is answered by few. */
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
    const readers = new Map<Topic, Reader>();
    const tell = (topic: Topic) => {
      const known = readers.get(topic) ?? reader(client, topic);
      readers.set(topic, known);
      known.tell();
    };
    const connect = (after: number | null) => {
      close = api.stream(after, {
        onOpen: () => {
          retryMs = FIRST_RETRY_MS;
          setConnection('live');
          // What happened while nobody listened.
          if (after === null) void client.invalidateQueries();
        },
        onEvent: ({ type }) => {
          for (const topic of toldBy(type)) tell(topic);
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
      for (const each of readers.values()) each.stop();
      close();
    };
  }, [api, client]);

  return connection;
}

interface Reader {
  tell(): void;
  stop(): void;
}

/**
 * Has a topic read again after its delay. The first answer may be from the middle of a burst of events: when it was
 * told of more meanwhile it is read once more at once, and from then on with rests.
 */
function reader(client: QueryClient, topic: Topic): Reader {
  const delayMs = DELAYS_MS[topic] ?? 0;
  let isOld = false;
  let isBusy = false;
  let timer = 0;
  const read = async (isFirst: boolean) => {
    isOld = false;
    const begun = performance.now();
    await client.invalidateQueries({ queryKey: [topic] });
    if (isFirst && isOld) return start(false);
    timer = window.setTimeout(
      () => {
        isBusy = false;
        if (isOld) start(false);
      },
      Math.max(LEAST_REST_MS, performance.now() - begun),
    );
  };
  const start = (isFirst: boolean) => {
    isBusy = true;
    if (delayMs === 0) void read(isFirst);
    else timer = window.setTimeout(() => void read(isFirst), delayMs);
  };
  return {
    tell: () => {
      isOld = true;
      if (!isBusy) start(true);
    },
    stop: () => window.clearTimeout(timer),
  };
}
