import type { Channel, Link } from '../../electron/mesh/link.ts';
import { messageOf } from '../../shared/model/errors.ts';
import type { NodeId } from '../../shared/model/ids.ts';
import type { Random } from './random.ts';
import type { Process, Scheduler } from './scheduler.ts';
import type { SimLinks } from './simLinks.ts';

/** A connection on which nothing arrives for so long is given up, as TLS links with a ping are; ms. */
const DEAD_MS = 10_000;
/** Between two attempts to connect, ms. */
const DIAL_MS = [400, 1_600] as const;

/** A node as the network sees it: it may have a process, and says whom it lets in. */
export interface Host {
  readonly id: NodeId;
  readonly process: Process | null;
  readonly links: SimLinks | null;
  lets(peer: NodeId): boolean;
}

/** One side of a connection. */
interface End {
  readonly host: Host;
  readonly process: Process;
  readonly links: SimLinks;
  readonly link: Link;
  open: boolean;
  /** Whether its process was told of the connection. */
  told: boolean;
  /** When the last message that is on its way to here arrives. */
  lastMs: number;
  /** Messages on their way to here: they arrive in this order, whatever holds them up. */
  readonly coming: { readonly channel: Channel; readonly message: Uint8Array }[];
  /** Messages that can't get through. */
  readonly held: (() => void)[];
}

interface Connection {
  readonly ends: readonly [End, End];
  /** Since when something keeps its messages up; null: nothing does. */
  stuckSinceMs: number | null;
}

/** The cable between two nodes. */
interface Wire {
  readonly hosts: readonly [Host, Host];
  /** Whether it is cut from the first to the second, and back. */
  readonly cut: [boolean, boolean];
  connection: Connection | null;
  /** Milliseconds that a message takes at most. */
  delayMs: number;
}

/** Cables and connections: messages arrive late, connections end, cables are cut in one direction or both. */
export class Network {
  /** Links that ended because a listener threw: honest nodes never make each other do that. */
  readonly errors: { readonly peer: NodeId; readonly what: string }[] = [];
  /** Told of each message that is sent. */
  watch: (from: NodeId, channel: Channel, message: Uint8Array) => void = () => undefined;
  readonly #scheduler: Scheduler;
  readonly #random: Random;
  readonly #wires: Wire[] = [];
  readonly #hosts: Host[] = [];

  constructor(scheduler: Scheduler, random: Random) {
    this.#scheduler = scheduler;
    this.#random = random;
  }

  add(host: Host): void {
    for (const other of this.#hosts) {
      const wire: Wire = {
        hosts: [other, host],
        cut: [false, false],
        connection: null,
        delayMs: 30,
      };
      this.#wires.push(wire);
      this.#tend(wire);
    }
    this.#hosts.push(host);
  }

  /** Cuts the cable from one node to another, in that direction; what is on its way waits. */
  cut(from: NodeId, to: NodeId, cut: boolean): void {
    for (const wire of this.#wires) {
      const [a, b] = wire.hosts;
      if (a.id === from && b.id === to) this.#setCut(wire, 0, cut);
      if (b.id === from && a.id === to) this.#setCut(wire, 1, cut);
    }
  }

  /** Ends the connection of two nodes; what is on its way is lost. */
  drop(a: NodeId, b: NodeId): void {
    const wire = this.#wire(a, b);
    const connection = wire?.connection;
    if (!wire || !connection) return;
    for (const end of connection.ends)
      this.#endLater(wire, end, this.#random.int(0, 300), 'the connection broke');
  }

  /** The process has died: the others hear of it, or not, as when its machine lost power. */
  died(process: Process, silently: boolean): void {
    for (const wire of this.#wires)
      for (const end of wire.connection?.ends ?? []) {
        if (end.process !== process) continue;
        end.open = false;
        if (!silently) this.#tellOther(wire, end, 'the peer has gone');
        if (!wire.connection?.ends.some(({ open }) => open)) wire.connection = null;
      }
  }

  /** How long messages between two nodes take at most. */
  slow(a: NodeId, b: NodeId, delayMs: number): void {
    const wire = this.#wire(a, b);
    if (wire) wire.delayMs = delayMs;
  }

  /** Whether messages go both ways now. */
  connected(a: NodeId, b: NodeId): boolean {
    const wire = this.#wire(a, b);
    return (
      wire?.connection?.ends.every(({ open, process }) => open && process.alive) === true &&
      !wire.cut[0] &&
      !wire.cut[1]
    );
  }

  /** Everyone whom messages from this node can reach over any number of links. */
  component(node: NodeId): Set<NodeId> {
    const reached = new Set([node]);
    for (const near of reached)
      for (const { id } of this.#hosts) if (this.connected(near, id)) reached.add(id);
    return reached;
  }

  #wire(a: NodeId, b: NodeId): Wire | undefined {
    return this.#wires.find(
      ({ hosts: [one, other] }) =>
        (one.id === a && other.id === b) || (one.id === b && other.id === a),
    );
  }

