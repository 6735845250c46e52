import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import {
  createServer,
  type ClientRequest,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { Socket } from 'node:net';
import { messageOf } from '../../../shared/model/errors.ts';
import type { GitAddress } from '../../../shared/model/gitAddress.ts';
import { NodeId, type ProjectId } from '../../../shared/model/ids.ts';
import { parseGitRequest } from './gitRequest.ts';

/** Opens an HTTP request to a peer over the pinned connection. Throws or emits `error` when it can't be reached. */
export type RequestToPeer = (
  peer: NodeId,
  options: {
    readonly method: string;
    readonly path: string;
    readonly headers: Readonly<Record<string, string>>;
  },
) => ClientRequest | Promise<ClientRequest>;

/** A connection on which nothing moves for this long is taken for dead. Git itself says something every 5 s. */
const IDLE_MS = 90_000;
const PASSED_ON = [
  'accept',
  'accept-encoding',
  'content-encoding',
  'content-length',
  'content-type',
  'git-protocol',
];
const PASSED_BACK = ['cache-control', 'content-encoding', 'content-length', 'content-type'];

/**
 * Lets git on this machine talk to peers: git can't check our pinned keys on every platform, so it speaks
 * plain HTTP to this proxy on loopback, which carries the bytes over the pinned connection. Only who
 * knows the token is let in; it lives as long as this does.
 */
export class MeshGit {
  readonly #server: Server;
  readonly #request: RequestToPeer;
  readonly #authorization = `Bearer ${randomBytes(32).toString('base64url')}`;
  readonly #sockets = new Set<Socket>();
  #port = 0;

  private constructor(request: RequestToPeer) {
    this.#request = request;
    this.#server = createServer((from, to) => void this.#handle(from, to));
    // A large push takes as long as it takes; what stands still is ended by its idle time.
    this.#server.requestTimeout = 0;
    this.#server.on('connection', (socket) => {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
      socket.setTimeout(IDLE_MS, () => socket.destroy());
    });
  }

  /** Listens on a free port of 127.0.0.1. Throws what the system throws when there is none. */
  static async open(request: RequestToPeer): Promise<MeshGit> {
    const git = new MeshGit(request);
    await new Promise<void>((resolve, reject) => {
      git.#server.once('error', reject);
      git.#server.listen(0, '127.0.0.1', resolve);
    });
    const address = git.#server.address();
    if (address !== null && typeof address === 'object') git.#port = address.port;
    return git;
  }

  /** Where git reaches the clone of a project that a peer has. */
  address(peer: NodeId, project: ProjectId): GitAddress {
    return {
      url: `http://127.0.0.1:${this.#port}/${peer}/git/${project}`,
      authorization: this.#authorization,
    };
  }

  /** Stops listening and ends what is on its way. */
  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  async #handle(from: IncomingMessage, to: ServerResponse): Promise<void> {
    if (!isEqual(from.headers.authorization ?? '', this.#authorization))
      return answer(from, to, 401, 'this is the private door of a Vigil node');
    const [, name, path] = /^\/([^/]+)(\/git\/.*)$/.exec(from.url ?? '') ?? [];
    const peer = NodeId.safeParse(name);
    const asked = parseGitRequest(from.method, path);
    if (!peer.success || asked === null || path === undefined)
      return answer(from, to, 404, 'that is not a request of git');
    const unreachable = (error: unknown): void =>
      answer(from, to, 502, `node ${peer.data} can't be reached: ${messageOf(error)}`);
    try {
      const headers = pick(from.headers, PASSED_ON);
      const upstream = await this.#request(peer.data, { method: asked.method, path, headers });
      upstream.on('error', unreachable);
      upstream.on('response', (response) => passBack(response, to));
      // The peer may answer before it has read everything; git goes on sending all the same.
      upstream.once('close', () => from.unpipe(upstream).resume());
      to.once('close', () => upstream.destroy());
      if (to.destroyed) upstream.destroy();
      // A request that was cut must not look like one that has ended.
      from.once('close', () => {
        if (!from.complete) upstream.destroy();
      });
      from.pipe(upstream);
    } catch (error) {
      unreachable(error);
    }
  }
}

function passBack(response: IncomingMessage, to: ServerResponse): void {
  if (to.destroyed) return void response.destroy();
  to.writeHead(response.statusCode ?? 502, pick(response.headers, PASSED_BACK));
  response.once('close', () => {
    if (!response.complete) to.destroy();
  });
  response.on('error', () => to.destroy());
  response.pipe(to);
}

/** git shows the text of an error to whoever ran it. After the answer has begun, all that is left is to cut it. */
function answer(from: IncomingMessage, to: ServerResponse, status: number, why: string): void {
  from.resume();
  if (to.writableEnded) return;
  if (to.headersSent) return void to.destroy();
  to.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' });
  to.end(`vigil: ${why}\n`);
}

function pick(
  headers: IncomingMessage['headers'],
  names: readonly string[],
): Record<string, string> {
  const picked: Record<string, string> = {};
  for (const name of names) {
    const value = headers[name];
    if (typeof value === 'string') picked[name] = value;
  }
  return picked;
}

/** Takes the same time wherever they differ. */
function isEqual(a: string, b: string): boolean {
  const hash = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(hash(a), hash(b));
}
