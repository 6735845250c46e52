import type { NodeId } from '../../../shared/model/ids.ts';
import type { NodePresence } from '../../../shared/model/presence.ts';
import type { Link, Links } from '../link.ts';
import type { MonotonicClock } from '../monotonicClock.ts';
import { HeardNodes } from './heard.ts';
import type { PeerState } from './heard.ts';
import { decodePresence, encodePresence } from './message.ts';
import type { PresenceMessage } from './message.ts';

/** Between two signs of life, ms. */
const BEAT_MS = 1_000;
/** Measurements change all the time: alone they are told only so often, ms. */
const MEASURED_MS = 5_000;
/** Without a sign of life for so long a node is lost, ms: three beats may be lost on the way. */
export const SILENCE_MS = 4_000;

/** What a node says of itself, without what presence itself knows. */
export type OwnPresence = Omit<NodePresence, 'node' | 'boot' | 'n' | 'links' | 'uptimeMs'>;

export type PresenceChange =
  | { readonly kind: 'joined' | 'changed'; readonly node: NodeId; readonly state: PeerState }
  | { readonly kind: 'lost'; readonly node: NodeId };

export interface PresenceOptions {
  readonly node: NodeId;
  /** Greater at each start of this node, such as the seq of its log at the start. */
  readonly boot: number;
  readonly links: Links;
  readonly clock: MonotonicClock;
  readonly own: OwnPresence;
  readonly silenceMs?: number;
}

/**
 * Who is there. Every node tells whom it is linked to, each second, that it lives, and what it is when that
 * changes; what a node hears it passes on to those whom the origin can't reach itself. A peer is there while
 * it was heard of lately and some chain of links leads to it, so that the end of its last link is its end at once.
 */
export class Presence {
  readonly #options: PresenceOptions;
  readonly #heard = new HeardNodes();
  readonly #listeners = new Set<(change: PresenceChange) => void>();
  readonly #stopListening: () => void;
  readonly #startedMs: number;
  #own: OwnPresence;
  #n = 0;
  /** The number of the message with the last presence, and when it went. */
  #told = 0;
  #toldMs = 0;
  #hasNews = false;
  #peers: ReadonlyMap<NodeId, PeerState> = new Map();
  #tick: { cancel(): void };
  #tickDueMs: number;

