import { setTimeout } from 'node:timers/promises';
import { z } from 'zod';
import type { OfflineApi } from '../node/openOffline.ts';
import { ApiError } from '../../shared/model/api.ts';
import { EventView } from '../../shared/model/eventApi.ts';
import { VigilError, type ErrorCode } from '../../shared/model/errors.ts';
import { runningNode } from '../client/runningNode.ts';

/** The home is held for a moment by a node that starts or stops, or by another command. */
const BUSY_PATIENCE_MS = 5_000;
const BUSY_RETRY_MS = 50;

/** Any base will do where a request never leaves the process; the node accepts its own loopback name. */
const IN_PROCESS = 'http://127.0.0.1';

type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';
type Fetch = (request: Request) => Promise<Response>;

/** The local API, the same whether a node answers over HTTP or the store is opened in this process. */
export interface Client {
  /** Whether a node is running and works on what it is told. */
  readonly online: boolean;
  /** Throws the node's own VigilError, or `internal` when its answer has another shape. */
  readonly call: <S extends z.ZodType>(
    method: Method,
    path: string,
    schema: S,
    body?: unknown,
  ) => Promise<z.infer<S>>;
  readonly text: (path: string) => Promise<string>;
  /** Events from after `seq`, as they happen; ends when the signal does. Throws `node-unreachable`. */
  readonly stream: (after: number, signal: AbortSignal) => AsyncGenerator<EventView>;
  readonly close: () => Promise<void>;
}

/** Asks the node that runs on this home, or opens the home's store in this process when none does. */
export async function connect(home: string): Promise<Client> {
  const { openOffline } = await import('../node/openOffline.ts');
  let offline: OfflineApi;
  for (let waitedMs = 0; ; waitedMs += BUSY_RETRY_MS) {
    const node = await runningNode(home);
    if (node !== null) {
      const client = clientOver(node.url, node.token, (request) => fetch(request));
      if (await answers(client)) return client;
    }
    try {
      offline = openOffline(home);
      break;
    } catch (error) {
      const busy = error instanceof VigilError && error.code === 'home-in-use';
      if (!busy || waitedMs >= BUSY_PATIENCE_MS) throw error;
      await setTimeout(BUSY_RETRY_MS);
    }
  }
  return {
    ...clientOver(null, '', (request) => offline.fetch(request)),
    close: () => offline.close(),
  };
}

/** A node that has just been killed leaves its process id behind, which another process may bear now. */
async function answers(client: Client): Promise<boolean> {
  try {
    await client.call('GET', '/v1/projects', z.unknown());
    return true;
  } catch (error) {
    if (error instanceof VigilError && error.code === 'node-unreachable') return false;
    throw error;
  }
}

/** The API behind any `fetch`; without a `url` no node runs. */
export function clientOver(url: string | null, token: string, send: Fetch): Client {
  const request = async (method: Method, path: string, body?: unknown): Promise<Response> => {
    const response = await send(
      new Request((url ?? IN_PROCESS) + path, {
        method,
        headers: {
          authorization: `Bearer ${token}`,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      }),
    ).catch((error: unknown) => {
      throw unreachable(error);
    });
    if (!response.ok) throw await errorOf(response);
    return response;
  };
  return {
    online: url !== null,
    call: async (method, path, schema, body) => {
      const response = await request(method, path, body);
      const text = await response.text();
      const reply = schema.safeParse(text === '' ? null : JSON.parse(text));
      if (reply.success) return reply.data;
      throw new VigilError(
        'internal',
        `the node's answer to ${method} ${path} has an unexpected shape: ${z.prettifyError(reply.error).replaceAll('\n', ' ')}`,
        'The node may be of another version than this command: stop it and start it again.',
      );
    },
    text: async (path) => (await request('GET', path)).text(),
    stream: (after, signal) => {
      if (url === null) throw unreachable(null);
      return events(url, token, after, signal);
    },
    close: () => Promise.resolve(),
  };
}

function unreachable(cause: unknown): VigilError {
  return new VigilError(
    'node-unreachable',
    'no node answers on this home',
    'Start one with `vigil up`, then try again.',
    {
      cause,
    },
  );
}

async function errorOf(response: Response): Promise<VigilError> {
  const text = await response.text();
  const parsed = ApiError.safeParse(jsonOrNull(text));
  if (!parsed.success) {
    return new VigilError(
      'internal',
      `the node answered ${response.status}${text === '' ? '' : `: ${text.slice(0, 200)}`}`,
      'See `vigil doctor`; the node may be of another version than this command.',
    );
  }
  const { code, message, help } = parsed.data.error;
  // The code comes from a node that may know more of them than we do; nothing here depends on which it is
  // except the exit code, which knows `misuse` and otherwise fails.
  return new VigilError(isErrorCode(code) ? code : 'internal', message, help);
}

const ERROR_CODES: Record<ErrorCode, true> = {
  misuse: true,
  'invalid-input': true,
  'not-found': true,
  conflict: true,
  cycle: true,
  'home-in-use': true,
  'port-in-use': true,
  unauthorized: true,
  'not-a-repository': true,
  'empty-repository': true,
  'not-home': true,
  'git-failed': true,
  'install-failed': true,
  'command-failed': true,
  timeout: true,
  'too-large': true,
  'disk-full': true,
  'peer-disk-full': true,
  'store-corrupt': true,
  'store-too-new': true,
  'node-unreachable': true,
  'budget-reached': true,
  'price-unknown': true,
  'provider-failed': true,
  'sandbox-unavailable': true,
  'home-copied': true,
  'invitation-damaged': true,
  'invitation-unknown': true,
  'invitation-expired': true,
  'invitation-used': true,
  'already-member': true,
  'not-a-member': true,
  'member-revoked': true,
  'mesh-full': true,
  'protocol-mismatch': true,
  'peer-unreachable': true,
  internal: true,
};

function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(ERROR_CODES, code);
}

function jsonOrNull(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** Turns the socket's callbacks into a sequence that can be read with `for await`. */
async function* events(
  url: string,
  token: string,
  after: number,
  signal: AbortSignal,
): AsyncGenerator<EventView> {
  if (signal.aborted) return;
  const socket = new WebSocket(`${url.replace(/^http/, 'ws')}/v1/stream?after=${after}`, [
    'vigil.v1',
    `vigil.bearer.${token}`,
  ]);
  const arrived: EventView[] = [];
  const end: { reached: boolean; failure: Error | null } = { reached: false, failure: null };
  let wake = () => {};
  const finish = (error: Error | null) => {
    end.reached = true;
    end.failure ??= error;
    wake();
  };
  socket.addEventListener('message', ({ data }) => {
    const event = EventView.safeParse(jsonOrNull(String(data)));
    if (event.success) arrived.push(event.data);
    else
      finish(
        new VigilError(
          'internal',
          'the node sent an event of an unexpected shape',
          'Restart the node.',
        ),
      );
    wake();
  });
  socket.addEventListener('error', () => finish(unreachable(null)));
  socket.addEventListener('close', () => finish(signal.aborted ? null : unreachable(null)));
  const abort = () => finish(null);
  signal.addEventListener('abort', abort);
  try {
    for (;;) {
      const event = arrived.shift();
      if (event !== undefined) yield event;
      else if (end.reached) break;
      else await new Promise<void>((resolve) => (wake = resolve));
    }
    if (end.failure) throw end.failure;
  } finally {
    signal.removeEventListener('abort', abort);
    socket.close();
  }
}
