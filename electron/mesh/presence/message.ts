import { z } from 'zod';
import { VigilError } from '../../../shared/model/errors.ts';
import { NodeId } from '../../../shared/model/ids.ts';
import { Heartbeat, NodePresence } from '../../../shared/model/presence.ts';

/** Of one message. A presence takes 1–4 kB. */
const MAX_BYTES = 256 * 1024;

const PresenceMessage = z.discriminatedUnion('t', [
  /** I am there; my last presence was message `told` of this start. */
  z.object({ t: z.literal('beat'), beat: Heartbeat, told: Heartbeat.shape.n }),
  z.object({ t: z.literal('state'), state: NodePresence }),
  /** Tell me that node's presence: I hear it and do not know what it is. */
  z.object({ t: z.literal('ask'), node: NodeId }),
]);
export type PresenceMessage = z.infer<typeof PresenceMessage>;

export function encodePresence(message: PresenceMessage): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(message));
}

/** Throws `invalid-input` for what is no message of this channel. */
export function decodePresence(bytes: Uint8Array): PresenceMessage {
  if (bytes.byteLength > MAX_BYTES) throw unreadable(`${bytes.byteLength} bytes`);
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    throw unreadable('not JSON', error);
  }
  const message = PresenceMessage.safeParse(json);
  if (!message.success) throw unreadable(z.prettifyError(message.error), message.error);
  return message.data;
}

function unreadable(what: string, cause?: unknown): VigilError {
  return new VigilError(
    'invalid-input',
    `A message on the presence channel can't be read: ${what}.`,
    'The peer may run another version of Vigil: compare `vigil nodes`.',
    { cause },
  );
}
