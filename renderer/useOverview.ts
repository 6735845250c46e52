import { useCallback, useEffect, useRef, useState } from 'react';
import { ApiFailure, type Api, type Overview } from './api.ts';

/** A burst of events is answered by one reading, at most this often. */
const THROTTLE_MS = 400;
const FIRST_RETRY_MS = 500;
const LAST_RETRY_MS = 10_000;

export type Connection = 'connecting' | 'live' | 'lost';

export interface Live {
  readonly overview: Overview | null;
  readonly connection: Connection;
  /** What the node refused, for example a token that is not its own. */
  readonly refused: ApiFailure | null;
  readonly refresh: () => void;
}

/** The overview, kept current: read again when events arrive; reconnects with growing pauses. */
export function useOverview(api: Api): Live {
  const [overview, setOverview] = useState<Overview | null>(null);
  const [connection, setConnection] = useState<Connection>('connecting');
  const [refused, setRefused] = useState<ApiFailure | null>(null);
  const reader = useRef<() => void>(() => {});
  const refresh = useCallback(() => reader.current(), []);

  useEffect(() => {
    let closed = false;
    let closeStream = () => {};
    let retryMs = FIRST_RETRY_MS;
    let retryTimer = 0;
    let readTimer = 0;
    let lastReadMs = 0;

    const read = async (): Promise<Overview | null> => {
      lastReadMs = Date.now();
      const next = await api.overview();
      if (!closed) setOverview(next);
      return next;
    };
    const readSoon = () => {
      if (readTimer !== 0) return;
      readTimer = window.setTimeout(
        () => {
          readTimer = 0;
          // A reading that fails means a lost connection, which the stream's end reports.
          read().catch(() => {});
        },
        Math.max(0, lastReadMs + THROTTLE_MS - Date.now()),
      );
    };
    reader.current = readSoon;

    const retry = () => {
      if (closed) return;
      setConnection('lost');
      retryTimer = window.setTimeout(() => void connect(), retryMs);
      retryMs = Math.min(LAST_RETRY_MS, retryMs * 2);
    };
    const connect = async () => {
      try {
        const first = await read();
        if (closed || first === null) return;
        closeStream = api.stream(first.status.seq, {
          onOpen: () => {
            retryMs = FIRST_RETRY_MS;
            setConnection('live');
            readSoon();
          },
          onEvent: readSoon,
          onClose: retry,
        });
      } catch (error) {
        // A wrong token stays wrong: say so instead of trying for ever.
        if (error instanceof ApiFailure && error.status === 401) setRefused(error);
        else retry();
      }
    };
    void connect();
    return () => {
      closed = true;
      window.clearTimeout(retryTimer);
      window.clearTimeout(readTimer);
      closeStream();
    };
  }, [api]);

  return { overview, connection, refused, refresh };
}
