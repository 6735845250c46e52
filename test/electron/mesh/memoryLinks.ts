import type { Channel, Link, LinkListener, Links } from '../../../electron/mesh/link.ts';
import { messageOf } from '../../../shared/model/errors.ts';
import type { NodeId } from '../../../shared/model/ids.ts';

interface Sent {
  readonly from: NodeId;
  readonly to: NodeId;
  readonly channel: Channel;
  readonly message: Uint8Array;
}

/**
 * Links in memory between the nodes of one test. What is sent waits in the order of each direction until
 * it is delivered: at once after the turn, or by the test's own steps while `held`.
 */
export class Hub {
  /** All that was sent so far, to be counted. */
  readonly sent: Sent[] = [];
  /** Why links ended, in order. */
  readonly ended: { readonly between: readonly [NodeId, NodeId]; readonly reason: string }[] = [];
  /** Nothing is delivered by itself while this is set: `deliver` does it. */
  held = false;
  /** What is changed or dropped on its way; null drops the message and the link, as TLS would. */
  tamper: (sent: Sent) => Uint8Array | null = ({ message }) => message;
  readonly #nodes = new Map<NodeId, MemoryLinks>();
  readonly #pipes: Pipe[] = [];
  #scheduled = false;

  /** The links of a node of this hub. */
  node(id: NodeId): MemoryLinks {
    let links = this.#nodes.get(id);
    if (!links) this.#nodes.set(id, (links = new MemoryLinks(id)));
    return links;
  }

  /** Joins two nodes, unless they are. */
  connect(a: NodeId, b: NodeId): void {
    if (this.node(a).open.has(b)) return;
    const pipe = new Pipe(this, this.node(a), this.node(b));
    this.#pipes.push(pipe);
    pipe.begin();
  }

  /** Joins each of the nodes with each other. */
  connectAll(...nodes: NodeId[]): void {
    for (const [at, a] of nodes.entries()) for (const b of nodes.slice(at + 1)) this.connect(a, b);
  }

  /** Ends the link between two nodes; what is under way on it is lost. */
  cut(a: NodeId, b: NodeId, reason = 'the cable was pulled'): void {
    this.node(a).open.get(b)?.close(reason);
  }

  /** Ends all links of a node, and forgets who listened there: it has crashed. */
  remove(id: NodeId): void {
    const links = this.node(id);
    links.silence();
    for (const link of [...links.open.values()]) link.close('the node is gone');
    this.#nodes.delete(id);
  }

  /** Messages that wait to be delivered. */
  get waiting(): number {
    return this.#pipes.reduce((sum, { queue }) => sum + queue.length, 0);
  }

  /** Delivers up to so many of the messages that wait now on the `at`-th link (round robin when not given). */
  deliver(count = this.waiting, at?: number): void {
    let left = count;
    const pipes = at === undefined ? this.#pipes : this.#pipes.slice(at % this.#pipes.length);
    while (left > 0 && pipes.some(({ queue }) => queue.length > 0))
      for (const pipe of [...pipes]) if (left > 0 && pipe.deliverNext()) left -= 1;
  }

  /** Called by a pipe when it has something. */
  schedule(): void {
    if (this.held || this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      if (!this.held) this.deliver();
      if (this.waiting > 0) this.schedule();
    });
  }

  /** Called by a pipe that has ended. */
  drop(pipe: Pipe, a: NodeId, b: NodeId, reason: string): void {
    this.#pipes.splice(this.#pipes.indexOf(pipe), 1);
    this.ended.push({ between: [a, b], reason });
  }
}

class Pipe {
  readonly queue: Sent[] = [];
  readonly #hub: Hub;
  readonly #a: MemoryLinks;
  readonly #b: MemoryLinks;
  #open = true;

  constructor(hub: Hub, a: MemoryLinks, b: MemoryLinks) {
    this.#hub = hub;
    this.#a = a;
    this.#b = b;
  }

  begin(): void {
    const toB = this.#end(this.#a.id, this.#b.id);
    const toA = this.#end(this.#b.id, this.#a.id);
    this.#a.open.set(this.#b.id, toB);
    this.#b.open.set(this.#a.id, toA);
    this.#guard(() => this.#a.opened(toB));
    this.#guard(() => this.#b.opened(toA));
  }

  /** Whether there was a message to deliver. */
  deliverNext(): boolean {
    const sent = this.queue.shift();
    if (!sent) return false;
    const message = this.#hub.tamper(sent);
    if (message === null) {
      this.#close('a message did not arrive whole');
      return true;
    }
    const [to, link] =
      sent.to === this.#b.id
        ? [this.#b, this.#b.open.get(this.#a.id)]
        : [this.#a, this.#a.open.get(this.#b.id)];
    if (link) this.#guard(() => to.received(link, sent.channel, message));
    return true;
  }

  #end(from: NodeId, to: NodeId): Link {
    return {
      peer: to,
      send: (channel, message) => {
        if (!this.#open) return;
        const sent = { from, to, channel, message };
        this.#hub.sent.push(sent);
        this.queue.push(sent);
        this.#hub.schedule();
      },
      close: (reason) => this.#close(reason),
    };
  }

  #guard(act: () => void): void {
    try {
      act();
    } catch (error) {
      this.#close(messageOf(error));
    }
  }

  #close(reason: string): void {
    if (!this.#open) return;
    this.#open = false;
    this.queue.length = 0;
    this.#hub.drop(this, this.#a.id, this.#b.id, reason);
    for (const [here, there] of [
      [this.#a, this.#b],
      [this.#b, this.#a],
    ] as const) {
      const link = here.open.get(there.id);
      here.open.delete(there.id);
      if (link) here.closed(link, reason);
    }
  }
}

class MemoryLinks implements Links {
  readonly id: NodeId;
  readonly open = new Map<NodeId, Link>();
  readonly #listeners = new Map<Channel, Set<LinkListener>>();

  constructor(id: NodeId) {
    this.id = id;
  }

  listen(channel: Channel, listener: LinkListener): () => void {
    const listeners = this.#of(channel);
    listeners.add(listener);
    for (const link of [...this.open.values()]) listener.opened?.(link);
    return () => listeners.delete(listener);
  }

  opened(link: Link): void {
    for (const listener of this.#all()) listener.opened?.(link);
  }

  closed(link: Link, reason: string): void {
    for (const listener of this.#all()) listener.closed?.(link, reason);
  }

  received(link: Link, channel: Channel, message: Uint8Array): void {
    for (const listener of this.#of(channel)) listener.message?.(link, message);
  }

  silence(): void {
    this.#listeners.clear();
  }

  #of(channel: Channel): Set<LinkListener> {
    let listeners = this.#listeners.get(channel);
    if (!listeners) this.#listeners.set(channel, (listeners = new Set()));
    return listeners;
  }

  #all(): LinkListener[] {
    return [...this.#listeners.values()].flatMap((listeners) => [...listeners]);
  }
}
