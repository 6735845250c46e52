import * as Y from 'yjs';
import { MessageReader } from '../../electron/mesh/document/message.ts';
import type { Channel } from '../../electron/mesh/link.ts';
import type { EventStore } from '../../electron/store/store.ts';
import type { NodeId } from '../../shared/model/ids.ts';
import type { SimNode } from './node.ts';
import { clientsOf } from './project.ts';
import { registersIn } from './rawRegisters.ts';

/** An event that others, or a caller, were told of: a crash must not take it back. */
interface Point {
  readonly seq: number;
  /** Null where only its place is known. */
  readonly hash: string | null;
}

/** What left each node, read from the messages themselves: none of it may be lost in a crash (safety rule 6). */
export class Told {
  /** The highest term that each node ever told. */
  readonly terms = new Map<NodeId, number>();
  readonly #points = new Map<NodeId, Point>();
  /** The terms that each node recorded, and at which event. */
  readonly #recorded = new Map<NodeId, { readonly seq: number; readonly term: number }[]>();
  readonly #violated: (invariant: string, what: string) => void;

  constructor(violated: (invariant: string, what: string) => void) {
    this.#violated = violated;
  }

  /** Looks at a message that a node sends. */
  sent(from: SimNode, channel: Channel, message: Uint8Array): void {
    if (channel === 'presence') this.#presence(from, message);
    if (channel === 'log') this.#log(from, message);
    if (channel === 'document') this.#document(from, message);
  }

  /** A node recorded that a term has begun; it may tell so once that is on its disk. */
  began(node: NodeId, seq: number, term: number): void {
    this.#recorded.set(node, [...(this.#recorded.get(node) ?? []), { seq, term }]);
  }

  /** A caller was told that what a node had recorded until then is kept. */
  acknowledged(from: SimNode, seq: number, hash: string): void {
    this.#left(from, { seq, hash }, 'acknowledged');
  }

  /** After a start: all that was told before is still on its disk. */
  checkKept(node: NodeId, store: EventStore): void {
    const { seq } = store.headOf(node);
    this.#recorded.set(
      node,
      (this.#recorded.get(node) ?? []).filter((each) => each.seq <= seq),
    );
    const told = this.#points.get(node);
    if (!told) return;
    const isSame = told.hash === null || store.hashAt(node, told.seq) === told.hash;
    if (seq < told.seq || !isSame)
      this.#violated(
        'nothingForgotten',
        `${node} had told of its event ${told.seq}, and after a crash its log ends at ${seq}`,
      );
  }

  #presence({ id, ledger }: SimNode, message: Uint8Array): void {
    const { t, state } = JSON.parse(new TextDecoder().decode(message)) as {
      t: string;
      state?: { node: NodeId; term: number };
    };
    if (t !== 'state' || state?.node !== id) return;
    const before = this.terms.get(id) ?? 0;
    if (state.term < before)
      this.#violated('termsNeverGoDown', `${id} told ${before} and then ${state.term}`);
    this.terms.set(id, Math.max(before, state.term));
    const durable = ledger?.store.heads().get(id)?.seq ?? 0;
    const onDisk = (this.#recorded.get(id) ?? [])
      .filter(({ seq }) => seq <= durable)
      .reduce((highest, { term }) => Math.max(highest, term), 0);
    if (ledger && state.term > onDisk)
      this.#violated('durableFirst', `${id} told of term ${state.term} when ${onDisk} was on disk`);
  }

  #log(from: SimNode, message: Uint8Array): void {
    const end = message.indexOf(NEW_LINE);
    const line = message.subarray(0, end < 0 ? message.length : end);
    const header = JSON.parse(new TextDecoder().decode(line)) as {
      type: string;
      node?: NodeId;
      seal?: { seq: number; hash: string };
      heads?: { node: NodeId; seq: number; hash: string }[];
    };
    if (header.type === 'range' && header.node === from.id && header.seal)
      this.#left(from, header.seal, 'sent');
    for (const head of header.heads ?? [])
      if (head.node === from.id) this.#left(from, head, 'sent');
  }

  #document(from: SimNode, message: Uint8Array): void {
    const read = new MessageReader().read(message);
    if (read?.kind !== 'state' && read?.kind !== 'update') return;
    const [low, high] = clientsOf(from.slot);
    const own = Y.decodeUpdate(read.body).structs.filter(
      ({ id }) => id.client >= low && id.client <= high,
    );
    for (const { stamp } of registersIn(own, from.id))
      this.#left(from, { seq: stamp.seq, hash: null }, 'sent');
  }

  #left(from: SimNode, { seq, hash }: Point, how: string): void {
    const durable = from.ledger?.store.heads().get(from.id)?.seq ?? 0;
    if (from.ledger && seq > durable)
      this.#violated(
        'durableFirst',
        `${from.id} ${how} its event ${seq} when ${durable} was on disk`,
      );
    const before = this.#points.get(from.id);
    if (!before || seq > before.seq || (seq === before.seq && hash !== null))
      this.#points.set(from.id, { seq, hash });
  }
}

const NEW_LINE = 10;