  #setCut(wire: Wire, way: 0 | 1, cut: boolean): void {
    wire.cut[way] = cut;
    if (cut) return;
    const to = wire.connection?.ends[way === 0 ? 1 : 0];
    for (const deliver of to?.held.splice(0) ?? []) deliver();
  }

  /** Looks after one cable, again and again: connects, and gives up what is dead. */
  #tend(wire: Wire): void {
    this.#scheduler.after(this.#random.int(...DIAL_MS), null, () => {
      if (wire.connection) this.#check(wire, wire.connection);
      else this.#dial(wire);
      this.#tend(wire);
    });
  }

  #check(wire: Wire, connection: Connection): void {
    const { ends } = connection;
    const { nowMs } = this.#scheduler;
    const frozen = ends.some(({ process }) => process.frozenSinceMs !== null || !process.alive);
    const isStuck = wire.cut[0] || wire.cut[1] || frozen || ends.some(({ open }) => !open);
    connection.stuckSinceMs = isStuck ? (connection.stuckSinceMs ?? nowMs) : null;
    if (connection.stuckSinceMs === null || nowMs - connection.stuckSinceMs < DEAD_MS) return;
    for (const end of ends)
      this.#endLater(wire, end, this.#random.int(0, 1_000), 'nothing came for too long');
  }

  #dial(wire: Wire): void {
    const [a, b] = wire.hosts;
    if (wire.cut[0] || wire.cut[1] || !a.lets(b.id) || !b.lets(a.id)) return;
    if (!isUp(a) || !isUp(b) || !a.links || !b.links) return;
    if (a.links.open.has(b.id) || b.links.open.has(a.id)) return;
    const connection: Connection = {
      stuckSinceMs: null,
      ends: [this.#end(wire, a, b.id), this.#end(wire, b, a.id)],
    };
    wire.connection = connection;
    for (const end of connection.ends)
      this.#scheduler.after(this.#random.int(0, 20), end.process, () => this.#begin(wire, end));
  }

  #begin(wire: Wire, end: End): void {
    if (!end.open || end.told) return;
    // As a handshake ends: it may have been put out since it began.
    if (!end.host.lets(end.link.peer)) {
      this.#close(wire, end, 'it is no member');
      return;
    }
    end.told = true;
    end.links.open.set(end.link.peer, end.link);
    this.#guard(wire, end, () => end.links.opened(end.link));
  }

  #end(wire: Wire, host: Host, peer: NodeId): End {
    if (!host.process || !host.links) throw new Error(`${host.id} does not run`);
    const end: End = {
      host,
      process: host.process,
      links: host.links,
      open: true,
      told: false,
      lastMs: 0,
      coming: [],
      held: [],
      link: {
        peer,
        send: (channel, message) => this.#send(wire, end, channel, message),
        close: (reason) => this.#close(wire, end, reason),
      },
    };
    return end;
  }

  #send(wire: Wire, from: End, channel: Channel, message: Uint8Array): void {
    const { connection } = wire;
    if (!from.open || !connection?.ends.includes(from)) return;
    this.watch(from.host.id, channel, message);
    const way = connection.ends[0] === from ? 0 : 1;
    const to = connection.ends[way === 0 ? 1 : 0];
    const deliver = () => {
      const dueMs = this.#scheduler.nowMs + this.#random.int(1, wire.delayMs);
      to.lastMs = Math.max(to.lastMs, dueMs);
      to.coming.push({ channel, message });
      this.#scheduler.after(to.lastMs - this.#scheduler.nowMs, to.process, () => {
        this.#begin(wire, to);
        const next = to.coming.shift();
        if (!to.open || !next) return;
        this.#guard(wire, to, () => to.links.message(to.link, next.channel, next.message));
      });
    };
    if (wire.cut[way]) to.held.push(deliver);
    else deliver();
  }

  #guard(wire: Wire, end: End, act: () => void): void {
    try {
      act();
    } catch (error) {
      const { peer } = end.link;
      this.errors.push({ peer, what: `${end.host.id} hung up on ${peer}: ${messageOf(error)}` });
      this.#close(wire, end, messageOf(error));
    }
  }

  /** Ends one side now, and the other when it hears of it. */
  #close(wire: Wire, end: End, reason: string): void {
    this.#endNow(end, reason);
    this.#tellOther(wire, end, reason);
    if (!wire.connection?.ends.some(({ open }) => open)) wire.connection = null;
  }

  /** The other side hears of it, unless the cable is cut: then it finds out by itself. */
  #tellOther(wire: Wire, end: End, reason: string): void {
    const at = wire.connection?.ends.indexOf(end) ?? -1;
    const other = wire.connection?.ends[at === 0 ? 1 : 0];
    if (at < 0 || !other?.open || wire.cut[at === 0 ? 0 : 1]) return;
    this.#endLater(wire, other, this.#random.int(1, wire.delayMs), reason);
  }

  #endLater(wire: Wire, end: End, delayMs: number, reason: string): void {
    this.#scheduler.after(delayMs, null, () => {
      if (!end.open) return;
      end.open = false;
      this.#scheduler.after(0, end.process, () => this.#tell(end, reason));
      const { connection } = wire;
      if (connection?.ends.every(({ open }) => !open)) wire.connection = null;
    });
  }

  #endNow(end: End, reason: string): void {
    if (!end.open) return;
    end.open = false;
    this.#tell(end, reason);
  }

  #tell(end: End, reason: string): void {
    const { links, link } = end;
    if (links.open.get(link.peer) !== link) return;
    links.open.delete(link.peer);
    end.coming.length = 0;
    try {
      links.closed(link, reason);
    } catch (error) {
      const { peer } = link;
      this.errors.push({
        peer,
        what: `${end.host.id} failed as a link ended: ${messageOf(error)}`,
      });
    }
  }
}

function isUp({ process }: Host): boolean {
  return process !== null && process.alive && process.frozenSinceMs === null;
}
