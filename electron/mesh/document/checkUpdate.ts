import * as Y from 'yjs';
import { messageOf, VigilError } from '../../../shared/model/errors.ts';
import { NodeId } from '../../../shared/model/ids.ts';

/**
 * Reads an update to its end and refuses what no Vigil writes, before any of it is applied: Yjs applies
 * as it reads, so an update that is broken in its middle would otherwise be half there. What may be in it
 * are byte values in lists named for nodes, their deletions, and nothing under the id that this process
 * writes by. Returns what it adds. Throws `invalid-input`.
 */
export function checkUpdate(
  update: Uint8Array,
  doc: Y.Doc,
): ReturnType<typeof Y.decodeUpdate>['structs'] {
  const own = Y.getState(doc.store, doc.clientID);
  const { structs, ds } = decode(update);
  for (const struct of structs) {
    if (struct.length < 1) refuse('an item without length');
    if (!Number.isSafeInteger(struct.id.clock + struct.length)) refuse('a clock out of range');
    if (struct instanceof Y.Item) checkItem(struct);
    if (isBeyond(struct.id.client, struct.id.clock + struct.length)) refuse('writes as this node');
  }
  for (const [client, ranges] of ds.clients) {
    for (const { clock, len } of ranges) {
      if (len < 1 || !Number.isSafeInteger(clock + len)) refuse('a deletion out of range');
      if (isBeyond(client, clock + len)) refuse('deletes what this node has yet to write');
    }
  }
  return structs;

  function isBeyond(client: number, end: number): boolean {
    return client === doc.clientID && end > own;
  }
}

function decode(update: Uint8Array): ReturnType<typeof Y.decodeUpdate> {
  try {
    return Y.decodeUpdate(update);
  } catch (error) {
    return refuse(`not an update (${messageOf(error)})`, error);
  }
}

function checkItem(item: Y.Item): void {
  const { content, parentSub, origin, rightOrigin, id } = item;
  for (const neighbour of [origin, rightOrigin]) {
    if (neighbour?.client === id.client && neighbour.clock >= id.clock)
      refuse('an item that follows on itself');
  }
  if (!(content instanceof Y.ContentBinary) && !(content instanceof Y.ContentDeleted)) {
    refuse(`a ${content.constructor.name} where registers are bytes`);
  }
  // As decoded, and against its declared type, the parent of an item in a root list is that list's name.
  const parent: unknown = item.parent;
  if (parentSub !== null || (parent !== null && !NodeId.safeParse(parent).success)) {
    refuse('an item that is not in the list of a node');
  }
}

/** Throws `invalid-input`: the update is not applied, or only up to `what` came to light. */
export function refuse(what: string, cause?: unknown): never {
  throw new VigilError(
    'invalid-input',
    `An update of the replicated document was refused: ${what}.`,
    'The peer may run another version of Vigil, or be hostile: compare `vigil nodes`, and revoke it if you do not trust it.',
    { cause },
  );
}
