import type { NodeId } from '../../shared/model/ids.ts';
import { GENESIS } from './chain.ts';

/** The last event of a log. */
export interface Head {
  readonly seq: number;
  readonly hash: string;
  readonly clock: number;
  /** Where it stands among all events here. */
  readonly pos: number;
}

const NO_HEAD: Head = { seq: 0, hash: GENESIS, clock: 0, pos: 0 };

/** Where each log ends: with what is pending, and as far as it is on disk. */
export class Heads {
  /** Of each log that has durable events. */
  readonly durable = new Map<NodeId, Head>();
  readonly #newest = new Map<NodeId, Head>();
  #clock = 0;

  /** Lamport clock: the greatest in any log here. */
  get clock(): number {
    return this.#clock;
  }

  /** Of a log with what is pending; seq 0 when there is none. */
  of(node: NodeId): Head {
    return this.#newest.get(node) ?? NO_HEAD;
  }

  /** Of a log on disk; seq 0 when there is none. */
  durableOf(node: NodeId): Head {
    return this.durable.get(node) ?? NO_HEAD;
  }

  /** An event got its place in memory. */
  place(node: NodeId, head: Head): void {
    this.#newest.set(node, head);
    this.#clock = Math.max(this.#clock, head.clock);
  }

  /** It is on disk. */
  settle(node: NodeId, head: Head): void {
    this.durable.set(node, head);
  }
}
