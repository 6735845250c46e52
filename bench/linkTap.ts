// Loaded into a node before it starts (`--import`): counts what it says over its links and what it starts, and notes
// when it was asked for a change and when it had taken another node's. The node itself is as it always is.
import { subscribe } from 'node:diagnostics_channel';
import { createRequire } from 'node:module';
import type { ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { decodeFrame } from '../electron/mesh/link/frame.ts';
import type { Channel } from '../electron/mesh/link.ts';

const load = createRequire(import.meta.url);
type Method = (this: object, ...given: unknown[]) => unknown;
const { WebSocket } = load('ws') as { WebSocket: { prototype: Record<'send' | 'emit', Method> } };
const Database = load('better-sqlite3') as { prototype: { transaction: Method } };

type Counts = Record<Channel, number>;

/** What a tapped node tells when it is asked. */
export interface Tapped {
  /** Messages that it has sent over all its links, and their bytes. */
  readonly messages: Counts;
  readonly bytes: Counts;
  /** Of the document's, those that carry a change: not the comparisons of now and then. */
  changes: number;
  /** When a `PUT` of its API began to arrive, ms of a clock that all processes of the machine share. */
  readonly askedMs: number[];
  /** When a transaction of its store began. */
  readonly commitMs: number[];
  /** What it started and has ended, by program, with the processor time of all that it waited for, s. */
  readonly children: Record<string, { ended: number; cpuS: number }>;
  /** When it sent a change of the document, to each peer. */
  readonly sentMs: number[];
  /** When a change of the document had been taken: whoever reads from then on reads it. */
  readonly takenMs: number[];
}

/** The kinds `update` and `relayed` (electron/mesh/document/message.ts). */
const CHANGES = [2, 4];

const none = (): Counts => ({ members: 0, presence: 0, document: 0, log: 0 });
const tapped: Tapped = {
  messages: none(),
  bytes: none(),
  changes: 0,
  askedMs: [],
  commitMs: [],
  children: {},
  sentMs: [],
  takenMs: [],
};
const nowMs = () => Number(process.hrtime.bigint()) / 1e6;
const { send, emit } = WebSocket.prototype;
const { transaction } = Database.prototype;

subscribe('http.server.request.start', (message) => {
  const { request } = message as { request: { method: string } };
  if (request.method === 'PUT') tapped.askedMs.push(nowMs());
});
let childrenS = 0;
subscribe('child_process', (message) => {
  const { process: child } = message as { process: ChildProcess };
  child.once('exit', () => {
    const entry = (tapped.children[basename(child.spawnfile)] ??= { ended: 0, cpuS: 0 });
    // What the kernel has added since the last end is this one's; of two at once the first gets both.
    const allS = childCpuSeconds();
    entry.ended += 1;
    entry.cpuS += allS - childrenS;
    childrenS = allS;
  });
});
WebSocket.prototype.send = function (...given) {
  const [frame] = given;
  // The API's stream speaks text; links send frames.
  if (Buffer.isBuffer(frame)) {
    const { channel } = decodeFrame(frame);
    tapped.messages[channel] += 1;
    tapped.bytes[channel] += frame.byteLength;
    if (isChange(frame)) {
      tapped.changes += 1;
      tapped.sentMs.push(nowMs());
    }
  }
  return Reflect.apply(send, this, given);
};
WebSocket.prototype.emit = function (...given) {
  // All that hear of a message have dealt with it when this returns.
  const heard = Reflect.apply(emit, this, given);
  const [event, frame] = given;
  if (event === 'message' && Buffer.isBuffer(frame) && isChange(frame))
    tapped.takenMs.push(nowMs());
  return heard;
};
// The store makes one for each commit, just before it.
Database.prototype.transaction = function (...given) {
  tapped.commitMs.push(nowMs());
  return Reflect.apply(transaction, this, given);
};
process.on('message', () => process.send?.(tapped));
process.channel?.unref();

/** Whether a frame brings a change of the document, from its writer or passed on. */
function isChange(frame: Buffer): boolean {
  const { channel, message } = decodeFrame(frame);
  return channel === 'document' && CHANGES.includes(message[0] ?? -1);
}

/** Processor time of all children that have ended and of theirs, s; the kernel counts hundredths. */
function childCpuSeconds(): number {
  const fields = readFileSync('/proc/self/stat', 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[13]) + Number(fields[14])) / 100;
}
