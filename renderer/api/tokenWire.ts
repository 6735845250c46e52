import type { EventView } from '../../shared/model/eventApi.ts';
import { takeAhead } from './ahead.ts';
import { bearer } from './token.ts';
import type { Wire } from './wire.ts';

/** To the node that served the page, with the token of its link. */
export function tokenWire(token: string): Wire {
  return {
    headers: bearer(token),
    takeAhead,
    stream(after, handlers) {
      const query = after === null ? '' : `?after=${after}`;
      const socket = new WebSocket(`${location.origin.replace(/^http/, 'ws')}/v1/stream${query}`, [
        'vigil.v1',
        `vigil.bearer.${token}`,
      ]);
      socket.addEventListener('open', () => handlers.onOpen());
      socket.addEventListener('message', ({ data }) =>
        handlers.onEvent(JSON.parse(String(data)) as EventView),
      );
      socket.addEventListener('close', () => handlers.onClose());
      return () => socket.close();
    },
  };
}
