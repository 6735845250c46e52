import * as Y from 'yjs';

/**
 * Whether all that an update builds on is here or in it. Yjs would take what it can of one that lacks something,
 * its deletions first: a register would be gone before its next value is there.
 */
export function isWhole(structs: readonly (Y.Item | Y.GC | Y.Skip)[], doc: Y.Doc): boolean {
  const ends = new Map<number, number>();
  const endOf = (client: number): number => ends.get(client) ?? Y.getState(doc.store, client);
  const ordered = structs.filter((struct) => !(struct instanceof Y.Skip));
  ordered.sort((a, b) => a.id.client - b.id.client || a.id.clock - b.id.clock);
  for (const { id, length } of ordered) {
    if (id.clock > endOf(id.client)) return false;
    ends.set(id.client, Math.max(endOf(id.client), id.clock + length));
  }
  return ordered.every(
    (struct) =>
      !(struct instanceof Y.Item) ||
      [struct.origin, struct.rightOrigin].every(
        (neighbour) => !neighbour || neighbour.clock < endOf(neighbour.client),
      ),
  );
}
