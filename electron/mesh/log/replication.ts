import type { NodeId } from '../../../shared/model/ids.ts';
import type { EventStore } from '../../store/store.ts';
import type { Link, Links } from '../link.ts';
import { LogFetcher, type LogRules } from './fetching.ts';
import { decode, type SignedHead } from './messages.ts';
import { LogOffers } from './offers.ts';
import { Peer } from './peer.ts';
import type { LogTrouble } from './trouble.ts';

/** A mesh at work is always a few events behind; a copy that is further behind than this is still being made. */
const MUCH_BEHIND_EVENTS = 1_000;

export interface LogReplicationOptions extends LogRules {
  readonly store: EventStore;
  readonly links: Links;
  /** This node's signature. */
  readonly sign: (bytes: Uint8Array) => Uint8Array;
  readonly after: (ms: number, act: () => void) => { cancel(): void };
  readonly onTrouble: (trouble: LogTrouble) => void;
}

/**
 * Copies the event logs between the nodes. Each node pushes its own new events to all its links in one message
 * a transaction (`LogOffers`); what a node lacks it asks for, a range at a time (`LogFetcher`). Every range ends at a
 * hash that its writer has signed, so whoever passes it on can withhold events but not change or invent any.
 */
export class LogReplication {
  readonly #store: EventStore;
  readonly #rules: LogRules;
  readonly #peers = new Map<NodeId, Peer>();
  readonly #offers: LogOffers;
  readonly #fetcher: LogFetcher;
  readonly #waiters = new Set<() => void>();
  readonly #stopping = new AbortController();
  readonly #stops: (() => void)[];

  constructor(options: LogReplicationOptions) {
    const { store, links, sign, after, onTrouble } = options;
    this.#store = store;
    this.#rules = options;
    this.#offers = new LogOffers({ store, peers: this.#peers, sign });
    this.#fetcher = new LogFetcher({
      store,
      peers: this.#peers,
      rules: options,
      after,
      stopping: this.#stopping.signal,
      onTrouble,
      settled: () => this.#settle(),
    });
    this.#stops = [
      // After what waits for the same commit: the document's changes go first, so that a reader takes them before it
      // waits for its disk to take the events.
      store.onCommit(() => queueMicrotask(() => this.#committed())),
      links.listen('log', {
        opened: (link) => this.#opened(link),
        closed: (link) => this.#closed(link),
        message: (link, bytes) => this.#message(link, bytes),
      }),
    ];
  }

  stop(): void {
    this.#stopping.abort();
    for (const stop of this.#stops) stop();
    this.#fetcher.stop();
    this.#settle();
  }

  /**
   * Whether this node's own log may be continued: `behind` while a peer has more of it, as after the restore of an
   * old backup. What is appended then forks it.
   */
  get ownLog(): 'current' | 'behind' | 'forked' {
    const { node, head, forks } = this.#store;
    if (forks.has(node)) return 'forked';
    const told = [...this.#peers.values()].map((peer) => peer.told.get(node)?.seq ?? 0);
    return Math.max(0, ...told) > head.seq ? 'behind' : 'current';
  }

  /** The nodes that have told what they have of all logs, and those whose copies they get. */
  get sources(): ReadonlySet<NodeId> {
    const told = [...this.#peers.values()].filter(({ introduced }) => introduced);
    return new Set(told.flatMap(({ node, reaches }) => [node, ...reaches]));
  }

  /**
   * The peers that have much more of some log than this node, the one with the most first: as long as this node
   * is new, or was away for long. None when it can answer for itself.
   */
  get fuller(): NodeId[] {
    return [...this.#peers.values()]
      .map((peer) => ({ peer, behind: [...peer.told.values()].map((head) => this.#behind(head)) }))
      .filter(({ behind }) => behind.some((events) => events > MUCH_BEHIND_EVENTS))
      .sort((a, b) => sum(b.behind) - sum(a.behind))
      .map(({ peer }) => peer.node);
  }

  /** How many events that count are missing here of what a peer says to have. */
  #behind({ node, seq }: SignedHead): number {
    if (!this.#rules.isMember(node) || this.#store.forks.has(node)) return 0;
    const goal = Math.min(seq, this.#rules.lastAllowed(node) ?? seq);
    return Math.max(0, goal - this.#store.headOf(node).seq);
  }

  /** Resolves when each peer that is connected has told what it has, and none has more of this node's own log. */
  async caughtUp(): Promise<void> {
    while (!this.#isStopped && (!this.#allIntroduced() || this.ownLog === 'behind'))
      await new Promise<void>((resolve) => this.#waiters.add(resolve));
  }

  /** To be called when members were admitted or revoked: what was passed over before is looked at again. */
  membersChanged(): void {
    const told = [...this.#peers.values()].flatMap((peer) => [...peer.told.keys()]);
    for (const node of new Set(told)) this.#fetcher.consider(node);
  }

  /**
   * Recomputes each hash of a log here, or of all, in slices; what is broken is named and fetched anew.
   * Resolves when all was looked at once.
   */
  async check(node?: NodeId): Promise<void> {
    for (const log of node === undefined ? [...this.#store.heads().keys()] : [node])
      await this.#fetcher.repair.check(log, 1);
  }

  #committed(): void {
    if (!this.#isStopped) this.#offers.announce();
  }

  #opened(link: Link): void {
    const peer = new Peer(link);
    this.#peers.set(peer.node, peer);
    this.#offers.opened(peer);
  }

  #closed(link: Link): void {
    const peer = this.#peers.get(link.peer);
    if (peer?.link !== link) return;
    this.#peers.delete(peer.node);
    this.#fetcher.gone(peer);
    this.#offers.closed(peer.node);
    this.#settle();
  }

  #message(link: Link, bytes: Uint8Array): void {
    const peer = this.#peers.get(link.peer);
    if (!peer) return;
    const message = decode(bytes);
    switch (message.type) {
      case 'heads':
        peer.introduced = true;
        return this.#fetcher.heads(peer, message.heads);
      case 'links':
        return this.#offers.linked(peer, message.nodes);
      case 'want':
        return this.#serve(peer, message.node, message.from);
      case 'nothing':
        return this.#fetcher.nothing(peer, message.node, message.from);
      case 'range':
        return this.#fetcher.range(peer, message);
    }
  }

  #serve(peer: Peer, node: NodeId, from: number): void {
    const isWhole = this.#offers.serve(peer, node, from);
    if (!isWhole) void this.#fetcher.repair.check(node, 1);
  }

  get #isStopped(): boolean {
    return this.#stopping.signal.aborted;
  }

  #allIntroduced(): boolean {
    return [...this.#peers.values()].every((peer) => peer.introduced);
  }

  /** Lets those who wait look again. */
  #settle(): void {
    const waiters = [...this.#waiters];
    this.#waiters.clear();
    for (const wake of waiters) wake();
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}
