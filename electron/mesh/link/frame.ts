import type { Channel } from '../link.ts';

/** A message on the wire: one byte that names the channel, then the message. */
const CODES: Readonly<Record<Channel, number>> = { members: 1, presence: 2, document: 3, log: 4 };
const CHANNELS = new Map<number, Channel>([
  [CODES.members, 'members'],
  [CODES.presence, 'presence'],
  [CODES.document, 'document'],
  [CODES.log, 'log'],
]);

export function encodeFrame(channel: Channel, message: Uint8Array): Buffer {
  const frame = Buffer.allocUnsafe(message.length + 1);
  frame[0] = CODES[channel];
  frame.set(message, 1);
  return frame;
}

/** Throws an Error for a frame that names no channel. */
export function decodeFrame(frame: Buffer): { channel: Channel; message: Uint8Array } {
  const channel = CHANNELS.get(frame[0] ?? 0);
  if (!channel) throw new Error(`there is no channel ${frame[0] ?? 'in an empty message'}`);
  return { channel, message: frame.subarray(1) };
}
