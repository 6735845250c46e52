import {
  elect,
  nextElectionMs,
  NO_ELECTION,
  rankOf,
  type Election,
  type Standing,
} from '../../../shared/decide/leadership.ts';
import type { BodyOf } from '../../../shared/model/events.ts';
import type { NodeId } from '../../../shared/model/ids.ts';
import type { NodePresence } from '../../../shared/model/presence.ts';
import type { MonotonicClock } from '../../mesh/monotonicClock.ts';
import type { PeerState } from '../../mesh/presence/heard.ts';
import type { Presence } from '../../mesh/presence/presence.ts';
import type { Ledger } from '../ledger.ts';

export interface FleetOptions {
  readonly ledger: Ledger;
  readonly presence: Presence;
  readonly clock: MonotonicClock;
  /** Something changed that a decision depends on. */
  readonly wake: (trigger: string) => void;
  /** What this node says of itself is different. */
  readonly changed: () => void;
  readonly fail: (error: unknown) => void;
}

/**
 * Turns what is heard of other nodes into events of this node's log: who is there, who is gone, who leads.
 * So decisions stay a function of the log, and the log tells why a node was thought to be gone.
 */
export class Fleet {
  private readonly options: FleetOptions;
  private readonly self: NodeId;
  /** What was last recorded of each node that is there. */
  private readonly known = new Map<NodeId, string>();
  private readonly stopListening: () => void;
  private election: Election;
  /** What of it can't be lost any more: no more than this is told to others. */
  private durable: Election;
  private timer: { cancel(): void } | null = null;
  private stopped = false;

  constructor(options: FleetOptions) {
    this.options = options;
    this.self = options.ledger.store.node;
    const term = options.ledger.world.leadership?.term ?? 0;
    this.election = this.durable = { ...NO_ELECTION, term };
    this.stopListening = options.presence.onChange(() => this.look());
    this.look();
  }

  /** Records nothing more. */
  stop(): void {
    this.stopped = true;
    this.timer?.cancel();
    this.stopListening();
  }

  get leader(): NodeId | null {
    return this.durable.leader;
  }

  get term(): number {
    return this.durable.term;
  }

  /** Looks at who is there now, and at who is to lead. */
  look(): void {
    if (this.stopped) return;
    try {
      this.lookAtPeers();
      this.lookAtLeader();
    } catch (error) {
      this.options.fail(error);
    }
  }

  private lookAtPeers(): void {
    const { ledger, presence, wake } = this.options;
    const peers = presence.peers();
    for (const node of [...this.known.keys()]) {
      if (peers.has(node)) continue;
      this.known.delete(node);
      ledger.record({ type: 'peer.lost', peer: node, reason: 'no link leads to it any more' });
      wake('peer.lost');
    }
    for (const [node, { presence: state }] of peers) {
      const body = peerEvent(node, state);
      const text = JSON.stringify(body);
      if (this.known.get(node) === text) continue;
      this.known.set(node, text);
      ledger.record(body);
      wake('peer.changed');
    }
  }

  private lookAtLeader(): void {
    const { ledger, clock, wake, changed } = this.options;
    const before = this.election;
    const nowMs = clock.monotonicMs();
    this.election = elect(before, this.self, this.standings(nowMs), nowMs);
    const { leader, term, reason } = this.election;
    if (leader !== before.leader || term !== before.term) {
      ledger.record({ type: 'leader.changed', leader, term, reason });
      // Others hear of a term only once it can't be lost: terms never go down.
      const elected = this.election;
      ledger.durable().then(() => {
        this.durable = elected;
        changed();
      }, this.options.fail);
      wake('leader.changed');
    }
    this.timer?.cancel();
    const nextMs = nextElectionMs(this.election);
    if (nextMs !== null) this.timer = clock.after(Math.max(10, nextMs - nowMs), () => this.look());
  }

  private standings(nowMs: number): Standing[] {
    const { presence } = this.options;
    const own = presence.self;
    return [
      standing(own, own.uptimeMs),
      ...[...presence.peers().values()].map((peer) => standing(peer.presence, upMs(peer, nowMs))),
    ];
  }
}

function standing(state: NodePresence, up: number): Standing {
  const { node, fitness, draining, leads, term } = state;
  return { node, rank: rankOf(fitness, draining), upMs: up, leads, term };
}

/** How long a peer has been up now. */
function upMs({ presence, arrivedMs }: PeerState, nowMs: number): number {
  return presence.uptimeMs + nowMs - arrivedMs;
}

function peerEvent(peer: NodeId, state: NodePresence): BodyOf<'peer.changed'> {
  const { name, version, concurrency, capabilities, fitness, draining, ready } = state;
  return {
    type: 'peer.changed',
    peer,
    name,
    version,
    concurrency,
    capabilities,
    fitness,
    draining,
    choices: ready,
  };
}
