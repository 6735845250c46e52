import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { messageOf } from '../../shared/model/errors.ts';
import type { Tap } from './tap.ts';

/** No answer of a model is larger; one that is runs away. */
const MAX_REPLY_BYTES = 64 * 1024 * 1024;

/** Headers that belong to one connection and not to the answer (RFC 9110, 7.6.1), and cookies. */
const NOT_PASSED = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-connection',
  'set-cookie',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

export interface Passed {
  /** Why it did not come through whole; null when it did. */
  readonly trouble: string | null;
  /** When its first byte came, ms (`performance.now`); null when none did. */
  readonly firstByteMs: number | null;
}

/**
 * Passes an answer on byte by byte, as fast as the caller takes it, with the tap reading along. Leaves
 * the end of the response to its caller; never throws.
 */
export async function passThrough(
  answer: IncomingMessage,
  response: ServerResponse,
  tap: Tap,
  signal: AbortSignal,
): Promise<Passed> {
  let firstByteMs: number | null = null;
  let bytes = 0;
  let trouble: string | null = null;
  try {
    response.writeHead(answer.statusCode ?? 200, headersOf(answer));
    response.flushHeaders();
    for await (const chunk of answer) {
      if (!Buffer.isBuffer(chunk)) continue;
      firstByteMs ??= performance.now();
      bytes += chunk.length;
      if (bytes > MAX_REPLY_BYTES)
        throw new Error(`the answer is larger than ${MAX_REPLY_BYTES / 1024 / 1024} MB`);
      const isTaken = response.write(chunk);
      tap.feed(chunk);
      if (!isTaken) await once(response, 'drain', { signal });
    }
  } catch (error) {
    trouble = signal.aborted
      ? 'the caller went away in the middle of the answer'
      : messageOf(error);
    answer.destroy();
  }
  tap.finish();
  return { trouble, firstByteMs };
}

function headersOf(answer: IncomingMessage): Record<string, string | string[]> {
  return Object.fromEntries(
    Object.entries(answer.headers).flatMap(([name, value]) =>
      value === undefined || NOT_PASSED.has(name) ? [] : [[name, value]],
    ),
  );
}
