import * as Y from 'yjs';
import { NodeId } from '../../../shared/model/ids.ts';
import { compareStamps } from '../../../shared/model/register.ts';
import type { Register } from '../../../shared/model/register.ts';
import { decodeRegister } from './storedRegister.ts';
import type { RegisterKey } from './storedRegister.ts';

/** A register of the document and the item that holds it; its value is parsed when it is read. */
export interface Entry extends RegisterKey {
  readonly item: Y.Item;
}

/** Something in the document that readers pass over, in words. */
export interface DocumentTrouble {
  readonly writer: NodeId;
  readonly reason: string;
}

/** Finds registers by entity, and follows the document transaction by transaction. */
export class RegisterIndex {
  readonly #byEntity = new Map<string, Set<Entry>>();
  /** By the ids of their items: client, then clock. */
  readonly #byId = new Map<number, Map<number, Entry>>();
  readonly #writers = new Map<unknown, NodeId>();

  /** Takes in what a transaction inserted and deleted. Tells the entities touched, and what was passed over. */
  follow(transaction: Y.Transaction): { touched: Set<string>; troubles: DocumentTrouble[] } {
    const touched = new Set<string>();
    const troubles: DocumentTrouble[] = [];
    for (const item of inserted(transaction)) {
      const entry = this.#toEntry(item);
      if ('reason' in entry) {
        troubles.push(entry);
        continue;
      }
      this.#add(entry);
      touched.add(entry.entity);
    }
    for (const [client, ranges] of transaction.deleteSet.clients) {
      const entries = this.#byId.get(client);
      if (!entries) continue;
      for (const range of ranges) {
        for (const entry of within(entries, range)) {
          this.#drop(entry);
          touched.add(entry.entity);
        }
      }
    }
    return { touched, troubles };
  }

  entities(): Iterable<string> {
    return this.#byEntity.keys();
  }

  /** All that is there of an entity, also what a newer write of the same writer has replaced. */
  of(entity: string): Iterable<Entry> {
    return this.#byEntity.get(entity) ?? [];
  }

  /** The newest of each register and writer that a reader accepts; by name, then by writer. */
  newest(entity: string, accepts: (register: RegisterKey) => boolean): Entry[] {
    const newest = new Map<string, Entry>();
    for (const entry of this.of(entity)) {
      if (!accepts(entry)) continue;
      const key = `${entry.name}/${entry.stamp.node}`;
      const other = newest.get(key);
      if (!other || isNewer(entry, other)) newest.set(key, entry);
    }
    return [...newest.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, entry]) => entry);
  }

  #toEntry(item: Y.Item): Entry | DocumentTrouble {
    const writer = this.#writerOf(item);
    const register = decodeRegister(writer, bytesOf(item));
    if (typeof register === 'string') return { writer, reason: register };
    const { entity, name, stamp } = register;
    return { entity, name, stamp, item };
  }

  /** The list that an item is in is named for the node that writes it. */
  #writerOf({ parent }: Y.Item): NodeId {
    let writer = this.#writers.get(parent);
    if (writer === undefined) {
      if (!(parent instanceof Y.AbstractType)) throw new Error('an item outside of all lists');
      writer = NodeId.parse(Y.findRootTypeKey(parent));
      this.#writers.set(parent, writer);
    }
    return writer;
  }

  #add(entry: Entry): void {
    const { client, clock } = entry.item.id;
    const entries = this.#byId.get(client) ?? new Map<number, Entry>();
    this.#byId.set(client, entries.set(clock, entry));
    const siblings = this.#byEntity.get(entry.entity) ?? new Set<Entry>();
    this.#byEntity.set(entry.entity, siblings.add(entry));
  }

  #drop(entry: Entry): void {
    const { client, clock } = entry.item.id;
    const entries = this.#byId.get(client);
    entries?.delete(clock);
    if (entries?.size === 0) this.#byId.delete(client);
    const siblings = this.#byEntity.get(entry.entity);
    siblings?.delete(entry);
    if (siblings?.size === 0) this.#byEntity.delete(entry.entity);
  }
}

/** The register in an item that has been indexed, and so is one. */
export function registerOf({ stamp, item }: Entry): Register[] {
  const register = decodeRegister(stamp.node, bytesOf(item));
  return typeof register === 'string' ? [] : [register];
}

/** The bytes in an item of the document, none in one that is deleted. */
export function bytesOf({ content }: Y.Item): Uint8Array {
  return content instanceof Y.ContentBinary ? content.content : new Uint8Array();
}

function isNewer(entry: Entry, other: Entry): boolean {
  const order =
    entry.stamp.seq - other.stamp.seq ||
    compareStamps(entry.stamp, other.stamp) ||
    // Two processes wrote the same event's register, as after a copy of a home: any order, the same everywhere.
    entry.item.id.client - other.item.id.client ||
    entry.item.id.clock - other.item.id.clock;
  return order > 0;
}

function* inserted({ doc, beforeState, afterState }: Y.Transaction): Generator<Y.Item> {
  for (const [client, after] of afterState) {
    const before = beforeState.get(client) ?? 0;
    const structs = doc.store.clients.get(client);
    if (after <= before || !structs) continue;
    for (let at = Y.findIndexSS(structs, before); at < structs.length; at += 1) {
      const struct = structs[at];
      if (struct instanceof Y.Item && !struct.deleted) yield struct;
    }
  }
}

/** Entries in a range of clocks; a range may be wider than the index, so the smaller of the two is walked. */
function within(
  entries: ReadonlyMap<number, Entry>,
  { clock, len }: { readonly clock: number; readonly len: number },
): Entry[] {
  if (len > entries.size) {
    return [...entries.values()].filter(
      ({ item }) => item.id.clock >= clock && item.id.clock < clock + len,
    );
  }
  return Array.from({ length: len }, (_, offset) => entries.get(clock + offset)).filter(
    (entry) => entry !== undefined,
  );
}
