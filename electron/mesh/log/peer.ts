import type { NodeId } from '../../../shared/model/ids.ts';
import type { Link } from '../link.ts';
import { encode, type Message, type SignedHead } from './messages.ts';

/** So many broken or missing answers on one link, and it is ended. */
const MAX_STRIKES = 3;

/** What a node knows of the peer at the other end of a link, as long as the link is open. */
export class Peer {
  readonly node: NodeId;
  readonly link: Link;
  /** Of each log, what it said to have. */
  readonly told = new Map<NodeId, SignedHead>();
  /** The nodes that it has links to. */
  readonly reaches = new Set<NodeId>();
  /** Whether it has told its heads: until then nothing is known of what it has. */
  introduced = false;
  /** How often what it sent was broken, or did not come. */
  strikes = 0;
  /** Of each log, up to where it will have it when all that was sent has arrived. */
  readonly #has = new Map<NodeId, number>();
  /** Of each log, up to where it was told that there is something. */
  readonly #offered = new Map<NodeId, number>();

  constructor(link: Link) {
    this.link = link;
    this.node = link.peer;
  }

  send(message: Message): void {
    if (message.type === 'range') this.nowHas(message.node, message.seal.seq);
    if (message.type === 'heads') for (const { node, seq } of message.heads) this.#offer(node, seq);
    this.link.send('log', encode(message));
  }

  /** What it sent was broken, or did not come. */
  strike(what: string): void {
    this.strikes += 1;
    if (this.strikes >= MAX_STRIKES) this.link.close(what);
  }

  has(node: NodeId): number {
    return this.#has.get(node) ?? 0;
  }

  nowHas(node: NodeId, seq: number): void {
    this.#has.set(node, Math.max(seq, this.has(node)));
    this.#offer(node, seq);
  }

  /** Whether it knows that this log goes on to here, from its own copy or from what it was sent. */
  knowsOf(node: NodeId, seq: number): boolean {
    return (this.#offered.get(node) ?? 0) >= seq;
  }

  /** Takes note of what it says to have. */
  tells(head: SignedHead): void {
    const before = this.told.get(head.node);
    if (!before || before.seq <= head.seq) this.told.set(head.node, head);
    this.nowHas(head.node, head.seq);
  }

  #offer(node: NodeId, seq: number): void {
    this.#offered.set(node, Math.max(seq, this.#offered.get(node) ?? 0));
  }
}

/** For sorting those to ask for a log: its writer first, then whoever has made the least trouble. */
export function byPreference(writer: NodeId): (a: Peer, b: Peer) => number {
  const rank = ({ node, strikes }: Peer) => (node === writer ? -1 : strikes);
  return (a, b) => rank(a) - rank(b);
}
