import type { NodeId } from '../../../shared/model/ids.ts';
import type { CopiedRange } from '../../store/copied.ts';
import type { EventStore } from '../../store/store.ts';
import { sealBytes, type SignedHead } from './messages.ts';
import { byPreference, type Peer } from './peer.ts';
import { LogRepair } from './repair.ts';
import type { LogTrouble } from './trouble.ts';

/** A peer that is asked and says nothing for so long is asked no more, ms. */
const ANSWER_MS = 10_000;

/** Whose logs count, and by which signatures. */
export interface LogRules {
  /** Whether a node, this one too, has signed the bytes. */
  readonly verify: (node: NodeId, bytes: Uint8Array, signature: Uint8Array) => boolean;
  /** Whether a node is or was a member: logs of others are not taken. */
  readonly isMember: (node: NodeId) => boolean;
  /** Up to which seq the log of a revoked node counts; null for a node that is not revoked. */
  readonly lastAllowed: (node: NodeId) => number | null;
}

export interface LogFetcherOptions {
  readonly store: EventStore;
  readonly peers: ReadonlyMap<NodeId, Peer>;
  readonly rules: LogRules;
  readonly after: (ms: number, act: () => void) => { cancel(): void };
  readonly stopping: AbortSignal;
  readonly onTrouble: (trouble: LogTrouble) => void;
  /** A question was answered or given up: whoever waits for what is here looks again. */
  readonly settled: () => void;
}

interface Request {
  readonly peer: Peer;
  readonly from: number;
  readonly timer: { cancel(): void };
}

/** Asks the peers for what is missing here of the logs, a range at a time, and takes what their writers have signed. */
export class LogFetcher {
  readonly repair: LogRepair;
  readonly #options: LogFetcherOptions;
  readonly #store: EventStore;
  readonly #peers: ReadonlyMap<NodeId, Peer>;
  /** What was asked for and has not come, one a log. */
  readonly #requests = new Map<NodeId, Request>();

  constructor(options: LogFetcherOptions) {
    const { store, peers, stopping, onTrouble } = options;
    this.#options = options;
    this.#store = store;
    this.#peers = peers;
    this.repair = new LogRepair({
      store,
      peers,
      stopping,
      onTrouble,
      isAsked: (node) => this.#requests.has(node),
      ask: (peer, node, from) => this.#ask(peer, node, from),
      healed: (node) => this.consider(node),
    });
  }

  /** Asks for nothing more, and waits for no answer. */
  stop(): void {
    for (const { timer } of this.#requests.values()) timer.cancel();
    this.#requests.clear();
  }

  /** A peer tells what it has. */
  heads(peer: Peer, heads: readonly SignedHead[]): void {
    for (const head of heads) peer.tells(head);
    for (const { node } of heads) this.consider(node);
    this.repair.mayHelp(peer);
    this.#options.settled();
  }

  /** What was asked of a peer that is gone is asked of others. */
  gone(peer: Peer): void {
    for (const [node, request] of [...this.#requests]) {
      if (request.peer !== peer) continue;
      this.#finish(node);
      this.#goOn(node);
    }
  }

  /** Asks for what is missing of a log, if anything is and somebody has it. */
  consider(node: NodeId): void {
    const { stopping, rules } = this.#options;
    if (stopping.aborted || this.#requests.has(node) || this.repair.damagedAt(node) !== null)
      return;
    if (!rules.isMember(node) || this.#store.forks.has(node)) return;
    const { seq } = this.#store.headOf(node);
    const goal = rules.lastAllowed(node) ?? Number.MAX_SAFE_INTEGER;
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
    const best = ahead.sort(byPreference(node)).find((peer) => this.#isSigned(peer, node));
    // Who told a lie may have been hung up on meanwhile, and its other questions been asked elsewhere.
    if (!best || this.#requests.has(node)) return;
    if (node === this.#store.node) {
      const what = `${best.node} has ${best.told.get(node)?.seq ?? 0} events of it, and this disk ${seq}`;
      this.#named('log.behind', best, node, seq + 1, what);
    }
    this.#ask(best, node, seq + 1);
  }

  #ask(peer: Peer, node: NodeId, from: number): void {
    const timer = this.#options.after(ANSWER_MS, () => {
      this.#finish(node);
      this.#couldNotHelp(peer, node);
      peer.strike(`no answer to a question for the log of ${node}`);
      this.#goOn(node);
      this.#options.settled();
    });
    this.#requests.set(node, { peer, from, timer });
    peer.send({ type: 'want', node, from });
  }

  #finish(node: NodeId): void {
    this.#requests.get(node)?.timer.cancel();
    this.#requests.delete(node);
  }

  #goOn(node: NodeId): void {
    if (this.repair.damagedAt(node) !== null) this.repair.seek(node);
    else this.consider(node);
  }

  /** What a peer said to have of a log it can't give: it is asked again when it says so again. */
  #couldNotHelp(peer: Peer, node: NodeId): void {
    peer.told.delete(node);
    this.repair.couldNotHelp(peer, node);
  }

