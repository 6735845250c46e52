/** What the event stream says to a page in the app. */
export type StreamMessage =
  | { readonly kind: 'open' }
  | { readonly kind: 'event'; readonly event: string }
  | { readonly kind: 'close' };

/** What the app offers its pages beside the node's API, as `window.vigil`. A page in a browser has none of it. */
export interface ShellBridge {
  /** Follows the node's events: from `open` on, until `close`. Returns what ends it. */
  follow(listen: (message: StreamMessage) => void): () => void;
  /** Opens the dashboard at an address of the page, e.g. `/approvals`. */
  openDashboard(place: string): Promise<void>;
  /** The popover has its content, which is so high, CSS pixels: it can be shown. */
  fit(height: number): Promise<void>;
  /** Closes the popover. */
  close(): Promise<void>;
  /** Starts the node, where none runs. */
  startNode(): Promise<void>;
  quit(): Promise<void>;
}

/** Under which the pages of the app are: their origin, and nothing else has it. */
export const APP_ORIGIN = 'vigil://app';
