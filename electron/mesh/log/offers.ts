import type { NodeId } from '../../../shared/model/ids.ts';
import type { LogRange } from '../../store/logRange.ts';
import type { EventStore } from '../../store/store.ts';
import { sealBytes, type Message, type SignedHead } from './messages.ts';
import type { Peer } from './peer.ts';

/** Of a range, bytes of events: long enough to be worth a synced write, short enough to come between other messages. */
const RANGE_BYTES = 512 * 1024;

export interface LogOffersOptions {
  readonly store: EventStore;
  readonly peers: ReadonlyMap<NodeId, Peer>;
  /** This node's signature. */
  readonly sign: (bytes: Uint8Array) => Uint8Array;
}

/**
 * What this node tells its peers of the logs that it has, and gives of them: its own new events to all in one message
 * a transaction, those of others to whom their writer can't reach.
 */
export class LogOffers {
  readonly #store: EventStore;
  readonly #peers: ReadonlyMap<NodeId, Peer>;
  readonly #sign: (bytes: Uint8Array) => Uint8Array;
  /** Of each log, the durable end when it was last told to others. */
  readonly #announced = new Map<NodeId, number>();

  constructor({ store, peers, sign }: LogOffersOptions) {
    this.#store = store;
    this.#peers = peers;
    this.#sign = sign;
    for (const [node, { seq }] of store.heads()) this.#announced.set(node, seq);
  }

  /** Tells a new peer all that is here, and all peers of the new link. */
  opened(peer: Peer): void {
    peer.send({
      type: 'heads',
      heads: [...this.#store.heads().keys()].flatMap((node) => this.#signedHead(node)),
    });
    this.#tellLinks();
  }

  /** Tells the peers that are left of a link that has ended. */
  closed(gone: NodeId): void {
    // Who still has a link to it passes its events on from here.
    const heads = this.#signedHead(gone);
    for (const other of this.#peers.values())
      if (heads.length > 0) other.send({ type: 'heads', heads });
    this.#tellLinks();
  }

  #tellLinks(): void {
    const nodes = [...this.#peers.keys()];
    for (const peer of this.#peers.values()) peer.send({ type: 'links', nodes });
  }

  /** A peer that has lost its link to a writer gets that writer's events from here. */
  linked(peer: Peer, nodes: readonly NodeId[]): void {
    peer.reaches.clear();
    for (const node of nodes) peer.reaches.add(node);
    const heads = [...this.#store.heads().keys()]
      .filter((node) => this.#goesThroughHere(peer, node))
      .flatMap((node) => this.#signedHead(node))
      .filter(({ node, seq }) => !peer.knowsOf(node, seq));
    if (heads.length > 0) peer.send({ type: 'heads', heads });
  }

  /** Whether events of a log have to be told to this peer by this node. */
  #goesThroughHere(peer: Peer, writer: NodeId): boolean {
    return writer === this.#store.node || (writer !== peer.node && !peer.reaches.has(writer));
  }

  /** Tells what has become durable since it was last called. */
  announce(): void {
    for (const [node, { seq }] of this.#store.heads()) this.#announceLog(node, seq);
  }

  /** To each peer that has all before it, the events themselves. */
  #announceLog(node: NodeId, seq: number): void {
    const before = this.#announced.get(node) ?? 0;
    if (seq <= before) return;
    this.#announced.set(node, seq);
    const behind = [...this.#peers.values()].filter(
      (peer) => this.#goesThroughHere(peer, node) && peer.has(node) < seq,
    );
    if (behind.length === 0) return;
    const news = this.#news(node, before + 1, seq);
    for (const peer of behind) {
      // Who is further behind asks for what it lacks when it hears how far the log goes.
      if (news !== null && peer.has(node) === before) peer.send(news);
      else peer.send({ type: 'heads', heads: this.#signedHead(node) });
    }
  }

  /** The new events in one message; null when they do not fit, or can't be vouched for. */
  #news(node: NodeId, from: number, to: number): Message | null {
    try {
      const range = this.#store.range(node, from, RANGE_BYTES);
      return range.kind === 'range' && range.end.seq === to
        ? this.#toMessage(node, from, range)
        : null;
    } catch {
      // The peers hear how far the log goes; whoever asks for it meets the same error, and its link says so.
      return null;
    }
  }

  /** Answers a peer that asks for events. Returns whether those here are whole as far as was looked. */
  serve(peer: Peer, node: NodeId, from: number): boolean {
    const range = this.#store.range(node, from, RANGE_BYTES);
    if (range.kind === 'range') peer.send(this.#toMessage(node, from, range));
    else peer.send({ type: 'nothing', node, from });
    return range.kind !== 'broken';
  }

  #toMessage(node: NodeId, from: number, range: LogRange & { kind: 'range' }): Message {
    const { prev, events, end } = range;
    const signature = range.signature ?? this.#sign(sealBytes(node, end));
    return { type: 'range', node, from, prev, events, seal: { ...end, signature } };
  }

  /** The end of a log as others may believe it; none when this node can't vouch for any of it. */
  #signedHead(node: NodeId): SignedHead[] {
    if (node !== this.#store.node) {
      const seal = this.#store.lastSeal(node);
      const hash = seal && this.#store.hashAt(node, seal.seq);
      return seal && hash ? [{ node, seq: seal.seq, hash, signature: seal.signature }] : [];
    }
    const head = this.#store.heads().get(node);
    if (!head) return [];
    const { seq, hash } = head;
    return [{ node, seq, hash, signature: this.#sign(sealBytes(node, head)) }];
  }
}
