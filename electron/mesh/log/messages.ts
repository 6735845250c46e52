import { z } from 'zod';
import { NodeId } from '../../../shared/model/ids.ts';
import type { CopiedEvent, CopiedRange } from '../../store/copied.ts';

/** More machines than anyone's mesh has, so that a list from a peer stays small. */
const MAX_NODES = 256;
/** An Ed25519 signature has 64 bytes, one of ECDSA P-256 in DER up to 72. */
const MAX_SIGNATURE_BYTES = 80;

const Seq = z.number().int().positive();
const Hash = z.string().regex(/^[0-9a-f]{64}$/);
const Signature = z
  .base64()
  .max(4 * Math.ceil(MAX_SIGNATURE_BYTES / 3))
  .transform((text): Uint8Array => new Uint8Array(Buffer.from(text, 'base64')));
const SignedHead = z.strictObject({ node: NodeId, seq: Seq, hash: Hash, signature: Signature });

/** The last event of a log that its writer has signed. */
export type SignedHead = z.infer<typeof SignedHead>;

const Header = z.discriminatedUnion('type', [
  /** What the sender has of each log: all of them when a link opens, later the ones that the peer did not hear of. */
  z.strictObject({ type: z.literal('heads'), heads: z.array(SignedHead).max(MAX_NODES) }),
  /** The nodes that the sender has links to: their events it gets from themselves. */
  z.strictObject({ type: z.literal('links'), nodes: z.array(NodeId).max(MAX_NODES) }),
  /** Asks for events of a log. Answered by `range` or `nothing`. */
  z.strictObject({ type: z.literal('want'), node: NodeId, from: Seq }),
  z.strictObject({ type: z.literal('nothing'), node: NodeId, from: Seq }),
  /** Events, one a line below: `clock atMs body`. Asked for, or pushed because the peer has all before them. */
  z.strictObject({
    type: z.literal('range'),
    node: NodeId,
    from: Seq,
    prev: Hash,
    seal: z.strictObject({ seq: Seq, hash: Hash, signature: Signature }),
  }),
]);
type Header = z.infer<typeof Header>;

export type Message = Exclude<Header, { type: 'range' }> | ({ type: 'range' } & CopiedRange);

/** What stands before the body in a line. */
const EVENT_LINE = /^(\d{1,16}) (-?\d{1,16}) (?=\{)/;
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** A message as it travels: a line of JSON, and for a range its events behind it, byte for byte. */
export function encode(message: Message): Uint8Array {
  switch (message.type) {
    case 'links':
    case 'want':
    case 'nothing':
      return Buffer.from(JSON.stringify(message));
    case 'heads': {
      const heads = message.heads.map((head) => ({ ...head, signature: base64(head.signature) }));
      return Buffer.from(JSON.stringify({ type: 'heads', heads }));
    }
    case 'range': {
      const { type, node, from, prev, seal, events } = message;
      const header = {
        type,
        node,
        from,
        prev,
        seal: { ...seal, signature: base64(seal.signature) },
      };
      const lines = events.map(({ clock, atMs, json }) => `${clock} ${atMs} ${json}`);
      return Buffer.from([JSON.stringify(header), ...lines].join('\n'));
    }
  }
}

/** Reads a message; throws when it is not one: the link then ends. */
export function decode(bytes: Uint8Array): Message {
  const [first = '', ...lines] = utf8.decode(bytes).split('\n');
  const header = Header.parse(JSON.parse(first));
  if (header.type !== 'range') {
    if (lines.length > 0) throw new Error(`a ${header.type} message with lines behind it`);
    return header;
  }
  return { ...header, events: lines.map(toEvent) };
}

function toEvent(line: string): CopiedEvent {
  const [start, clock, atMs] = EVENT_LINE.exec(line) ?? [];
  if (start === undefined) throw new Error('a range with a line that is no event');
  const event = { clock: Number(clock), atMs: Number(atMs), json: line.slice(start.length) };
  if (Number.isSafeInteger(event.clock) && Number.isSafeInteger(event.atMs)) return event;
  throw new Error('a range with a number that is out of range');
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64');
}

/** What a writer signs of its log: the hash at a seq, which covers all before it. */
export function sealBytes(node: NodeId, head: { readonly seq: number; readonly hash: string }) {
  return Buffer.from(`vigil log\n${node}\n${head.seq}\n${head.hash}`);
}
