import { setTimeout as sleep } from 'node:timers/promises';
import WebSocket from 'ws';
import { z } from 'zod';
import { messageOf } from '../../shared/model/errors.ts';
import { runningNode, type RunningNode } from '../client/runningNode.ts';

/** Pauses between two looks for a node that is not there, ms: short at first, since it may just be starting. */
const FIRST_PAUSE_MS = 200;
const LAST_PAUSE_MS = 3_000;
/** The longest that an answer may take: a check of a provider or of the whole node takes seconds, ms. */
const ANSWER_MS = 120_000;
/** The node answers the start of its stream in a few ms, unless the machine stands still, ms. */
const HANDSHAKE_MS = 10_000;

type Method = 'GET' | 'POST';

/** Told of the connection to the node, and of what the node says. */
export interface LinkListener {
  onOpen(): void;
  /** One event of the node's stream as it came, JSON. */
  onEvent(event: string): void;
  onClose(): void;
}

/**
 * The shell's one connection to the node of its home: finds it by the files in there, follows its events,
 * and finds it again after it was away. The token stays here.
 */
export class NodeLink {
  private readonly home: string;
  /** Told when no node runs on the home. */
  private readonly missing: () => void;
  private readonly listeners = new Set<LinkListener>();
  private readonly cut = new AbortController();
  private node: RunningNode | null = null;
  private socket: WebSocket | null = null;

  constructor(home: string, missing: () => void) {
    this.home = home;
    this.missing = missing;
  }

  /** The process of the node that is connected; null while none is. */
  get pid(): number | null {
    return this.node?.pid ?? null;
  }

  get live(): boolean {
    return this.node !== null;
  }

  listen(listener: LinkListener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Looks for the node and keeps to it, until `close`. */
  async run(): Promise<void> {
    const { signal } = this.cut;
    let pauseMs = FIRST_PAUSE_MS;
    while (!signal.aborted) {
      const node = await runningNode(this.home);
      if (node === null) this.missing();
      else if (await this.follow(node)) pauseMs = FIRST_PAUSE_MS;
      await sleep(pauseMs, undefined, { signal }).catch(() => undefined);
      pauseMs = Math.min(LAST_PAUSE_MS, pauseMs * 2);
    }
  }

  close(): void {
    this.cut.abort();
    this.socket?.terminate();
  }

  /** Throws what the node says is wrong, or that it does not answer. */
  async call<S extends z.ZodType>(
    method: Method,
    path: string,
    schema: S,
    body?: unknown,
  ): Promise<z.infer<S>> {
    const payload = body === undefined ? null : JSON.stringify(body);
    const response = await this.send(method, path, payload);
    const reply: unknown = await response.json();
    if (response.ok) return schema.parse(reply);
    const refusal = Refusal.safeParse(reply);
    throw new Error(
      refusal.success ? refusal.data.error.message : `the node answered ${response.status}`,
    );
  }

  /** Has the node answer a request of a page, which knows neither its address nor its token. */
  async forward(request: Request): Promise<Response> {
    const { pathname, search } = new URL(request.url);
    const hasBody = request.method !== 'GET' && request.method !== 'HEAD';
    try {
      const body = hasBody ? new Uint8Array(await request.arrayBuffer()) : null;
      const reply = await this.send(request.method, pathname + search, body);
      const type = reply.headers.get('content-type');
      const headers = { 'cache-control': 'no-store', ...(type && { 'content-type': type }) };
      return new Response(reply.body, { status: reply.status, headers });
    } catch (error) {
      const away = {
        code: 'node-unreachable',
        message: `The node does not answer: ${messageOf(error)}.`,
        help: 'The page goes on by itself as soon as it is back.',
      };
      return new Response(JSON.stringify({ error: away }), {
        status: 503,
        headers: { 'content-type': 'application/json' },
      });
    }
  }

  private async send(
    method: string,
    path: string,
    body: string | Uint8Array<ArrayBuffer> | null,
  ): Promise<Response> {
    const { node } = this;
    if (node === null) throw new Error('it is not there');
    return fetch(node.url + path, {
      method,
      headers: {
        authorization: `Bearer ${node.token}`,
        ...(body === null ? {} : { 'content-type': 'application/json' }),
      },
      body,
      signal: AbortSignal.timeout(ANSWER_MS),
    });
  }

  /** Follows the node's events until they end; resolves with whether it answered at all. */
  private follow(node: RunningNode): Promise<boolean> {
    return new Promise((resolve) => {
      const socket = new WebSocket(`${node.url.replace(/^http/, 'ws')}/v1/stream`, 'vigil.v1', {
        headers: { authorization: `Bearer ${node.token}` },
        perMessageDeflate: false,
        handshakeTimeout: HANDSHAKE_MS,
      });
      this.socket = socket;
      socket.on('open', () => {
        this.node = node;
        for (const listener of this.listeners) listener.onOpen();
      });
      socket.on('message', (data: Buffer) => {
        const event = data.toString('utf8');
        for (const listener of this.listeners) listener.onEvent(event);
      });
      // The socket closes after an error, and what it was is told by what the next look finds.
      socket.on('error', () => undefined);
      socket.on('close', () => {
        const answered = this.node !== null;
        this.node = null;
        this.socket = null;
        if (answered) for (const listener of this.listeners) listener.onClose();
        resolve(answered);
      });
    });
  }
}

const Refusal = z.object({ error: z.object({ message: z.string() }) });
