import * as decoding from 'lib0/decoding';
import * as encoding from 'lib0/encoding';
import { messageYjsSyncStep1, messageYjsSyncStep2, messageYjsUpdate } from 'y-protocols/sync';
import { messageOf, VigilError } from '../../../shared/model/errors.ts';
import { NodeId } from '../../../shared/model/ids.ts';
import { DIGEST_BYTES } from './digest.ts';

/** y-protocols' three messages, and three of our own beside them. */
const KINDS = {
  /** What the sender has: a state vector. Answered by `state`. */
  ask: messageYjsSyncStep1,
  /** What the one who asked lacks. */
  state: messageYjsSyncStep2,
  /** A change of the sender's own. */
  update: messageYjsUpdate,
  /** The beginning of a message that is too long for one frame; the rest follows. */
  part: 3,
  /** A change of a node that the receiver can't hear itself. */
  relayed: 4,
  /** What the sender's document comes to, when it has been quiet: whoever has another asks. */
  digest: 5,
} as const;

/** Bytes of a message; the link takes 16 MiB, and others want their turn in between. */
export const FRAME_BYTES = 4 * 1024 * 1024;
/** Of all parts of a message: far above any live document (docs/decisions/010), far below a machine's memory. */
const MAX_MESSAGE_BYTES = 64 * 1024 * 1024;

export type DocumentMessage =
  | { readonly kind: 'ask' | 'state' | 'update' | 'digest'; readonly body: Uint8Array }
  | { readonly kind: 'relayed'; readonly origin: NodeId; readonly body: Uint8Array };

/** The frames of a message, of at most about `frameBytes` each. */
export function encodeMessage(message: DocumentMessage, frameBytes = FRAME_BYTES): Uint8Array[] {
  const frames: Uint8Array[] = [];
  let { body } = message;
  while (body.byteLength > frameBytes) {
    frames.push(frame(KINDS.part, body.subarray(0, frameBytes)));
    body = body.subarray(frameBytes);
  }
  frames.push(frame(KINDS[message.kind], body, 'origin' in message ? message.origin : null));
  return frames;
}

function frame(kind: number, body: Uint8Array, origin: NodeId | null = null): Uint8Array {
  const encoder = encoding.createEncoder();
  encoding.writeVarUint(encoder, kind);
  if (origin !== null) encoding.writeVarString(encoder, origin);
  encoding.writeVarUint8Array(encoder, body);
  return encoding.toUint8Array(encoder);
}

/** Puts the frames of one link together again. */
export class MessageReader {
  #parts: Uint8Array[] = [];
  #bytes = 0;

  /** The message that is whole with this frame, or null. Throws `invalid-input` for what is none, `too-large`. */
  read(bytes: Uint8Array): DocumentMessage | null {
    const { kind, origin, body } = parse(bytes);
    this.#bytes += body.byteLength;
    if (this.#bytes > MAX_MESSAGE_BYTES) {
      throw new VigilError(
        'too-large',
        `A message on the document channel is longer than ${MAX_MESSAGE_BYTES} bytes.`,
        'The peer may be hostile: revoke it if you do not trust it.',
      );
    }
    this.#parts.push(body);
    if (kind === KINDS.part) return null;
    const whole = this.#parts.length === 1 ? body : Buffer.concat(this.#parts);
    this.#parts = [];
    this.#bytes = 0;
    if (kind === KINDS.relayed)
      return { kind: 'relayed', origin: NodeId.parse(origin), body: whole };
    const name = SIMPLE_KINDS.find((each) => KINDS[each] === kind);
    if (name === undefined) throw unreadable(`kind ${kind}`);
    if (name === 'digest' && whole.byteLength !== DIGEST_BYTES)
      throw unreadable('a digest of another length');
    return { kind: name, body: whole };
  }
}

const SIMPLE_KINDS = ['ask', 'state', 'update', 'digest'] as const;

function parse(bytes: Uint8Array): { kind: number; origin: string; body: Uint8Array } {
  try {
    const decoder = decoding.createDecoder(bytes);
    const kind = decoding.readVarUint(decoder);
    const origin = kind === KINDS.relayed ? decoding.readVarString(decoder) : '';
    const body = decoding.readVarUint8Array(decoder);
    if (decoding.hasContent(decoder)) throw new Error('bytes behind its end');
    return { kind, origin, body };
  } catch (error) {
    throw unreadable(messageOf(error), error);
  }
}

function unreadable(what: string, cause?: unknown): VigilError {
  return new VigilError(
    'invalid-input',
    `A message on the document channel can't be read: ${what}.`,
    'The peer may run another version of Vigil: compare `vigil nodes`.',
    { cause },
  );
}
