import { StringDecoder } from 'node:string_decoder';
import { createParser } from 'eventsource-parser';
import type { WireFormat } from '../../shared/model/agent.ts';

/** What was seen in an answer on its way through. */
interface Seen {
  /** The provider's last word on what was used; null when there was none. */
  usage: unknown;
  /** What it said at the start of a stream, before anything was written. */
  firstUsage: unknown;
  /** Bytes of text, thoughts and arguments of tool calls. */
  textBytes: number;
  /** Whether the answer said that it was at its end. */
  ended: boolean;
  /** An error that the provider sent in the middle of a stream. */
  error: string | null;
}

/** Reads along what passes, and never changes it. */
export interface Tap {
  readonly seen: Seen;
  feed(chunk: Buffer): void;
  /** Once no more comes. */
  finish(): void;
}

/** Largest plain answer that is read for its usage; of a larger one the worst case is counted. */
const MAX_PLAIN_BYTES = 16 * 1024 * 1024;

export function createTap(format: WireFormat, stream: boolean): Tap {
  const seen: Seen = { usage: null, firstUsage: null, textBytes: 0, ended: false, error: null };
  return stream ? streamTap(format, seen) : plainTap(format, seen);
}

function streamTap(format: WireFormat, seen: Seen): Tap {
  const decoder = new StringDecoder('utf8');
  const parser = createParser({
    onEvent: ({ data }) => {
      if (data === '[DONE]') seen.ended = true;
      else read(format, parse(data), seen);
    },
  });
  return {
    seen,
    feed: (chunk) => {
      parser.feed(decoder.write(chunk));
    },
    finish: () => {
      // The last event of a stream that ends without its empty line.
      parser.feed(`${decoder.end()}\n\n`);
    },
  };
}

function plainTap(format: WireFormat, seen: Seen): Tap {
  const chunks: Buffer[] = [];
  let bytes = 0;
  return {
    seen,
    feed: (chunk) => {
      bytes += chunk.length;
      if (bytes <= MAX_PLAIN_BYTES) chunks.push(chunk);
      else chunks.length = 0;
    },
    finish: () => {
      const body = fields(
        bytes <= MAX_PLAIN_BYTES ? parse(Buffer.concat(chunks).toString()) : null,
      );
      seen.usage = body['usage'] ?? null;
      seen.ended = Object.keys(body).length > 0;
      const content =
        format === 'openai-chat'
          ? list(body['choices']).map((choice) => fields(choice)['message'])
          : body[format === 'openai-responses' ? 'output' : 'content'];
      seen.textBytes = answerBytes(content);
    },
  };
}

/** Names of the fields that hold what the model wrote, in the answers of all formats. */
const WRITTEN = new Set([
  'text',
  'content',
  'reasoning_content',
  'thinking',
  'arguments',
  'refusal',
  'partial_json',
]);

/** Bytes of all that the model wrote in a plain answer. */
function answerBytes(value: unknown): number {
  if (Array.isArray(value)) return value.reduce((sum: number, item) => sum + answerBytes(item), 0);
  let bytes = 0;
  for (const [key, inner] of Object.entries(fields(value))) {
    if (typeof inner === 'string') bytes += WRITTEN.has(key) ? Buffer.byteLength(inner) : 0;
    else if (key === 'input') bytes += Buffer.byteLength(JSON.stringify(inner));
    else bytes += answerBytes(inner);
  }
  return bytes;
}

function read(format: WireFormat, value: unknown, seen: Seen): void {
  const event = fields(value);
  if (event['error'] !== undefined && event['error'] !== null)
    seen.error = string(fields(event['error'])['message']) || 'an error without words';
  switch (format) {
    case 'openai-chat': {
      if (isFields(event['usage'])) seen.usage = event['usage'];
      for (const choice of list(event['choices'])) {
        seen.textBytes += answerBytes(fields(choice)['delta']);
        if (typeof fields(choice)['finish_reason'] === 'string') seen.ended = true;
      }
      return;
    }
    case 'openai-responses': {
      const type = string(event['type']);
      if (type.endsWith('.delta')) seen.textBytes += Buffer.byteLength(string(event['delta']));
      if (!/^response\.(completed|incomplete|failed)$/.test(type)) return;
      seen.usage = fields(event['response'])['usage'] ?? null;
      seen.ended = true;
      return;
    }
    case 'anthropic-messages': {
      switch (event['type']) {
        case 'message_start':
          seen.firstUsage = fields(event['message'])['usage'] ?? null;
          return;
        case 'content_block_delta':
          seen.textBytes += answerBytes(event['delta']);
          return;
        case 'message_delta':
          // The counts are running totals; what the last event leaves out stands as it was.
          if (isFields(event['usage']))
            seen.usage = { ...fields(seen.firstUsage), ...present(event['usage']) };
          return;
        case 'message_stop':
          seen.ended = true;
      }
    }
  }
}

type Fields = Readonly<Record<string, unknown>>;

function present(value: Fields): Fields {
  return Object.fromEntries(Object.entries(value).filter(([, inner]) => inner !== null));
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // What can't be read says nothing of usage; the caller gets it as it is.
    return null;
  }
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function fields(value: unknown): Fields {
  return isFields(value) ? value : {};
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function string(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
