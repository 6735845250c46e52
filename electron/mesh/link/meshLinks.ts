import { messageOf } from '../../../shared/model/errors.ts';
import type { NodeId } from '../../../shared/model/ids.ts';
import type { Channel, Link, LinkListener, Links } from '../link.ts';
import type { Dial, SocketLink } from './socketLink.ts';

/** What the node is told of its links, for its log. */
export interface LinkWatch {
  opened(peer: NodeId, address: string): void;
  closed(peer: NodeId, reason: string): void;
  /** A listener failed while it was told that a link had ended: a fault of its own, the link is gone. */
  failed(peer: NodeId, reason: string): void;
}

/** What becomes of a connection to a peer to which there is a link already. */
export type Admission = 'take' | 'linked' | 'twin';

/** Long enough for an answer over a slow path, short against the time in which silence is found anyway. */
const PROBE_MS = 1_000;

/** More than a peer says before it has had an answer. */
const MAX_HELD = 256;

/** The open links, at most one for each peer, and who listens to them. */
export class MeshLinks implements Links {
  readonly open = new Map<NodeId, SocketLink>();
  private readonly watch: LinkWatch;
  private readonly listeners: { channel: Channel; listener: LinkListener }[] = [];
  /** Who was told of a link: only they hear of its end. */
  private readonly told = new WeakMap<Link, Set<LinkListener>>();

  /** Messages that came before anybody listened. */
  private readonly held = new WeakMap<Link, { channel: Channel; message: Uint8Array }[]>();
  private isClosed = false;

  constructor(watch: LinkWatch) {
    this.watch = watch;
  }

  listen(channel: Channel, listener: LinkListener): () => void {
    const entry = { channel, listener };
    this.listeners.push(entry);
    for (const link of [...this.open.values()]) {
      this.tellOpened(link, listener);
      this.releaseHeld(link, channel);
    }
    return () => {
      const at = this.listeners.indexOf(entry);
      if (at !== -1) this.listeners.splice(at, 1);
      for (const link of this.open.values()) this.told.get(link)?.delete(listener);
    };
  }

  /**
   * Whether a new connection to a peer may become its link. Of two that were made at once, both ends keep
   * the one that the node with the smaller id dialled, and of its own dials the latest. An old link that
   * no longer answers gives way. One that answers while the peer seems to have started anew is a second
   * machine with the same key.
   */
  async admission(peer: NodeId, dial: Dial): Promise<Admission> {
    const old = this.open.get(peer);
    if (!old) return 'take';
    const isSameStart = old.dial.peerBoot === dial.peerBoot;
    if (isSameStart && isPreferred(dial, old.dial)) return 'take';
    if (await old.probe(PROBE_MS)) return isSameStart ? 'linked' : 'twin';
    if (this.open.get(peer) === old) old.cut(`${peer} no longer answered and connected anew`);
    return this.open.has(peer) ? this.admission(peer, dial) : 'take';
  }

  /** Makes a connection the link to its peer; one that was there before ends. */
  add(link: SocketLink): void {
    if (this.isClosed) return link.close('the node was stopped');
    this.open.get(link.peer)?.close('a newer connection took its place');
    this.open.set(link.peer, link);
    this.watch.opened(link.peer, link.dial.address);
    for (const { listener } of [...this.listeners]) {
      if (this.open.get(link.peer) !== link) return;
      this.tellOpened(link, listener);
    }
  }

  /** Passes a message on; throws what a listener throws. */
  deliver(link: SocketLink, channel: Channel, message: Uint8Array): void {
    if (this.open.get(link.peer) !== link) return;
    const listeners = this.listeners.filter((entry) => entry.channel === channel);
    if (listeners.length === 0) this.hold(link, channel, message);
    for (const { listener } of listeners) listener.message?.(link, message);
  }

  /** A peer begins at once; this node may still be about to listen. */
  private hold(link: SocketLink, channel: Channel, message: Uint8Array): void {
    const held = this.held.get(link) ?? [];
    this.held.set(link, held);
    if (held.length === MAX_HELD)
      throw new RangeError(
        `it sent ${MAX_HELD} messages on ${channel}, to which nobody listens here`,
      );
    held.push({ channel, message });
  }

  private releaseHeld(link: SocketLink, channel: Channel): void {
    const held = this.held.get(link) ?? [];
    this.held.set(
      link,
      held.filter((each) => each.channel !== channel),
    );
    for (const each of held) {
      if (each.channel !== channel) continue;
      try {
        this.deliver(link, channel, each.message);
      } catch (error) {
        link.close(`bad message from ${link.peer}: ${messageOf(error)}`);
        return;
      }
    }
  }

  remove(link: SocketLink, reason: string): void {
    if (this.open.get(link.peer) !== link) return;
    this.open.delete(link.peer);
    for (const listener of this.told.get(link) ?? []) {
      try {
        listener.closed?.(link, reason);
      } catch (error) {
        this.watch.failed(link.peer, messageOf(error));
      }
    }
    this.watch.closed(link.peer, reason);
  }

  /** Ends all links, and any that is still on its way. */
  closeAll(reason: string): void {
    this.isClosed = true;
    for (const link of [...this.open.values()]) link.close(reason);
  }

  private tellOpened(link: SocketLink, listener: LinkListener): void {
    const told = this.told.get(link) ?? new Set();
    this.told.set(link, told);
    told.add(listener);
    try {
      listener.opened?.(link);
    } catch (error) {
      link.close(`the link to ${link.peer} could not be opened: ${messageOf(error)}`);
    }
  }
}

function isPreferred(one: Dial, other: Dial): boolean {
  return one.dialer === other.dialer ? one.number > other.number : one.dialer < other.dialer;
}
