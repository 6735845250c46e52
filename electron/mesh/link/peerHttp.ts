import type { ClientRequest, IncomingMessage, ServerResponse } from 'node:http';
import { request as httpRequest } from 'node:http';
import type { TLSSocket } from 'node:tls';
import type { NodeId } from '../../../shared/model/ids.ts';

/** Answers a request of a member; what it throws or rejects with ends that request with status 500. */
export type PeerHandler = (
  req: IncomingMessage,
  res: ServerResponse,
  peer: NodeId,
) => void | Promise<void>;

export interface PeerRequest {
  readonly method: string;
  /** From the slash on, with the query. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

/** Opens a connection to a member whose key has been checked. Rejects with `peer-unreachable`. */
export type ConnectTo = (peer: NodeId) => Promise<TLSSocket>;

/**
 * HTTP between members, on connections of their own to the port of the links and with the same pinning:
 * for what is too large or too long for a link's messages, such as git.
 */
export class PeerHttp {
  private readonly handlers = new Map<string, PeerHandler>();
  /** A raw pinned connection, for a protocol other than HTTP/1.1 requests one by one. */
  readonly connect: ConnectTo;

  constructor(connect: ConnectTo) {
    this.connect = connect;
  }

  /**
   * Answers requests of members whose path starts with this, e.g. `/git/`; the longest prefix wins.
   * Returns how to stop. Throws when the prefix is served already or does not start and end with a slash.
   */
  serve(prefix: string, handler: PeerHandler): () => void {
    if (!/^\/(.*\/)?$/.test(prefix)) throw new Error(`a prefix is like /git/, not ${prefix}`);
    if (this.handlers.has(prefix)) throw new Error(`${prefix} is served already`);
    this.handlers.set(prefix, handler);
    return () => {
      if (this.handlers.get(prefix) === handler) this.handlers.delete(prefix);
    };
  }

  /**
   * A request to a member on a new connection; the caller writes the body, ends it, and listens to
   * `response` and `error`. Rejects with `peer-unreachable` when no connection can be had.
   */
  async request(peer: NodeId, wanted: PeerRequest): Promise<ClientRequest> {
    const socket = await this.connect(peer);
    const request = httpRequest({
      method: wanted.method,
      path: wanted.path,
      headers: { host: peer, ...wanted.headers },
      ...(wanted.signal ? { signal: wanted.signal } : {}),
      createConnection: () => socket,
    });
    request.once('close', () => socket.destroy());
    return request;
  }

  /** Passes a request of an authenticated member to whoever serves its path; 404 when nobody does. */
  answer(req: IncomingMessage, res: ServerResponse, peer: NodeId): void {
    const path = new URL(req.url ?? '/', 'https://peer').pathname;
    const prefix = [...this.handlers.keys()]
      .filter((candidate) => path.startsWith(candidate))
      .sort((a, b) => b.length - a.length)[0];
    const handler = prefix === undefined ? undefined : this.handlers.get(prefix);
    if (!handler) {
      res.writeHead(404).end();
      return;
    }
    // `then` also catches what a handler throws before its first await.
    void Promise.resolve()
      .then(() => handler(req, res, peer))
      .catch(() => (res.headersSent ? res.destroy() : res.writeHead(500).end()));
  }
}
