import { messageOf } from '../../../shared/model/errors.ts';
import type { NodeId } from '../../../shared/model/ids.ts';
import type { CopiedRange } from '../../store/copied.ts';
import type { EventStore } from '../../store/store.ts';
import { byPreference, type Peer } from './peer.ts';
import type { LogTrouble } from './trouble.ts';

/** Events that are checked before others have their turn: about 15 ms. */
const SLICE_EVENTS = 5_000;

interface Damage {
  readonly seq: number;
  /** Peers that could not help. */
  readonly tried: Set<Peer>;
}

export interface LogRepairOptions {
  readonly store: EventStore;
  readonly peers: ReadonlyMap<NodeId, Peer>;
  readonly stopping: AbortSignal;
  readonly onTrouble: (trouble: LogTrouble) => void;
  /** Whether a peer was asked for events of a log, and has not answered yet. */
  readonly isAsked: (node: NodeId) => boolean;
  readonly ask: (peer: Peer, node: NodeId, from: number) => void;
  /** A log that was damaged is whole again. */
  readonly healed: (node: NodeId) => void;
}

/** Finds where the copies of logs on this node's disk are damaged, and has peers give what is damaged anew. */
export class LogRepair {
  readonly #options: LogRepairOptions;
  readonly #store: EventStore;
  /** Logs whose copy here is damaged, and where. */
  readonly #damages = new Map<NodeId, Damage>();
  readonly #checking = new Set<NodeId>();

  constructor(options: LogRepairOptions) {
    this.#options = options;
    this.#store = options.store;
  }

  /** Where the copy of a log is damaged; null for one of which nothing is known to be. */
  damagedAt(node: NodeId): number | null {
    return this.#damages.get(node)?.seq ?? null;
  }

  /** Looks through a log from an event on; resolves with whether all of it is whole. */
  async check(node: NodeId, fromSeq: number): Promise<boolean> {
    const { stopping } = this.#options;
    if (this.#checking.has(node)) return false;
    this.#checking.add(node);
    let from = fromSeq;
    try {
      while (!stopping.aborted) {
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
      this.#broken(node, from, messageOf(error));
      return false;
    } finally {
      this.#checking.delete(node);
    }
    if (this.#damages.delete(node)) this.#options.healed(node);
    return !stopping.aborted;
  }

  /** A peer has given nothing of use for this log. */
  couldNotHelp(peer: Peer, node: NodeId): void {
    this.#damages.get(node)?.tried.add(peer);
  }

  /** A peer has told what it has: it may be able to help now. */
  mayHelp(peer: Peer): void {
    for (const [node, { tried }] of this.#damages) {
      tried.delete(peer);
      this.seek(node);
    }
  }

  /** Asks somebody for the events that are damaged here. */
  seek(node: NodeId): void {
    const { peers, stopping, isAsked, ask } = this.#options;
    const damage = this.#damages.get(node);
    if (!damage || stopping.aborted || isAsked(node)) return;
    const able = [...peers.values()].filter(
      (peer) =>
        !damage.tried.has(peer) &&
        (peer.node === node || (peer.told.get(node)?.seq ?? 0) >= damage.seq),
    );
    const best = able.sort(byPreference(node))[0];
    if (best) ask(best, node, damage.seq);
  }

  /** Puts in the place of what is damaged what a peer has given, whose seal its writer has signed. */
  take(peer: Peer, range: CopiedRange): void {
    const { node, from, seal } = range;
    const count = this.#store.repair(range);
    if (count === 0) {
      this.couldNotHelp(peer, node);
      this.seek(node);
      return;
    }
    const what = `${count} events between ${from} and ${seal.seq}`;
    this.#options.onTrouble({ type: 'log.repaired', node, seq: from, what, from: peer.node });
    void this.check(node, from);
  }

  #damaged(node: NodeId, seq: number, what: string): void {
    if (this.damagedAt(node) !== seq) this.#damages.set(node, { seq, tried: new Set() });
    this.#broken(node, seq, what);
    this.seek(node);
  }

  #broken(node: NodeId, seq: number, what: string): void {
    this.#options.onTrouble({ type: 'log.broken', node, seq, what, from: null });
  }
}
