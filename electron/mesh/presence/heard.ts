import type { NodeId } from '../../../shared/model/ids.ts';
import type { Heartbeat, NodePresence } from '../../../shared/model/presence.ts';

/** What is known of a peer that is there. Times are this process's own, never the peer's. */
export interface PeerState {
  readonly presence: NodePresence;
  /** When it was last heard of, monotonic ms. */
  readonly heardMs: number;
  /** When this presence arrived, monotonic ms: its uptime goes on from there. */
  readonly arrivedMs: number;
}

interface Heard {
  boot: number;
  n: number;
  heardMs: number;
  presence: NodePresence | null;
  arrivedMs: number;
}

/** Everything that was heard of others, and which message of each is the newest. */
export class HeardNodes {
  readonly #nodes = new Map<NodeId, Heard>();

  /**
   * Takes note of a sign of life; false for one that is older than what is known. `direct` when it came
   * over the node's own link: then its start counts, whatever others said.
   */
  hear({ node, boot, n }: Heartbeat, direct: boolean, nowMs: number): boolean {
    const known = this.#nodes.get(node);
    if (!known || (boot !== known.boot && (direct || boot > known.boot))) {
      this.#nodes.set(node, { boot, n, heardMs: nowMs, presence: null, arrivedMs: nowMs });
      return true;
    }
    if (boot !== known.boot || n <= known.n) return false;
    known.n = n;
    known.heardMs = nowMs;
    return true;
  }

  /** Keeps a presence unless a newer one of the same start is known. */
  learn(presence: NodePresence, nowMs: number): boolean {
    const known = this.#nodes.get(presence.node);
    if (known?.boot !== presence.boot) return false;
    if (known.presence && known.presence.n >= presence.n) return false;
    known.presence = presence;
    known.arrivedMs = nowMs;
    return true;
  }

  presence(node: NodeId): NodePresence | null {
    return this.#nodes.get(node)?.presence ?? null;
  }

  /** Those heard since a moment of whom it is known what they are. */
  since(ms: number): Map<NodeId, PeerState> {
    const heard = new Map<NodeId, PeerState>();
    for (const [node, { presence, heardMs, arrivedMs }] of this.#nodes) {
      if (presence && heardMs >= ms) heard.set(node, { presence, heardMs, arrivedMs });
    }
    return heard;
  }

  /** It was lost: what it said before does not tell what it is when it comes back. */
  forget(node: NodeId): void {
    const known = this.#nodes.get(node);
    if (known) known.presence = null;
  }

  /** This process did not run for so long and could not hear anyone: that is nobody's silence. */
  excuse(ms: number): void {
    for (const known of this.#nodes.values()) known.heardMs += ms;
  }
}
