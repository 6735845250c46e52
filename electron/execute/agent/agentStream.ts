import type { Readable, Writable } from 'node:stream';
import { methods, type AnyMessage, type Stream } from '@agentclientprotocol/sdk';
import { z } from 'zod';
import { AgentEnd } from './agentEnd.ts';
import { readSessionUpdate, type SessionUpdate } from './sessionUpdate.ts';

/** A file of the largest size that is worth reading goes through twice over. */
const MAX_MESSAGE_BYTES = 16 * 1024 * 1024;
/** Lines that are no messages: a banner or a warning is forgiven, a program that is no agent is not. */
const MAX_RUBBISH_LINES = 100;

const Message = z.looseObject({ jsonrpc: z.literal('2.0') });
const Update = z.looseObject({ method: z.literal(methods.client.session.update) });

export interface StreamWatch {
  /** Every message that came. */
  readonly onMessage: () => void;
  /** Every `session/update`: the library would refuse those of a later version aloud, so they don't reach it. */
  readonly onUpdate: (update: SessionUpdate) => void;
  /** A line that is no message, cut to a length that can be shown. */
  readonly onRubbish: (line: string) => void;
  /** Why nothing more comes once the output is at its end. */
  readonly ended: Promise<AgentEnd>;
}

/**
 * The connection to an agent over its standard streams, one JSON message a line. Lines that are none
 * are left out up to a bound. It ends with an `AgentEnd` past that bound or a message's largest size.
 */
export function agentStream(stdin: Writable, stdout: Readable, watch: StreamWatch): Stream {
  const encode = new TextEncoder();
  const incoming = messages(stdout, watch);
  return {
    readable: new ReadableStream<AnyMessage>({
      pull: async (controller) => {
        const next = await incoming.next();
        if (next.done === true) controller.close();
        else controller.enqueue(next.value);
      },
    }),
    writable: new WritableStream<AnyMessage>({
      write: (message) =>
        new Promise<void>((resolve) => {
          // An agent that no longer reads is on its way out: its exit is what is reported.
          if (stdin.destroyed || stdin.writableEnded) resolve();
          else stdin.write(encode.encode(`${JSON.stringify(message)}\n`), () => resolve());
        }),
    }),
  };
}

async function* messages(stdout: Readable, watch: StreamWatch): AsyncGenerator<AnyMessage> {
  let rubbish = 0;
  for await (const line of lines(stdout)) {
    const text = line.toString('utf8').trim();
    if (text === '') continue;
    const message = parse(text);
    const update = Update.safeParse(message).success ? readSessionUpdate(message) : null;
    if (message !== null) watch.onMessage();
    if (update !== null) watch.onUpdate(update);
    else if (message !== null) yield message;
    if (message !== null) continue;
    rubbish += 1;
    watch.onRubbish(text.slice(0, 200));
    if (rubbish > MAX_RUBBISH_LINES)
      throw new AgentEnd(
        'protocol-error',
        `it printed more than ${MAX_RUBBISH_LINES} lines that are no messages of the protocol, the last one: ${text.slice(0, 200)}`,
      );
  }
  throw await watch.ended;
}

async function* lines(stdout: Readable): AsyncGenerator<Buffer> {
  let pending: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of stdout) {
    if (!Buffer.isBuffer(chunk)) continue;
    let from = 0;
    for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, from)) {
      yield Buffer.concat([...pending, chunk.subarray(from, at)]);
      pending = [];
      bytes = 0;
      from = at + 1;
    }
    if (from === chunk.length) continue;
    pending.push(chunk.subarray(from));
    bytes += chunk.length - from;
    if (bytes > MAX_MESSAGE_BYTES)
      throw new AgentEnd(
        'protocol-error',
        `it sent a message of more than ${MAX_MESSAGE_BYTES / 1024 / 1024} MB`,
      );
  }
  if (pending.length > 0) yield Buffer.concat(pending);
}

function parse(text: string): AnyMessage | null {
  try {
    const message = JSON.parse(text) as unknown;
    return isMessage(message) ? message : null;
  } catch {
    // Not JSON: a line that some library printed to the wrong stream.
    return null;
  }
}

/** The rest of a message's shape is checked by the connection that handles it. */
function isMessage(value: unknown): value is AnyMessage {
  return Message.safeParse(value).success;
}
