import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { WireFormat } from '../../shared/model/agent.ts';
import type { Answer, Reply } from './reply.ts';
import { readRequest, type SeenRequest } from './seenRequest.ts';
import { errorBody, plainAnswer, streamedAnswer } from './wire.ts';

/** A model provider on loopback that says what the test's script tells it to say. */
export interface ModelServer {
  /** Without a path: `http://127.0.0.1:PORT`. */
  readonly url: string;
  /** Base URL of the OpenAI formats, and of Anthropic's where the client adds no `/v1`. */
  readonly baseUrl: string;
  /** Every model request so far, oldest first; new ones appear here. */
  readonly requests: readonly SeenRequest[];
  /** Bytes of the last body that was sent whole, as the network saw them. */
  lastBody(): Buffer;
  /** Answers that are under way. */
  openAnswers(): number;
  close(): Promise<void>;
}

export interface ModelServerOptions {
  readonly script: (request: SeenRequest) => Reply | Promise<Reply>;
  /** What `GET /v1/models` lists; `null` answers 404, as some local servers do. */
  readonly models?: readonly string[] | null;
  /** The only key that is let in; not set: any. */
  readonly key?: string;
  /** 0, the default, takes any free port. */
  readonly port?: number;
}

const FORMATS: ReadonlyMap<string, WireFormat> = new Map([
  ['/chat/completions', 'openai-chat'],
  ['/responses', 'openai-responses'],
  ['/messages', 'anthropic-messages'],
]);

/** Starts a scripted model provider that speaks OpenAI chat, OpenAI responses and Anthropic messages. */
export async function startModelServer(options: ModelServerOptions): Promise<ModelServer> {
  const requests: SeenRequest[] = [];
  let lastBody: Buffer = Buffer.alloc(0);
  let answering = 0;

  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const path = new URL(request.url ?? '/', 'http://localhost').pathname.replace(
      /^\/v1(?=\/)/,
      '',
    );
    const format = FORMATS.get(path);
    if (!isLetIn(request, options.key))
      return sendJson(response, 401, errorBody(format ?? 'openai-chat', 401, 'wrong key'));
    if (request.method === 'GET' && path === '/models')
      return options.models === null
        ? sendJson(response, 404, { error: { message: 'no such path' } })
        : sendJson(response, 200, {
            object: 'list',
            data: (options.models ?? ['scripted']).map((id) => ({ id, object: 'model' })),
          });
    if (request.method === 'HEAD') return void response.end();
    const text = await readBody(request);
    if (path === '/messages/count_tokens')
      return sendJson(response, 200, { input_tokens: Math.ceil(text.length / 4) });
    if (format === undefined)
      return sendJson(response, 404, { error: { message: `no such path: ${path}` } });
    const seen = readRequest(
      requests.length,
      format,
      request.url ?? '',
      request.headers,
      JSON.parse(text),
    );
    requests.push(seen);
    const reply = await options.script(seen);
    switch (reply.kind) {
      case 'stall':
        return;
      case 'hangup':
        request.socket.destroy();
        return;
      case 'error':
        response.writeHead(reply.status, { 'content-type': 'application/json', ...reply.headers });
        response.end(reply.body ?? JSON.stringify(errorBody(format, reply.status, reply.message)));
        return;
      case 'answer':
        lastBody = await sendAnswer(response, seen, reply);
    }
  };

  const server = createServer((request, response) => {
    answering += 1;
    response.once('close', () => (answering -= 1));
    serve(request, response).catch((error: unknown) => {
      // A script that throws is a mistake of the test: say so where it is seen.
      if (response.headersSent) response.destroy();
      else sendJson(response, 500, { error: { message: String(error) } });
    });
  });
  server.listen(options.port ?? 0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  const url = `http://127.0.0.1:${address.port}`;
  return {
    url,
    baseUrl: `${url}/v1`,
    requests,
    lastBody: () => lastBody,
    openAnswers: () => answering,
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

async function sendAnswer(
  response: ServerResponse,
  request: SeenRequest,
  answer: Answer,
): Promise<Buffer> {
  await answer.before?.();
  if (!request.stream) {
    const body = Buffer.from(JSON.stringify(plainAnswer(request, answer)));
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': body.length });
    if (answer.end === 'whole') response.end(body);
    else await endHalfWay(response, [body.subarray(0, body.length / 2)], answer);
    return body;
  }
  response.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-cache',
  });
  const frames = streamedAnswer(request, answer).map(({ event, data }) =>
    Buffer.from(`${event === null ? '' : `event: ${event}\n`}data: ${data}\n\n`),
  );
  if (answer.end !== 'whole') {
    // The middle of the pieces that carry content, and half of the next one.
    const middle = Math.ceil(frames.length / 2);
    const half = frames[middle] ?? Buffer.alloc(0);
    const sent = [...frames.slice(0, middle), half.subarray(0, half.length / 2)];
    await endHalfWay(response, sent, answer);
    return Buffer.concat(sent);
  }
  await write(response, frames, answer);
  response.end();
  return Buffer.concat(frames);
}

async function endHalfWay(
  response: ServerResponse,
  frames: readonly Buffer[],
  answer: Answer,
): Promise<void> {
  await write(response, frames, answer);
  // The bytes are to arrive before the cut does.
  await new Promise((resolve) => response.write('', resolve));
  if (answer.end === 'cut') response.socket?.destroySoon();
}

async function write(
  response: ServerResponse,
  frames: readonly Buffer[],
  { between }: Answer,
): Promise<void> {
  for (const [index, frame] of frames.entries()) {
    if (index > 0) await between?.();
    if (response.destroyed) return;
    if (!response.write(frame)) await drained(response);
  }
}

/** Resolves when more can be written, or nobody reads any more. */
function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const go = (): void => {
      response.off('drain', go).off('close', go);
      resolve();
    };
    response.on('drain', go).on('close', go);
  });
}

function isLetIn(request: IncomingMessage, key: string | undefined): boolean {
  if (key === undefined) return true;
  return request.headers.authorization === `Bearer ${key}` || request.headers['x-api-key'] === key;
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) if (Buffer.isBuffer(chunk)) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}
