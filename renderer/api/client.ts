import type { ApiError } from '../../shared/model/api.ts';
import type { StreamHandlers, Wire } from './wire.ts';

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

/**
 * The page's way to the node. It takes the shapes from shared/model as types only: the node that answers
 * is the one that served this very bundle, so checking its replies again here would cost 50 kB and could
 * find nothing.
 */
export class Api {
  private readonly wire: Wire;

  constructor(wire: Wire) {
    this.wire = wire;
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
    return this.wire.stream(after, handlers);
  }

  private async request(method: string, path: string, body?: unknown): Promise<Response> {
    const headers: Record<string, string> = { ...this.wire.headers };
    if (body !== undefined) headers['content-type'] = 'application/json';
    const ahead = method === 'GET' ? this.wire.takeAhead?.(path) : undefined;
    const asked =
      ahead ??
      fetch(path, {
        ...{ method, headers },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
    const response = await asked.catch(() => {
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
