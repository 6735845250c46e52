// Loaded into a node before it starts (`--import`): counts what it says over its links, by channel, and notes when it
// was asked for a change and when it had taken another node's. The node itself is as it always is.
import { subscribe } from 'node:diagnostics_channel';
import { createRequire } from 'node:module';
import { decodeFrame } from '../electron/mesh/link/frame.ts';
import type { Channel } from '../electron/mesh/link.ts';

const load = createRequire(import.meta.url);
const { WebSocket } = load('ws') as typeof import('ws');
const Database = load('better-sqlite3') as typeof import('better-sqlite3');

type Counts = Record<Channel, number>;

/** What a tapped node tells when it is asked. */
export interface Tapped {
  /** Messages that it has sent over all its links, and their bytes. */
  readonly messages: Counts;
  readonly bytes: Counts;
  /** When a `PUT` of its API began to arrive, ms of a clock that all processes of the machine share. */
  readonly askedMs: number[];
  /** When a transaction of its store began. */
  readonly commitMs: number[];
  /** When a message of the document had been taken: whoever reads from then on reads it. */
  readonly takenMs: number[];
}

const none = (): Counts => ({ members: 0, presence: 0, document: 0, log: 0 });
const tapped: Tapped = { messages: none(), bytes: none(), askedMs: [], commitMs: [], takenMs: [] };
const nowMs = () => Number(process.hrtime.bigint()) / 1e6;
const { send, emit } = WebSocket.prototype;

subscribe('http.server.request.start', (message) => {
  const { request } = message as { request: { method: string } };
  if (request.method === 'PUT') tapped.askedMs.push(nowMs());
});
// The API's stream speaks text; links send frames.
WebSocket.prototype.send = function (this: InstanceType<typeof WebSocket>, ...given: unknown[]) {
  const [frame] = given;
  if (Buffer.isBuffer(frame)) {
    const { channel } = decodeFrame(frame);
    tapped.messages[channel] += 1;
    tapped.bytes[channel] += frame.byteLength;
  }
  Reflect.apply(send, this, given);
};
WebSocket.prototype.emit = function (this: InstanceType<typeof WebSocket>, ...given: unknown[]) {
  // All that hear of a message have dealt with it when this returns.
  const heard = Reflect.apply(emit, this, given) as boolean;
  const [event, frame] = given;
  if (event === 'message' && Buffer.isBuffer(frame) && decodeFrame(frame).channel === 'document')
    tapped.takenMs.push(nowMs());
  return heard;
};
const { transaction } = Database.prototype;
// The store makes one for each commit, just before it.
Database.prototype.transaction = function (this: object, ...given: unknown[]) {
  tapped.commitMs.push(nowMs());
  return Reflect.apply(transaction, this, given);
} as typeof transaction;
process.on('message', () => process.send?.(tapped));
process.channel?.unref();
