import type { EventView } from '../../shared/model/eventApi.ts';

export interface StreamHandlers {
  onOpen(): void;
  onEvent(event: EventView): void;
  onClose(): void;
}

/** How the page reaches the node: over HTTP with a token, or by way of the app that shows it. */
export interface Wire {
  /** Sent with each request. */
  readonly headers: Readonly<Record<string, string>>;
  /** The answer to what was asked for before the page's code was there; each is given once, as it is old later. */
  takeAhead?(path: string): Promise<Response> | undefined;
  /** Opens the event stream after an event, or with what comes next; returns what closes it. */
  stream(after: number | null, handlers: StreamHandlers): () => void;
}