  constructor(options: PresenceOptions) {
    this.#options = options;
    this.#own = options.own;
    this.#startedMs = this.#nowMs();
    this.#tickDueMs = this.#startedMs + BEAT_MS;
    this.#tick = options.clock.after(BEAT_MS, () => this.#beat());
    this.#stopListening = options.links.listen('presence', {
      opened: (link) => this.#opened(link),
      closed: () => this.#tellState(),
      message: (link, bytes) => this.#received(link, decodePresence(bytes)),
    });
  }

  /** Says no more and hears no more. */
  stop(): void {
    this.#tick.cancel();
    this.#stopListening();
  }

  /** Tells everyone what this node is now: at once, or within some seconds when only measurements differ. */
  setOwn(own: OwnPresence): void {
    const [before, after] = [this.#own, own].map((each) => JSON.stringify(each));
    if (before === after) return;
    const [factsBefore, facts] = [this.#own, own].map((each) => JSON.stringify(factsOf(each)));
    this.#own = own;
    this.#hasNews = true;
    if (facts !== factsBefore) this.#tellState();
  }

  /** What this node says of itself now. */
  get self(): NodePresence {
    const { node, boot, links } = this.#options;
    const uptimeMs = this.#nowMs() - this.#startedMs;
    const linked = [...links.open.keys()].sort();
    return { ...this.#own, node, boot, n: this.#told, links: linked, uptimeMs };
  }

  /** The peers that are there. */
  peers(): ReadonlyMap<NodeId, PeerState> {
    return this.#peers;
  }

  /** This node and all that are there, by id. */
  component(): NodeId[] {
    return [this.#options.node, ...this.#peers.keys()].sort();
  }

  /** Whether two nodes have a link, as both of them say. */
  reaches(a: NodeId, b: NodeId): boolean {
    return this.#claims(a, b) && this.#claims(b, a);
  }

  /** Calls back when a peer comes, changes or is lost; a restart is both lost and joined. Returns how to stop. */
  onChange(listener: (change: PresenceChange) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #opened(link: Link): void {
    this.#tellState();
    for (const [node, { presence }] of this.#peers) {
      if (node === link.peer || this.reaches(node, link.peer)) continue;
      this.#send(link, { t: 'state', state: presence });
    }
  }

  #received(link: Link, message: PresenceMessage): void {
    switch (message.t) {
      case 'beat':
        this.#heardBeat(link, message);
        break;
      case 'state':
        this.#heardState(link, message.state);
        break;
      case 'ask': {
        const state =
          message.node === this.#options.node ? this.self : this.#heard.presence(message.node);
        if (state) this.#send(link, { t: 'state', state });
        break;
      }
    }
  }

  #heardBeat(link: Link, message: PresenceMessage & { t: 'beat' }): void {
    const { node } = message.beat;
    if (node === this.#options.node) return;
    if (!this.#heard.hear(message.beat, node === link.peer, this.#nowMs())) return;
    const known = this.#heard.presence(node);
    if (!known || known.n < message.told) this.#send(link, { t: 'ask', node });
    this.#passOn(link, node, message);
    this.#refresh();
  }

  #heardState(link: Link, state: NodePresence): void {
    if (state.node === this.#options.node) return;
    const nowMs = this.#nowMs();
    this.#heard.hear(state, state.node === link.peer, nowMs);
    if (!this.#heard.learn(state, nowMs)) return;
    this.#passOn(link, state.node, { t: 'state', state });
    this.#refresh();
  }

  /** To those who can hear it neither from its origin nor from whom it came. */
  #passOn(from: Link, origin: NodeId, message: PresenceMessage): void {
    for (const [peer, link] of this.#options.links.open) {
      if (peer === from.peer || peer === origin) continue;
      if (this.reaches(origin, peer) || this.reaches(from.peer, peer)) continue;
      this.#send(link, message);
    }
  }

  #beat(): void {
    const { clock, node, boot } = this.#options;
    const nowMs = this.#nowMs();
    const lateMs = nowMs - this.#tickDueMs;
    // Asleep or stopped, this process heard nobody: its peers get the time to be heard again.
    if (lateMs > BEAT_MS) this.#heard.excuse(lateMs);
    this.#tickDueMs = nowMs + BEAT_MS;
    this.#tick = clock.after(BEAT_MS, () => this.#beat());
    if (this.#hasNews && nowMs - this.#toldMs >= MEASURED_MS) this.#tellState();
    else {
      this.#n += 1;
      this.#broadcast({ t: 'beat', beat: { node, boot, n: this.#n }, told: this.#told });
    }
    this.#refresh();
  }

  #tellState(): void {
    this.#n += 1;
    this.#told = this.#n;
    this.#toldMs = this.#nowMs();
    this.#hasNews = false;
    this.#broadcast({ t: 'state', state: this.self });
    this.#refresh();
  }

  #broadcast(message: PresenceMessage): void {
    const bytes = encodePresence(message);
    for (const link of [...this.#options.links.open.values()]) link.send('presence', bytes);
  }

  #send(link: Link, message: PresenceMessage): void {
    link.send('presence', encodePresence(message));
  }

  /** Finds who is there now, and tells what is different. */
  #refresh(): void {
    const before = this.#peers;
    const silenceMs = this.#options.silenceMs ?? SILENCE_MS;
    const heard = this.#heard.since(this.#nowMs() - silenceMs);
    const after = new Map<NodeId, PeerState>();
    const reached: NodeId[] = [this.#options.node];
    // The claims of a node count only when it is reached itself: those of a dead one are old.
    for (const near of reached) {
      for (const far of near === this.#options.node
        ? this.#options.links.open.keys()
        : (heard.get(near)?.presence.links ?? [])) {
        const state = heard.get(far);
        if (!state || after.has(far)) continue;
        after.set(far, state);
        reached.push(far);
      }
    }
    this.#peers = after;
    for (const node of before.keys()) if (!after.has(node)) this.#heard.forget(node);
    for (const change of changesBetween(before, after)) {
      for (const listener of this.#listeners) listener(change);
    }
  }

  #claims(a: NodeId, b: NodeId): boolean {
    const { node, links } = this.#options;
    if (a === node) return links.open.has(b);
    return this.#heard.presence(a)?.links.includes(b) ?? false;
  }

  #nowMs(): number {
    return this.#options.clock.monotonicMs();
  }
}

/** Without what is measured or counted and differs from second to second. */
function factsOf({ senses: _senses, ...facts }: OwnPresence): unknown {
  return facts;
}

function changesBetween(
  before: ReadonlyMap<NodeId, PeerState>,
  after: ReadonlyMap<NodeId, PeerState>,
): PresenceChange[] {
  const changes: PresenceChange[] = [];
  for (const [node, { presence }] of before) {
    if (after.get(node)?.presence.boot !== presence.boot) changes.push({ kind: 'lost', node });
  }
  for (const [node, state] of after) {
    const { presence } = before.get(node) ?? {};
    if (presence?.boot !== state.presence.boot) changes.push({ kind: 'joined', node, state });
    else if (presence !== state.presence) changes.push({ kind: 'changed', node, state });
  }
  return changes;
}
