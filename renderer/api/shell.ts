import type { EventView } from '../../shared/model/eventApi.ts';
import type { ShellBridge } from '../../shared/model/shellBridge.ts';
import type { Wire } from './wire.ts';

declare global {
  interface Window {
    /** Only in the app. */
    readonly vigil?: ShellBridge;
  }
}

/** What the app offers its pages; null in a browser. */
export function shellBridge(): ShellBridge | null {
  return window.vigil ?? null;
}

/** By way of the app, which has the token: its own protocol passes requests on, its bridge the events. */
export function shellWire(bridge: ShellBridge): Wire {
  return {
    headers: {},
    // Of the app's one stream a page sees what comes from now on; followed again, it hears when the node is back.
    stream(_, handlers) {
      const stop = bridge.follow((message) => {
        switch (message.kind) {
          case 'open':
            handlers.onOpen();
            break;
          case 'event':
            handlers.onEvent(JSON.parse(message.event) as EventView);
            break;
          case 'close':
            stop();
            handlers.onClose();
        }
      });
      return stop;
    },
  };
}
