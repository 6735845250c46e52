import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { getRequestListener } from '@hono/node-server';
import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { WebSocketServer, type WebSocket } from 'ws';
import { z } from 'zod';
import { VigilError, messageOf } from '../../../shared/model/errors.ts';
import type { Services } from '../services.ts';
import { errorReply } from './errors.ts';
import { requireLocal, requireToken, tokenMatches, wrongPlace, type Door } from './guard.ts';
import { Refusals } from './refusals.ts';
import { servePage } from './page.ts';
import { apiRoutes } from './routes.ts';

const LOOPBACK = '127.0.0.1';
/** Sub-protocols of the event stream: a browser can send no header with a socket, so the token comes as one. */
const PROTOCOL = 'vigil.v1';
const BEARER = 'vigil.bearer.';
/** A follower that lags this far behind is cut off: it reads on from its last event when it is back. */
const MAX_BUFFERED_BYTES = 8 * 1024 * 1024;
/** Thousands of tasks fit; nothing that a person writes is larger, bytes. */
const MAX_BODY_BYTES = 16 * 1024 * 1024;
/** Nothing is expected from a follower. */
const MAX_MESSAGE_BYTES = 1024;

const limitBody = bodyLimit({
  maxSize: MAX_BODY_BYTES,
  onError: (context) =>
    errorReply(
      new VigilError(
        'too-large',
        `a request may have ${MAX_BODY_BYTES} bytes at most`,
        'Split it into several.',
      ),
      context,
    ),
});

const StreamQuery = z.object({ after: z.coerce.number().int().min(0).optional() });

/** The local API and the page, on loopback. */
export class ApiServer {
  readonly port: number;
  /** The API without its guards, for callers within the process. */
  readonly fetch: (request: Request) => Promise<Response>;
  private readonly http: Server;
  private readonly sockets: WebSocketServer;

  private constructor(
    http: Server,
    sockets: WebSocketServer,
    fetch: (request: Request) => Promise<Response>,
  ) {
    this.http = http;
    this.sockets = sockets;
    this.port = portOf(http);
    this.fetch = fetch;
  }

  get url(): string {
    return `http://${LOOPBACK}:${this.port}`;
  }

  /** Binds the port and answers from then on. */
  static serve(listening: Listening, services: Services, token: string): ApiServer {
    const { http } = listening;
    const routes = apiRoutes(services);
    const app = new Hono();
    const door = (): Door => ({ port: portOf(http), hosts: services.hosts });
    const refusals = new Refusals(
      (refusal) => services.refused(refusal),
      () => performance.now(),
    );
    const note: Refusals['note'] = (...what) => refusals.note(...what);
    app.onError(errorReply);
    app.use(requireLocal(door, note));
    app.use('/v1/*', requireToken(token, note), limitBody);
    app.route('/', servePage());
    app.route('/', routes);
    app.notFound((context) =>
      errorReply(
        new VigilError(
          'not-found',
          `there is no ${context.req.path}`,
          'The page is at /, the API at /v1.',
        ),
        context,
      ),
    );
    const answer = getRequestListener(app.fetch);
    http.on('request', (request, response) => void answer(request, response));

    const sockets = new WebSocketServer({
      noServer: true,
      maxPayload: MAX_MESSAGE_BYTES,
      handleProtocols: () => PROTOCOL,
    });
    http.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
      const after = acceptStream(request, door(), token, refusals);
      if (after === 'refused') {
        socket.end('HTTP/1.1 401 Unauthorized\r\nConnection: close\r\n\r\n');
        return;
      }
      sockets.handleUpgrade(request, socket, head, (client) => stream(client, services, after));
    });
    return new ApiServer(http, sockets, async (request) => routes.fetch(request));
  }

  async close(): Promise<void> {
    for (const client of this.sockets.clients) client.close(1001, 'the node stops');
    this.http.closeAllConnections();
    await new Promise<void>((resolve) => this.http.close(() => resolve()));
    for (const client of this.sockets.clients) client.terminate();
  }
}

/** A port that is taken; requests wait until `ApiServer.serve` answers them. */
export interface Listening {
  readonly http: Server;
}

/** Takes a port on loopback; 0 is any free one. Throws `port-in-use`. */
export async function listen(port: number): Promise<Listening> {
  const http = createServer();
  await new Promise<void>((resolve, reject) => {
    http.once('error', (error: NodeJS.ErrnoException) =>
      reject(
        error.code === 'EADDRINUSE' || error.code === 'EACCES'
          ? new VigilError(
              'port-in-use',
              `port ${port} of ${LOOPBACK} is taken: ${messageOf(error)}`,
              'Give another with --port, or 0 for any free one.',
              { cause: error },
            )
          : error,
      ),
    );
    http.listen(port, LOOPBACK, () => resolve());
  });
  return { http };
}

function portOf(http: Server): number {
  return (http.address() as AddressInfo).port;
}

/** Where the stream is to begin, when the request may have it; undefined: with what comes next. */
function acceptStream(
  request: IncomingMessage,
  door: Door,
  token: string,
  refusals: Refusals,
): number | undefined | 'refused' {
  const { host, origin } = request.headers;
  const wrong = wrongPlace((name) => request.headers[name], door);
  if (wrong !== null) {
    refusals.note(wrong, host, origin);
    return 'refused';
  }
  const offered = (request.headers['sec-websocket-protocol'] ?? '')
    .split(',')
    .map((name) => name.trim());
  const bearer = offered.find((name) => name.startsWith(BEARER))?.slice(BEARER.length);
  const header = request.headers.authorization?.replace(/^Bearer /, '');
  if (!tokenMatches(bearer ?? header, token)) {
    refusals.note('token', host, origin);
    return 'refused';
  }
  const url = new URL(request.url ?? '/', `http://${LOOPBACK}`);
  if (url.pathname !== '/v1/stream') return 'refused';
  const query = StreamQuery.safeParse(Object.fromEntries(url.searchParams));
  return query.success ? query.data.after : 'refused';
}

function stream(client: WebSocket, services: Services, after: number | undefined): void {
  const stop = services.follow(after ?? null, (event) => {
    if (client.bufferedAmount > MAX_BUFFERED_BYTES) client.terminate();
    else if (client.readyState === client.OPEN) client.send(JSON.stringify(event));
  });
  client.on('close', stop);
  // The socket closes after an error, and nothing else is kept for it.
  client.on('error', () => client.terminate());
}
