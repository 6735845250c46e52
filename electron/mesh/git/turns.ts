import type { NodeId } from '../../../shared/model/ids.ts';

interface Bounds {
  /** How many may be at work at once. */
  readonly atOnce: number;
  /** How many of them for one peer, so that none keeps the others out. */
  readonly ofOnePeer: number;
  /** How many may wait. */
  readonly waiting: number;
}

interface Waiting {
  readonly peer: NodeId;
  readonly start: () => void;
}

/** Lets a bounded number of things go on at once; what comes next waits its turn. */
export class Turns {
  readonly #bounds: Bounds;
  readonly #waiting = new Set<Waiting>();
  readonly #working = new Map<NodeId, number>();

  constructor(bounds: Bounds) {
    this.#bounds = bounds;
  }

  /**
   * Calls `act` when it is the peer's turn; `act` is given what to call when it is done. Returns how to stop
   * waiting, or null, and `act` is never called, when too many wait already.
   */
  take(peer: NodeId, act: (done: () => void) => void): (() => void) | null {
    if (this.#waiting.size >= this.#bounds.waiting) return null;
    const entry: Waiting = { peer, start: () => act(this.#done(peer)) };
    this.#waiting.add(entry);
    this.#next();
    return () => this.#waiting.delete(entry);
  }

  #done(peer: NodeId): () => void {
    let called = false;
    return () => {
      if (called) return;
      called = true;
      const left = (this.#working.get(peer) ?? 1) - 1;
      if (left > 0) this.#working.set(peer, left);
      else this.#working.delete(peer);
      this.#next();
    };
  }

  #next(): void {
    for (const entry of this.#waiting) {
      const working = [...this.#working.values()].reduce((sum, count) => sum + count, 0);
      if (working >= this.#bounds.atOnce) return;
      const ofPeer = this.#working.get(entry.peer) ?? 0;
      if (ofPeer >= this.#bounds.ofOnePeer) continue;
      this.#waiting.delete(entry);
      this.#working.set(entry.peer, ofPeer + 1);
      entry.start();
    }
  }
}
