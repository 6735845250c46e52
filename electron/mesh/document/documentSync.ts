import type { NodeId } from '../../../shared/model/ids.ts';
import type { Link, Links } from '../link.ts';
import type { MonotonicClock } from '../monotonicClock.ts';
import { digestOf } from './digest.ts';
import { encodeMessage, FRAME_BYTES, MessageReader } from './message.ts';
import type { DocumentMessage } from './message.ts';
import type { RegisterDocument } from './registerDocument.ts';

/** How long nothing must have changed before documents are compared, ms: long after what is under way has arrived. */
const QUIET_MS = 1_000;
/** Compared after so long in any case, ms. A false alarm costs one state vector and one answer. */
const COMPARE_MS = 30_000;

export interface DocumentSyncOptions {
  readonly document: RegisterDocument;
  readonly links: Links;
  readonly clock: MonotonicClock;
  /** Whether a node has a link to another: then nobody needs to pass its changes on to that one. */
  readonly reaches: (origin: NodeId, peer: NodeId) => boolean;
  /** Bytes of a frame; smaller in tests. */
  readonly frameBytes?: number;
}

interface Peer {
  readonly link: Link;
  readonly reader: MessageReader;
  /** Whether it has been given the state, so that changes follow on something. */
  stage: 'silent' | 'asked' | 'given';
  /** Whether its state was taken in. */
  hasGiven: boolean;
  /** Changes that wait for the state to go first. */
  waiting: DocumentMessage[];
  /** The digest that it was told last, hex. */
  told: string;
}

/**
 * Keeps the documents of linked nodes alike: y-protocols' exchange of states when a link opens, then each
 * change as it becomes durable. A change goes once over each link: its origin sends it to all whom it
 * reaches, and whoever hears it passes it on only to those who can't have it otherwise. Who passes on to whom
 * can be wrong for a moment while links come and go; so documents are compared once they are quiet.
 */
export class DocumentSync {
  readonly #options: DocumentSyncOptions;
  readonly #peers = new Map<NodeId, Peer>();
  readonly #stops: (() => void)[];
  #comparison: { cancel(): void } | null = null;
  #changedMs = 0;
  #firstChangeMs = 0;
  #digest: Uint8Array | null = null;

  constructor(options: DocumentSyncOptions) {
    this.#options = options;
    const { document, links } = options;
    this.#stops = [
      document.onWrite(() => this.#changed()),
      document.onReleased((body) => {
        for (const peer of this.#peers.values()) this.#pass(peer, { kind: 'update', body });
      }),
      links.listen('document', {
        opened: (link) => this.#opened(link),
        closed: (link) => this.#closed(link),
        message: (link, bytes) => this.#received(link, bytes),
      }),
    ];
  }

  /** Whether each node that there is a link to has given its state. */
  get hasAll(): boolean {
    return [...this.#peers.values()].every(({ hasGiven }) => hasGiven);
  }

  /** Sends and hears nothing more. */
  stop(): void {
    for (const stop of this.#stops) stop();
    this.#comparison?.cancel();
    this.#comparison = null;
    this.#peers.clear();
  }

  #opened(link: Link): void {
    const peer: Peer = {
      link,
      reader: new MessageReader(),
      stage: 'silent',
      hasGiven: false,
      waiting: [],
      told: '',
    };
    this.#peers.set(link.peer, peer);
    this.#ask(peer);
  }

  #closed(link: Link): void {
    if (this.#peers.get(link.peer)?.link === link) this.#peers.delete(link.peer);
  }

  #received(link: Link, bytes: Uint8Array): void {
    const peer = this.#peers.get(link.peer);
    if (peer?.link !== link) return;
    const message = peer.reader.read(bytes);
    if (!message) return;
    switch (message.kind) {
      case 'ask':
        this.#answer(peer, message.body);
        break;
      case 'state':
      case 'update':
        this.#apply(peer, link.peer, message.body);
        if (message.kind === 'state') peer.hasGiven = true;
        break;
      case 'relayed':
        this.#apply(peer, message.origin, message.body);
        break;
      case 'digest':
        if (Buffer.compare(message.body, this.#ownDigest()) !== 0) this.#ask(peer);
        break;
    }
  }

  #ask(peer: Peer): void {
    this.#send(peer, { kind: 'ask', body: this.#options.document.vector() });
  }

  #answer(peer: Peer, vector: Uint8Array): void {
    if (peer.stage === 'silent') peer.stage = 'asked';
    this.#options.document.answer(vector, (body) => {
      this.#send(peer, { kind: 'state', body });
      peer.stage = 'given';
      for (const message of peer.waiting.splice(0)) this.#send(peer, message);
      this.#compareLater();
    });
  }

  #apply(peer: Peer, origin: NodeId, update: Uint8Array): void {
    const { document, reaches } = this.#options;
    const from = peer.link.peer;
    const { news, gap } = document.apply(update);
    if (gap) this.#ask(peer);
    if (news === null || origin === document.node) return;
    for (const [to, other] of this.#peers) {
      if (to === from || to === origin || reaches(origin, to) || reaches(from, to)) continue;
      this.#pass(other, { kind: 'relayed', origin, body: news });
    }
  }

  /** Sends a change, after the state that it follows on; a peer that has not asked yet gets it with the state. */
  #pass(peer: Peer, message: DocumentMessage): void {
    if (peer.stage === 'given') this.#send(peer, message);
    else if (peer.stage === 'asked') peer.waiting.push(message);
  }

  #send({ link }: Peer, message: DocumentMessage): void {
    const frames = encodeMessage(message, this.#options.frameBytes ?? FRAME_BYTES);
    for (const frame of frames) link.send('document', frame);
  }

  #changed(): void {
    this.#digest = null;
    this.#changedMs = this.#options.clock.monotonicMs();
    this.#compareLater();
  }

  #compareLater(): void {
    if (this.#comparison) return;
    this.#firstChangeMs = this.#options.clock.monotonicMs();
    this.#comparison = this.#options.clock.after(QUIET_MS, () => this.#compare());
  }

  #compare(): void {
    const { clock, document } = this.#options;
    const nowMs = clock.monotonicMs();
    const quietInMs = this.#changedMs + QUIET_MS - nowMs;
    const busy = quietInMs > 0 && nowMs - this.#firstChangeMs < COMPARE_MS;
    if (busy || document.unreleased) {
      const delayMs = quietInMs > 0 ? quietInMs : QUIET_MS;
      this.#comparison = clock.after(delayMs, () => this.#compare());
      return;
    }
    this.#comparison = null;
    const body = this.#ownDigest();
    const told = Buffer.from(body).toString('hex');
    for (const peer of this.#peers.values()) {
      if (peer.stage !== 'given' || peer.told === told) continue;
      peer.told = told;
      this.#send(peer, { kind: 'digest', body });
    }
  }

  #ownDigest(): Uint8Array {
    return (this.#digest ??= digestOf(this.#options.document.snapshot()));
  }
}
