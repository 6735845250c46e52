import { messageOf } from '../../../shared/model/errors.ts';
import type { NodeId } from '../../../shared/model/ids.ts';
import type { EventStore, LogRange } from '../../store/store.ts';
import type { CopiedRange } from '../../store/copied.ts';
import type { Link, Links } from '../link.ts';
import { decode, sealBytes, type Message, type SignedHead } from './messages.ts';
import { Peer } from './peer.ts';

/** Of a range, bytes of events: long enough to be worth a synced write, short enough to come between other messages. */
const RANGE_BYTES = 512 * 1024;
/** A peer that is asked and says nothing for so long is asked no more, ms. */
const ANSWER_MS = 10_000;
/** So many broken or missing answers on one link, and it is ended. */
const MAX_STRIKES = 3;
/** Events that are checked before others have their turn: about 15 ms. */
const SLICE_EVENTS = 5_000;

/** A mesh at work is always a few events behind; a copy that is further behind than this is still being made. */
const MUCH_BEHIND_EVENTS = 1_000;

/** Something about a log that a person, or the log itself, should know. `from` null: the copy on this node. */
export type LogTrouble = {
  readonly node: NodeId;
  readonly seq: number;
  readonly what: string;
  readonly from: NodeId | null;
} & (
  | { /** Events are not as their writer signed them. */ readonly type: 'log.broken' }
  | {
      /** Its writer signed two histories; nothing more of it is taken. */ readonly type: 'log.forked';
    }
  | { /** What was broken here is right again. */ readonly type: 'log.repaired' }
  | {
      /** A peer has more of this node's own log than the node: it is fetched back. */ readonly type: 'log.behind';
    }
);

export interface LogReplicationOptions {
  readonly store: EventStore;
  readonly links: Links;
  /** This node's signature. */
  readonly sign: (bytes: Uint8Array) => Uint8Array;
  /** Whether a node, this one too, has signed the bytes. */
  readonly verify: (node: NodeId, bytes: Uint8Array, signature: Uint8Array) => boolean;
  /** Whether a node is or was a member: logs of others are not taken. */
  readonly isMember: (node: NodeId) => boolean;
  /** Up to which seq the log of a revoked node counts; null for a node that is not revoked. */
  readonly lastAllowed: (node: NodeId) => number | null;
  readonly after: (ms: number, act: () => void) => { cancel(): void };
  readonly onTrouble: (trouble: LogTrouble) => void;
}

interface Request {
  readonly peer: Peer;
  readonly from: number;
  readonly timer: { cancel(): void };
}

interface Damage {
  readonly seq: number;
  /** Peers that could not help. */
  readonly tried: Set<Peer>;
}

/**
 * Copies the event logs between the nodes. Each node pushes its own new events to all its links in one message
 * a transaction; what a node lacks it asks for, a range at a time. Every range ends at a hash that its writer has
 * signed, so whoever passes it on can withhold events but not change or invent any.
 */
export class LogReplication {
  readonly #options: LogReplicationOptions;
  readonly #store: EventStore;
  readonly #peers = new Map<NodeId, Peer>();
  /** Of each log, the durable end when it was last told to others. */
  readonly #announced = new Map<NodeId, number>();
  /** What was asked for and has not come, one a log. */
  readonly #requests = new Map<NodeId, Request>();
  /** Logs whose copy here is damaged, and where. */
  readonly #damages = new Map<NodeId, Damage>();
  readonly #checking = new Set<NodeId>();
  readonly #waiters = new Set<() => void>();
  readonly #stops: (() => void)[];
  #stopped = false;

  constructor(options: LogReplicationOptions) {
    this.#options = options;
    this.#store = options.store;
    for (const [node, { seq }] of this.#store.heads()) this.#announced.set(node, seq);
    this.#stops = [
      // After what waits for the same commit: the document's changes go first, so that a reader takes them before it
      // waits for its disk to take the events.
      this.#store.onCommit(() => queueMicrotask(() => this.#announceAll())),
      options.links.listen('log', {
        opened: (link) => this.#opened(link),
        closed: (link) => this.#closed(link),
        message: (link, bytes) => this.#message(link, bytes),
      }),
    ];
  }

