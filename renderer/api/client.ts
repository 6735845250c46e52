import type { ApiError, EventView } from '../../shared/model/api.ts';

/** A reply that says no: what happened and what to do. */
export class ApiFailure extends Error {
  /** HTTP status; 0 when nobody answered. */
  readonly status: number;
  readonly help: string;

  constructor(status: number, message: string, help: string) {
    super(message);
    this.status = status;
    this.help = help;
  }
}

export interface StreamHandlers {
  onOpen(): void;
  onEvent(event: EventView): void;
  onClose(): void;
}

/**
 * The page's way to the node. It takes the shapes from shared/model as types only: the node that answers
 * is the one that served this very bundle, so checking its replies again here would cost 50 kB and could
 * find nothing.
 */
export class Api {
  private readonly token: string;

  constructor(token: string) {
    this.token = token;
  }

  /** Rejects with `ApiFailure`. */
  async get<T>(path: string): Promise<T> {
    return (await (await this.request('GET', path)).json()) as T;
  }

  async text(path: string): Promise<string> {
    return (await this.request('GET', path)).text();
  }

  async send<T>(method: 'POST' | 'PUT' | 'DELETE', path: string, body: unknown = {}): Promise<T> {
    return (await (await this.request(method, path, body)).json()) as T;
  }

  /** Opens the event stream after an event, or with what comes next; returns what closes it. */
  stream(after: number | null, handlers: StreamHandlers): () => void {
    const query = after === null ? '' : `?after=${after}`;
    const socket = new WebSocket(`${location.origin.replace(/^http/, 'ws')}/v1/stream${query}`, [
      'vigil.v1',
      `vigil.bearer.${this.token}`,
    ]);
    socket.addEventListener('open', () => handlers.onOpen());
    socket.addEventListener('message', ({ data }) =>
      handlers.onEvent(JSON.parse(String(data)) as EventView),
    );
    socket.addEventListener('close', () => handlers.onClose());
    return () => socket.close();
  }

  private async request(method: string, path: string, body?: unknown): Promise<Response> {
    const headers: Record<string, string> = { authorization: `Bearer ${this.token}` };
    if (body !== undefined) headers['content-type'] = 'application/json';
    const response = await fetch(path, {
      ...{ method, headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    }).catch(() => {
      throw new ApiFailure(0, 'The node does not answer.', 'Start it with `vigil up`.');
    });
    if (response.ok) return response;
    const reply = (await response.json().catch(() => null)) as ApiError | null;
    throw new ApiFailure(
      response.status,
      reply?.error.message ?? `The node answered ${response.status}.`,
      reply?.error.help ?? 'Look at the terminal in which it runs.',
    );
  }
}
