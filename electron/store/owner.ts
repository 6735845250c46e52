import { randomInt } from 'node:crypto';
import type Database from 'better-sqlite3';
import { VigilError } from '../../shared/model/errors.ts';
import { NodeId } from '../../shared/model/ids.ts';

/**
 * The node that the log belongs to; the first to open a new log makes it its own, under a new random id
 * when `wanted` is null. Throws `conflict` when it belongs to another node.
 */
export function claimLog(db: Database.Database, wanted: NodeId | null): NodeId {
  const stored = db.prepare(`SELECT value FROM meta WHERE key = 'node'`).pluck().get();
  if (stored === undefined) {
    const node = wanted ?? newNodeId();
    db.prepare(`INSERT INTO meta (key, value) VALUES ('node', ?)`).run(node);
    return node;
  }
  const node = NodeId.parse(stored);
  if (wanted !== null && wanted !== node) {
    throw new VigilError(
      'conflict',
      `The log in ${db.name} belongs to node ${node}, not to ${wanted}.`,
      'Choose another home with --home: only the node that writes a log may continue it.',
    );
  }
  return node;
}

/** Without the letters and digits that are easily taken for one another. */
const ID_ALPHABET = '23456789abcdefghjkmnpqrstuvwxyz';
/** 31⁶ ≈ 9·10⁸ ids: a collision among one person's machines is out of the question. */
const ID_LENGTH = 6;

function newNodeId(): NodeId {
  const letters = Array.from(
    { length: ID_LENGTH },
    () => ID_ALPHABET[randomInt(ID_ALPHABET.length)],
  );
  return NodeId.parse(`n-${letters.join('')}`);
}
