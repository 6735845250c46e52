import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { CallPurpose, ModelTarget, WireFormat } from '../../shared/model/agent.ts';
import { countTokens } from './countTokens.ts';
import { Forwarder } from './forward.ts';
import { Grants, type Grant, type GrantedToken } from './grants.ts';
import { makeMeteredCall } from './meteredCall.ts';
import type { Meter } from './meter.ts';
import { candidatesOf, type GatewayProvider } from './provider.ts';
import { readBody, readCall } from './request.ts';
import { DEFAULT_TIMES, Upstream, type GatewayTimes } from './upstream.ts';
import { WireError, sendError } from './wireError.ts';

export interface GatewayOptions {
  readonly meter: Meter;
  /** Asked at each call, so that a provider that is added serves at once. */
  readonly providers: () => readonly GatewayProvider[];
  /** Of the loopback address; 0, the default, takes any free one. */
  readonly port?: number;
  readonly times?: Partial<GatewayTimes>;
  /** Told of what no caller can do anything about, e.g. books that could not be kept. */
  readonly onError: (error: unknown) => void;
}

export interface Gateway {
  /** `http://127.0.0.1:PORT`; agents add `/v1` or not, as they are used to. */
  readonly url: string;
  /** Lets a caller in: what it spends is for the purpose, and its calls go along the route. */
  grant(purpose: CallPurpose, route: readonly ModelTarget[]): GrantedToken;
  /** Ends running calls, each settled, and stops listening. */
  close(): Promise<void>;
}

type Endpoint =
  | { readonly kind: 'call'; readonly format: WireFormat; readonly path: string }
  | { readonly kind: 'count'; readonly format: WireFormat; readonly path: string }
  | { readonly kind: 'models' };

const ENDPOINTS: ReadonlyMap<string, Endpoint> = new Map<string, Endpoint>([
  ['POST /chat/completions', { kind: 'call', format: 'openai-chat', path: '/chat/completions' }],
  ['POST /responses', { kind: 'call', format: 'openai-responses', path: '/responses' }],
  ['POST /messages', { kind: 'call', format: 'anthropic-messages', path: '/messages' }],
  [
    'POST /messages/count_tokens',
    { kind: 'count', format: 'anthropic-messages', path: '/messages/count_tokens' },
  ],
  ['GET /models', { kind: 'models' }],
]);

/** Between two calls an agent may think and work for a while; its connection stays open so long, ms. */
const KEEP_ALIVE_MS = 120_000;

/**
 * Starts the one door through which every model call goes: it holds the keys, meters each call before and
 * after, and passes answers on untouched. Throws when it cannot listen.
 */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const grants = new Grants();
  const times = { ...DEFAULT_TIMES, ...options.times };
  const upstream = new Upstream(times);
  const forwarder = new Forwarder(upstream, times);
  const closing = new AbortController();
  const running = new Set<Promise<void>>();

  const serve = async (
    request: IncomingMessage,
    response: ServerResponse,
    endpoint: Endpoint,
    search: string,
  ): Promise<void> => {
    const beganMs = performance.now();
    const grant = grants.find(tokenOf(request));
    if (grant === null)
      throw new WireError(401, 'authentication_error', 'the token is unknown or was revoked');
    if (endpoint.kind === 'models') return sendModels(response, grant);
    const away = new AbortController();
    response.once('close', () => {
      away.abort();
    });
    const signal = AbortSignal.any([away.signal, grant.ended, closing.signal]);
    const call = readCall(endpoint.format, await readBody(request));
    const candidates = candidatesOf(grant, endpoint.format, options.providers());
    const path = endpoint.path + search;
    const { headers } = request;
    const metered = { grant, call, candidates, path, headers, response, signal, beganMs };
    if (endpoint.kind === 'call') await makeMeteredCall(metered, options.meter, forwarder);
    else await countTokens(metered, forwarder);
  };

  const handle = (request: IncomingMessage, response: ServerResponse): void => {
    const { pathname, search } = new URL(request.url ?? '/', 'http://localhost');
    const path = pathname.replace(/^\/v1(?=\/)/, '');
    const endpoint = ENDPOINTS.get(`${request.method} ${path}`);
    const format = endpoint !== undefined && 'format' in endpoint ? endpoint.format : null;
    if (endpoint === undefined) {
      const message = `the gateway has no ${request.method} ${pathname}`;
      sendError(response, format, new WireError(404, 'not_found_error', message));
      return;
    }
    const done = serve(request, response, endpoint, search)
      .catch((error: unknown) => {
        // A caller that went away while it sent its request is no trouble of ours.
        if (!(error instanceof WireError) && request.complete) options.onError(error);
        if (response.writableEnded) return;
        if (response.headersSent || response.destroyed) response.destroy();
        else
          sendError(
            response,
            format,
            error instanceof WireError
              ? error
              : new WireError(500, 'api_error', 'the gateway could not make the call; see its log'),
          );
      })
      .finally(() => running.delete(done));
    running.add(done);
  };

  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS, noDelay: true }, handle);
  server.listen({ port: options.port ?? 0, host: '127.0.0.1' });
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port to listen on');

  return {
    url: `http://127.0.0.1:${address.port}`,
    grant: (purpose, route) => grants.make(purpose, route),
    close: async () => {
      closing.abort();
      await Promise.allSettled(running);
      await closeServer(server);
      upstream.close();
    },
  };
}

function tokenOf({ headers }: IncomingMessage): string {
  const [, bearer = ''] = /^Bearer\s+(.+)$/i.exec(headers.authorization ?? '') ?? [];
  const key = headers['x-api-key'];
  return bearer || (typeof key === 'string' ? key : '');
}

/** The models of the caller's route, in a list that both OpenAI's and Anthropic's clients can read. */
function sendModels(response: ServerResponse, { route }: Grant): void {
  const ids = [...new Set(route.map(({ model }) => model))];
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end(
    JSON.stringify({
      object: 'list',
      data: ids.map((id) => ({
        id,
        object: 'model',
        type: 'model',
        display_name: id,
        created: 0,
        created_at: '1970-01-01T00:00:00Z',
        owned_by: 'vigil',
      })),
      has_more: false,
      first_id: ids[0] ?? null,
      last_id: ids.at(-1) ?? null,
    }),
  );
}

async function closeServer(server: Server): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  server.closeAllConnections();
  await closed;
}