  stop(): void {
    this.#stopped = true;
    for (const stop of this.#stops) stop();
    for (const { timer } of this.#requests.values()) timer.cancel();
    this.#requests.clear();
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
    if (!this.#options.isMember(node) || this.#store.forks.has(node)) return 0;
    const goal = Math.min(seq, this.#options.lastAllowed(node) ?? seq);
    return Math.max(0, goal - this.#store.headOf(node).seq);
  }

  /** Resolves when each peer that is connected has told what it has, and none has more of this node's own log. */
  async caughtUp(): Promise<void> {
    while (!this.#stopped && (!this.#allIntroduced() || this.ownLog === 'behind'))
      await new Promise<void>((resolve) => this.#waiters.add(resolve));
  }

  /** To be called when members were admitted or revoked: what was passed over before is looked at again. */
  membersChanged(): void {
    for (const node of this.#toldLogs()) this.#consider(node);
  }

  /**
   * Recomputes each hash of a log here, or of all, in slices; what is broken is named and fetched anew.
   * Resolves when all was looked at once.
   */
  async check(node?: NodeId): Promise<void> {
    for (const log of node === undefined ? [...this.#store.heads().keys()] : [node])
      await this.#check(log, 1);
  }

  #opened(link: Link): void {
    const peer = new Peer(link);
    this.#peers.set(peer.node, peer);
    peer.send({
      type: 'heads',
      heads: [...this.#store.heads().keys()].flatMap((node) => this.#signedHead(node)),
    });
    this.#tellLinks();
  }

  #closed(link: Link): void {
    const peer = this.#peers.get(link.peer);
    if (peer?.link !== link) return;
    this.#peers.delete(peer.node);
    for (const [node, request] of [...this.#requests]) {
      if (request.peer !== peer) continue;
      this.#finish(node);
      this.#goOn(node);
    }
    // Who still has a link to it passes its events on from here.
    const heads = this.#signedHead(peer.node);
    for (const other of this.#peers.values())
      if (heads.length > 0) other.send({ type: 'heads', heads });
    this.#tellLinks();
    this.#settle();
  }

  #tellLinks(): void {
    const nodes = [...this.#peers.keys()];
    for (const peer of this.#peers.values()) peer.send({ type: 'links', nodes });
  }

  #message(link: Link, bytes: Uint8Array): void {
    const peer = this.#peers.get(link.peer);
    if (!peer) return;
    const message = decode(bytes);
    switch (message.type) {
      case 'heads':
        return this.#heads(peer, message.heads);
      case 'links':
        return this.#links(peer, message.nodes);
      case 'want':
        return this.#serve(peer, message.node, message.from);
      case 'nothing':
        return this.#nothing(peer, message.node, message.from);
      case 'range':
        return this.#range(peer, message);
    }
  }

  #heads(peer: Peer, heads: readonly SignedHead[]): void {
    peer.introduced = true;
    for (const head of heads) peer.tells(head);
    for (const { node } of heads) this.#consider(node);
    for (const [node, damage] of this.#damages) {
      damage.tried.delete(peer);
      this.#seekRepair(node);
    }
    this.#settle();
  }

  /** A peer that has lost its link to a writer gets that writer's events from here. */
  #links(peer: Peer, nodes: readonly NodeId[]): void {
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

  #announceAll(): void {
    if (this.#stopped) return;
    for (const [node, { seq }] of this.#store.heads()) this.#announce(node, seq);
  }

  /** Tells what has become durable: to each peer that has all before it, the events themselves. */
  #announce(node: NodeId, seq: number): void {
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

  #toMessage(node: NodeId, from: number, range: LogRange & { kind: 'range' }): Message {
    const { prev, events, end } = range;
    const signature = range.signature ?? this.#options.sign(sealBytes(node, end));
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
    return [{ node, seq, hash, signature: this.#options.sign(sealBytes(node, head)) }];
  }

  #serve(peer: Peer, node: NodeId, from: number): void {
    const range = this.#store.range(node, from, RANGE_BYTES);
    if (range.kind === 'range') {
      peer.send(this.#toMessage(node, from, range));
      return;
    }
    peer.send({ type: 'nothing', node, from });
    if (range.kind === 'broken') void this.#check(node, 1);
  }

  #nothing(peer: Peer, node: NodeId, from: number): void {
    const request = this.#requests.get(node);
    if (request?.peer !== peer || request.from !== from) return;
    this.#finish(node);
    // What it said to have it can't give: it is asked again when it says so again.
    peer.told.delete(node);
    this.#damages.get(node)?.tried.add(peer);
    this.#goOn(node);
    this.#settle();
  }

  /** Asks for what is missing of a log, if anything is and somebody has it. */
  #consider(node: NodeId): void {
    if (this.#stopped || this.#requests.has(node) || this.#damages.has(node)) return;
    if (!this.#options.isMember(node) || this.#store.forks.has(node)) return;
    const { seq } = this.#store.headOf(node);
    const goal = this.#options.lastAllowed(node) ?? Number.MAX_SAFE_INTEGER;
    const ahead: Peer[] = [];
    for (const peer of [...this.#peers.values()]) {
      const told = peer.told.get(node);
      if (!told) continue;
      if (told.seq > seq) ahead.push(peer);
      else if (this.#store.hashAt(node, told.seq) !== told.hash && this.#isSigned(peer, node)) {
        this.#conflict(peer, node, told.seq);
        return;
      }
    }
    if (seq >= goal) return;
    const best = ahead
      .sort((a, b) => preference(a, node) - preference(b, node))
      .find((peer) => this.#isSigned(peer, node));
    // Who told a lie may have been hung up on meanwhile, and its other questions been asked elsewhere.
    if (!best || this.#requests.has(node)) return;
    if (node === this.#store.node)
      this.#named(
        'log.behind',
        best,
        node,
        seq + 1,
        `${best.node} has ${best.told.get(node)?.seq ?? 0} events of it, and this disk ${seq}`,
      );
    this.#ask(best, node, seq + 1);
  }

  #ask(peer: Peer, node: NodeId, from: number): void {
    const timer = this.#options.after(ANSWER_MS, () => {
      this.#finish(node);
      peer.told.delete(node);
      this.#damages.get(node)?.tried.add(peer);
      this.#strike(peer, `no answer to a question for the log of ${node}`);
      this.#goOn(node);
      this.#settle();
    });
    this.#requests.set(node, { peer, from, timer });
    peer.send({ type: 'want', node, from });
  }

  #finish(node: NodeId): void {
    this.#requests.get(node)?.timer.cancel();
    this.#requests.delete(node);
  }

  #goOn(node: NodeId): void {
    if (this.#damages.has(node)) this.#seekRepair(node);
    else this.#consider(node);
  }

  #range(peer: Peer, range: CopiedRange): void {
    const { node, from, seal } = range;
    if (!this.#options.isMember(node)) return;
    const request = this.#requests.get(node);
    const isAnswer = request?.peer === peer && request.from === from;
    const isRepair = isAnswer && this.#damages.get(node)?.seq === from;
    if (isAnswer) this.#finish(node);
    if (this.#store.forks.has(node)) return;
    if (!this.#options.verify(node, sealBytes(node, seal), seal.signature)) {
      this.#refuse(peer, node, from, `${node} has not signed what ${peer.node} passed on`);
      return;
    }
    peer.tells({ node, ...seal });
    if (isRepair) {
      this.#repairWith(peer, range);
      return;
    }
    const received = this.#store.receive(range, this.#options.lastAllowed(node) ?? undefined);
    switch (received.kind) {
      case 'taken':
        // A store that can't write says so to everyone who appends.
        void this.#store.flush().then(
          () => this.#taken(node),
          () => undefined,
        );
        // The peer makes the next range ready while this one is written.
        this.#consider(node);
        return;
      case 'gap':
        this.#consider(node);
        return;
      case 'diverged':
        this.#conflict(peer, node, received.seq);
        return;
      case 'broken':
        this.#refuse(peer, node, received.problem.seq, received.problem.what);
    }
  }

  #taken(node: NodeId): void {
    this.#consider(node);
    this.#settle();
  }

  /** What came is not what it should be: it is named, and asked for elsewhere. */
  #refuse(peer: Peer, node: NodeId, seq: number, what: string): void {
    peer.told.delete(node);
    this.#damages.get(node)?.tried.add(peer);
    this.#named('log.broken', peer, node, seq, what);
    this.#strike(peer, `the log of ${node}, event ${seq}: ${what}`);
    this.#goOn(node);
  }

  #strike(peer: Peer, what: string): void {
    peer.strikes += 1;
    if (peer.strikes >= MAX_STRIKES) peer.link.close(what);
  }

  /** Whether the end that a peer tells of a log is its writer's word; it is named if not. */
  #isSigned(peer: Peer, node: NodeId): boolean {
    const head = peer.told.get(node);
    if (!head) return false;
    if (this.#options.verify(node, sealBytes(node, head), head.signature)) return true;
    peer.told.delete(node);
    const what = `${node} has not signed the end that ${peer.node} tells of its log`;
    this.#named('log.broken', peer, node, head.seq, what);
    this.#strike(peer, what);
    return false;
  }

  /** A peer's copy, signed, has another event at `seq`: the one here is damaged, or its writer has written two. */
  #conflict(peer: Peer, node: NodeId, seq: number): void {
    const here = this.#store.range(node, Math.max(1, seq), 1);
    const isSound =
      here.kind === 'range' &&
      (here.signature === null ||
        this.#options.verify(node, sealBytes(node, here.end), here.signature));
    if (!isSound) {
      void this.#check(node, 1).then((isWhole) => {
        // Nobody has signed what is here, and yet nothing is wrong with it: it can't be told who is right.
        if (isWhole) this.#refuse(peer, node, seq, 'it differs from the copy here');
      });
      return;
    }
    const what = `there are two events ${seq}, and ${node} has signed both`;
    this.#store.freeze(node, { seq, what });
    this.#named('log.forked', peer, node, seq, what);
    this.#settle();
  }

  /** Looks through a log from an event on; resolves with whether all of it is whole. */
  async #check(node: NodeId, fromSeq: number): Promise<boolean> {
    if (this.#checking.has(node)) return false;
    this.#checking.add(node);
    let from = fromSeq;
    try {
      while (!this.#stopped) {
        const { checked, problem } = this.#store.verify(from, node, from + SLICE_EVENTS - 1);
        if (problem) {
          this.#damaged(node, Math.max(1, problem.seq), problem.what);
          return false;
        }
        if (checked === 0) break;
        from += checked;
        await new Promise(setImmediate);
      }
    } catch (error) {
      // Pages that can't be read at all: `vigil doctor` and whoever reads them next say what to do.
      this.#named('log.broken', null, node, from, messageOf(error));
      return false;
    } finally {
      this.#checking.delete(node);
    }
    if (this.#damages.delete(node)) this.#consider(node);
    return !this.#stopped;
  }

  #damaged(node: NodeId, seq: number, what: string): void {
    if (this.#damages.get(node)?.seq !== seq) this.#damages.set(node, { seq, tried: new Set() });
    this.#named('log.broken', null, node, seq, what);
    this.#seekRepair(node);
  }

  /** Asks somebody for the events that are damaged here. */
  #seekRepair(node: NodeId): void {
    const damage = this.#damages.get(node);
    if (!damage || this.#stopped || this.#requests.has(node)) return;
    const able = [...this.#peers.values()].filter(
      (peer) =>
        !damage.tried.has(peer) &&
        (peer.node === node || (peer.told.get(node)?.seq ?? 0) >= damage.seq),
    );
    const best = able.sort((a, b) => preference(a, node) - preference(b, node))[0];
    if (best) this.#ask(best, node, damage.seq);
  }

  #repairWith(peer: Peer, range: CopiedRange): void {
    const { node, from, seal } = range;
    const count = this.#store.repair(range);
    if (count === 0) {
      this.#damages.get(node)?.tried.add(peer);
      this.#seekRepair(node);
      return;
    }
    this.#named(
      'log.repaired',
      peer,
      node,
      from,
      `${count} events between ${from} and ${seal.seq}`,
    );
    void this.#check(node, from);
  }

  #named(
    type: LogTrouble['type'],
    peer: Peer | null,
    node: NodeId,
    seq: number,
    what: string,
  ): void {
    this.#options.onTrouble({ type, node, seq, what, from: peer?.node ?? null });
  }

  #toldLogs(): Set<NodeId> {
    return new Set([...this.#peers.values()].flatMap((peer) => [...peer.told.keys()]));
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

/** Its writer first, then whoever has made the least trouble. */
function preference(peer: Peer, node: NodeId): number {
  return peer.node === node ? -1 : peer.strikes;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}
