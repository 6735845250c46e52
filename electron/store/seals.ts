import type { NodeId } from '../../shared/model/ids.ts';
import type { Statements } from './sqlite.ts';

/** What lies between two seals at most, as far as their writer's batches allow: a range can end at each. */
const STRETCH_EVENTS = 1_000;
const STRETCH_BYTES = 256 * 1024;

export interface StoredSeal {
  readonly seq: number;
  /** Of the events between the seal before and this one. */
  readonly bytes: number;
  readonly signature: Uint8Array;
}

/** Two different histories of one log, both signed by its writer. */
export interface Fork {
  readonly seq: number;
  readonly what: string;
}

/** The logs copied from other nodes: their writers' signatures, and whether one is forked. */
export class SealTable {
  readonly #statements: Statements;

  constructor(statements: Statements) {
    this.#statements = statements;
  }

  /** Nodes of which something was copied, ever. */
  nodes(): NodeId[] {
    return this.#statements
      .get<{ node: NodeId }>('SELECT node FROM logs ORDER BY node')
      .all()
      .map(({ node }) => node);
  }

  /** Notes that there is something of this node's log here. */
  know(node: NodeId): void {
    this.#statements.get('INSERT OR IGNORE INTO logs (node) VALUES (?)').run(node);
  }

  /** Adds a seal after the others of its log, and drops the one before it where what lies between stays small. */
  add(node: NodeId, seal: StoredSeal): void {
    const [last, before] = this.#statements
      .get<StoredSeal>(
        'SELECT seq, bytes, signature FROM seals WHERE node = ? ORDER BY seq DESC LIMIT 2',
      )
      .all(node);
    let { bytes } = seal;
    if (last && last.bytes + bytes <= STRETCH_BYTES && spans(before, seal) <= STRETCH_EVENTS) {
      this.#statements.get('DELETE FROM seals WHERE node = ? AND seq = ?').run(node, last.seq);
      bytes += last.bytes;
    }
    this.#statements
      .get('INSERT OR REPLACE INTO seals (node, seq, bytes, signature) VALUES (?, ?, ?, ?)')
      .run(node, seal.seq, bytes, seal.signature);
  }

  /** The newest seal of a log. */
  last(node: NodeId): StoredSeal | null {
    return (
      this.#statements
        .get<StoredSeal>(
          'SELECT seq, bytes, signature FROM seals WHERE node = ? ORDER BY seq DESC LIMIT 1',
        )
        .get(node) ?? null
    );
  }

  /** The seal that a range from `from` ends at: the furthest within `maxBytes`, or else the first. */
  endOf(node: NodeId, from: number, maxBytes: number): StoredSeal | null {
    let end: StoredSeal | null = null;
    let bytes = 0;
    const seals = this.#statements.get<StoredSeal>(
      'SELECT seq, bytes, signature FROM seals WHERE node = ? AND seq >= ? ORDER BY seq',
    );
    for (const seal of seals.iterate(node, from)) {
      bytes += seal.bytes;
      if (end && bytes > maxBytes) break;
      end = seal;
    }
    return end;
  }

  /** Notes a fork for good; of several the earliest counts. */
  freeze(node: NodeId, fork: Fork): void {
    this.know(node);
    this.#statements
      .get(
        'UPDATE logs SET fork_seq = ?, fork = ? WHERE node = ? AND (fork_seq IS NULL OR fork_seq > ?)',
      )
      .run(fork.seq, fork.what, node, fork.seq);
  }

  forks(): Map<NodeId, Fork> {
    const rows = this.#statements
      .get<Fork & { node: NodeId }>(
        'SELECT node, fork_seq AS seq, fork AS what FROM logs WHERE fork_seq IS NOT NULL',
      )
      .all();
    return new Map(rows.map(({ node, seq, what }) => [node, { seq, what }]));
  }
}

function spans(before: StoredSeal | undefined, seal: StoredSeal): number {
  return seal.seq - (before?.seq ?? 0);
}
