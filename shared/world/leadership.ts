import type { LoggedEvent } from '../model/events.ts';
import type { NodeId } from '../model/ids.ts';

/** Who plans for the nodes that see each other, as this node knows it. */
export interface Leadership {
  readonly self: NodeId;
  /** Null while this node can't tell. */
  readonly leader: NodeId | null;
  /** The highest term heard of; it never goes down. */
  readonly term: number;
  readonly reason: string;
}

/** The leadership after an event; null on a node that is in no mesh: it leads itself. */
export function foldLeadership(
  known: Leadership | null,
  { body, node: self }: LoggedEvent,
): Leadership | null {
  switch (body.type) {
    case 'node.started':
      // What it saw of others does not outlive the process.
      return known && { ...known, leader: null };
    case 'mesh.entered':
      return { self, leader: null, term: 0, reason: 'the mesh was just entered' };
    case 'mesh.left':
      return null;
    case 'leader.changed': {
      // Said while the links ended, after it had left: whoever is in no mesh leads itself.
      if (!known) return null;
      const term = Math.max(known.term, body.term);
      return { self, leader: body.leader, term, reason: body.reason };
    }
    default:
      return known;
  }
}