  /** A peer that was asked answers that it has nothing. */
  nothing(peer: Peer, node: NodeId, from: number): void {
    const request = this.#requests.get(node);
    if (request?.peer !== peer || request.from !== from) return;
    this.#finish(node);
    this.#couldNotHelp(peer, node);
    this.#goOn(node);
    this.#options.settled();
  }

  /** A peer gives events, asked or not. */
  range(peer: Peer, range: CopiedRange): void {
    const { rules, settled } = this.#options;
    const { node, from, seal } = range;
    if (!rules.isMember(node)) return;
    const request = this.#requests.get(node);
    const isAnswer = request?.peer === peer && request.from === from;
    const isRepair = isAnswer && this.repair.damagedAt(node) === from;
    if (isAnswer) this.#finish(node);
    if (this.#store.forks.has(node)) return;
    if (!rules.verify(node, sealBytes(node, seal), seal.signature)) {
      this.#refuse(peer, node, from, `${node} has not signed what ${peer.node} passed on`);
      return;
    }
    peer.tells({ node, ...seal });
    if (isRepair) {
      this.repair.take(peer, range);
      return;
    }
    const received = this.#store.receive(range, rules.lastAllowed(node) ?? undefined);
    switch (received.kind) {
      case 'taken':
        // A store that can't write says so to everyone who appends.
        void this.#store.flush().then(
          () => {
            this.consider(node);
            settled();
          },
          () => undefined,
        );
        // The peer makes the next range ready while this one is written.
        this.consider(node);
        return;
      case 'gap':
        this.consider(node);
        return;
      case 'diverged':
        this.#conflict(peer, node, received.seq);
        return;
      case 'broken':
        this.#refuse(peer, node, received.problem.seq, received.problem.what);
    }
  }

  /** What came is not what it should be: it is named, and asked for elsewhere. */
  #refuse(peer: Peer, node: NodeId, seq: number, what: string): void {
    this.#couldNotHelp(peer, node);
    this.#named('log.broken', peer, node, seq, what);
    peer.strike(`the log of ${node}, event ${seq}: ${what}`);
    this.#goOn(node);
  }

  /** Whether the end that a peer tells of a log is its writer's word; it is named if not. */
  #isSigned(peer: Peer, node: NodeId): boolean {
    const head = peer.told.get(node);
    if (!head) return false;
    if (this.#options.rules.verify(node, sealBytes(node, head), head.signature)) return true;
    peer.told.delete(node);
    const what = `${node} has not signed the end that ${peer.node} tells of its log`;
    this.#named('log.broken', peer, node, head.seq, what);
    peer.strike(what);
    return false;
  }

  /** A peer's copy, signed, has another event at `seq`: the one here is damaged, or its writer has written two. */
  #conflict(peer: Peer, node: NodeId, seq: number): void {
    const here = this.#store.range(node, Math.max(1, seq), 1);
    const isSound =
      here.kind === 'range' &&
      (here.signature === null ||
        this.#options.rules.verify(node, sealBytes(node, here.end), here.signature));
    if (!isSound) {
      void this.repair.check(node, 1).then((isWhole) => {
        // Nobody has signed what is here, and yet nothing is wrong with it: it can't be told who is right.
        if (isWhole) this.#refuse(peer, node, seq, 'it differs from the copy here');
      });
      return;
    }
    const what = `there are two events ${seq}, and ${node} has signed both`;
    this.#store.freeze(node, { seq, what });
    this.#named('log.forked', peer, node, seq, what);
    this.#options.settled();
  }

  #named(type: LogTrouble['type'], peer: Peer, node: NodeId, seq: number, what: string): void {
    this.#options.onTrouble({ type, node, seq, what, from: peer.node });
  }
}
