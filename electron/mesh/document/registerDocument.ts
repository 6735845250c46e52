import * as Y from 'yjs';
import { messageOf, VigilError } from '../../../shared/model/errors.ts';
import type { NodeId } from '../../../shared/model/ids.ts';
import type { Register, Stamp } from '../../../shared/model/register.ts';
import { checkUpdate, refuse } from './checkUpdate.ts';
import { isWhole } from './isWhole.ts';
import { OwnWrites } from './ownWrites.ts';
import type { PendingUpdate } from './ownWrites.ts';
import { bytesOf, RegisterIndex, registerOf } from './registerIndex.ts';
import type { DocumentTrouble } from './registerIndex.ts';
import { encodeRegister } from './storedRegister.ts';
import type { RegisterKey } from './storedRegister.ts';

/** Deletions that arrived before what they delete, bytes: what is beyond is forgotten, and comes again with a sync. */
const MAX_PENDING_BYTES = 1024 * 1024;

export interface RegisterDocumentOptions {
  /** Who writes here. */
  readonly node: NodeId;
  /** What `encode` or `pending` gave in earlier runs, in order. */
  readonly updates?: readonly Uint8Array[];
  /** Whose registers count, e.g. not those that a revoked node wrote after its cut; all when not given. */
  readonly accepts?: (register: RegisterKey) => boolean;
  /** Told of what readers pass over: oversized, not JSON, a name that no register may have. */
  readonly onTrouble?: (trouble: DocumentTrouble) => void;
  /** The id that this process writes by; a new random one when not given. Only a seeded simulation gives it. */
  readonly clientId?: number;
}

/** What a transaction is to write. */
interface Staged {
  /** By entity and name. */
  readonly puts: Map<string, { entity: string; name: string; bytes: Uint8Array }>;
  readonly removed: Set<string>;
}

/** What applying an update did. */
export interface Applied {
  /** What of it was new, for others that lack it; null when nothing was. */
  readonly news: Uint8Array | null;
  /** It builds on what is not here, and nothing of it was applied: all that is missing has to be asked for. */
  readonly gap: boolean;
}

/**
 * The replicated registers (docs/decisions/010-replicated-document.md): one list for each node that only
 * it adds to, of JSON texts, each one register. A new value deletes the one before it; an entity that has
 * ended is deleted from all lists. What a process wrote is sent on only once it is durable (`pending`),
 * and each process writes under an id of its own, so that a crash can't bring two meanings of one write.
 */
export class RegisterDocument {
  readonly node: NodeId;
  readonly #doc = new Y.Doc();
  readonly #index = new RegisterIndex();
  readonly #own = new OwnWrites((vector) => Y.encodeStateAsUpdate(this.#doc, vector));
  readonly #accepts: (register: RegisterKey) => boolean;
  readonly #onTrouble: (trouble: DocumentTrouble) => void;
  readonly #listeners = new Set<(entities: ReadonlySet<string>) => void>();
  readonly #writes = new Set<() => void>();
  #staged: Staged | null = null;
  /** By updates from elsewhere, until it is told. */
  #touched = new Set<string>();
  #troubles: DocumentTrouble[] = [];
  #news: Uint8Array | null = null;

  /** Throws `store-corrupt` when the updates are not what a document gave. */
  constructor(options: RegisterDocumentOptions) {
    this.node = options.node;
    this.#accepts = options.accepts ?? (() => true);
    this.#onTrouble = options.onTrouble ?? (() => undefined);
    if (options.clientId !== undefined) this.#doc.clientID = options.clientId;
    this.#doc.on('afterTransaction', (transaction) => {
      const { touched, troubles } = this.#index.follow(transaction);
      if (transaction.local) return;
      for (const entity of touched) this.#touched.add(entity);
      this.#troubles.push(...troubles);
    });
    this.#load(options.updates ?? []);
    this.#doc.on('update', (update: Uint8Array, _origin, _doc, { local }) => {
      this.#own.add(update, local);
      if (!local) this.#news = update;
      for (const written of this.#writes) written();
    });
  }

  /** Runs `write`; all that it puts and removes is one change to everyone, or none when it throws. */
  transact(write: () => void): void {
    if (this.#staged) {
      write();
      return;
    }
    const staged: Staged = (this.#staged = { puts: new Map(), removed: new Set() });
    try {
      write();
    } finally {
      this.#staged = null;
    }
    this.#write(staged);
  }

  /**
   * Writes a register of this node; the last put of a transaction counts, and one that changes nothing
   * writes nothing. Throws `invalid-input` for a name that can't be, `too-large`.
   */
  put(
    entity: string,
    name: string,
    { seq, clock }: Pick<Stamp, 'seq' | 'clock'>,
    value: unknown,
  ): void {
    const stamp = { node: this.node, seq, clock };
    const bytes = encodeRegister({ entity, name, stamp, value });
    this.transact(() => this.#staged?.puts.set(`${entity} ${name}`, { entity, name, bytes }));
  }

  /** Takes an entity out, whoever wrote its registers. What another node puts later brings it back: remove it again. */
  remove(entity: string): void {
    this.transact(() => {
      this.#staged?.removed.add(entity);
      for (const [key, put] of this.#staged?.puts ?? []) {
        if (put.entity === entity) this.#staged?.puts.delete(key);
      }
    });
  }

  /** The newest register of each name and writer that counts; by name, then writer. Without what a running transaction puts. */
  read(entity: string): Register[] {
    return this.#index.newest(entity, this.#accepts).flatMap(registerOf);
  }

  /**
   * All registers of an entity that count, in no order, also where a newer one of the same name and writer is there:
   * a member can put one in another's list that its writer did not sign, and must not hide by it what is signed.
   */
  readAll(entity: string): Register[] {
    return [...this.#index.of(entity)].filter((entry) => this.#accepts(entry)).flatMap(registerOf);
  }

  /** The entities, with a prefix such as `task/`, of which some register counts; in no order. */
  entities(prefix = ''): string[] {
    return [...this.#index.entities()].filter(
      (entity) =>
        entity.startsWith(prefix) &&
        [...this.#index.of(entity)].some((entry) => this.#accepts(entry)),
    );
  }

  /** Calls back with the entities that an update from elsewhere touched, those removed included. Returns how to stop. */
  onChange(listener: (entities: ReadonlySet<string>) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Calls back after every change, own or not. Returns how to stop. */
  onWrite(listener: () => void): () => void {
    this.#writes.add(listener);
    return () => this.#writes.delete(listener);
  }

  /**
   * What is new since the last call, own and received, to be stored in the transaction of the events that
   * it came with; null when nothing is. Its `released` is called once it is durable, and sends own writes on.
   */
  pending(): PendingUpdate | null {
    return this.#own.take();
  }

  /** Calls back with own writes that have become durable, as one update. Returns how to stop. */
  onReleased(listener: (update: Uint8Array) => void): () => void {
    return this.#own.onReleased(listener);
  }

  /** Whether something of this node has been written that is not durable yet. */
  get unreleased(): boolean {
    return this.#own.unreleased;
  }

  /** Gives what someone with this state vector lacks: at once, or when all that is in it is durable. Throws for a vector that is none. */
  answer(vector: Uint8Array, give: (update: Uint8Array) => void): void {
    try {
      Y.decodeStateVector(vector);
    } catch (error) {
      throw new VigilError(
        'invalid-input',
        `A state vector was refused: ${messageOf(error)}.`,
        'The peer may run another version of Vigil.',
      );
    }
    this.#own.ask(vector, give);
  }

  /** What is here, as `answer` of others wants it. */
  vector(): Uint8Array {
    return Y.encodeStateVector(this.#doc);
  }

  /** Inserted and deleted, of which two documents that are alike have the same. */
  snapshot(): Y.Snapshot {
    return Y.snapshot(this.#doc);
  }

  /** The whole document, without what deleted content once said; for `updates` of a later run. */
  encode(): Uint8Array {
    return Y.encodeStateAsUpdate(this.#doc);
  }

  /**
   * Applies an update from elsewhere, and calls `onChange` once if it changed anything that is read.
   * Throws `invalid-input` for one that no Vigil writes; then nothing of it is applied.
   */
  apply(update: Uint8Array): Applied {
    if (!isWhole(checkUpdate(update, this.#doc), this.#doc)) return { news: null, gap: true };
    this.#news = null;
    try {
      Y.applyUpdate(this.#doc, update);
    } catch (error) {
      refuse(`it can't be applied (${messageOf(error)})`, error);
    } finally {
      this.#forgetIncomplete();
      this.#tell();
    }
    return { news: this.#news, gap: false };
  }

  #load(updates: readonly Uint8Array[]): void {
    if (updates.length === 0) return;
    try {
      const apply = (): void => {
        for (const update of updates) {
          checkUpdate(update, this.#doc);
          Y.applyUpdate(this.#doc, update);
        }
      };
      Y.transact(this.#doc, apply, null, false);
    } catch (error) {
      throw new VigilError(
        'store-corrupt',
        `The stored document of the mesh can't be read: ${messageOf(error)}`,
        'Restore the home from a backup, or move it away and join again: the other nodes have the document.',
        { cause: error },
      );
    }
    this.#tell();
  }

  #write({ puts, removed }: Staged): void {
    const replaced: Y.Item[] = [];
    const added: Uint8Array[] = [];
    for (const entity of removed) {
      for (const { item } of this.#index.of(entity)) replaced.push(item);
    }
    for (const { entity, name, bytes } of puts.values()) {
      const before = [...this.#index.of(entity)]
        .filter((entry) => entry.name === name && entry.stamp.node === this.node)
        .map(({ item }) => item);
      const [only, ...more] = before;
      const same = only !== undefined && more.length === 0 && equalBytes(bytesOf(only), bytes);
      if (same && !removed.has(entity)) continue;
      replaced.push(...before);
      added.push(bytes);
    }
    if (replaced.length === 0 && added.length === 0) return;
    this.#doc.transact((transaction) => {
      for (const item of replaced) item.delete(transaction);
      append(transaction, this.#doc.getArray<Uint8Array>(this.node), added);
    });
  }

  /** What Yjs would keep in memory for ever. */
  #forgetIncomplete(): void {
    const { store } = this.#doc;
    store.pendingStructs = null;
    if ((store.pendingDs?.byteLength ?? 0) > MAX_PENDING_BYTES) store.pendingDs = null;
  }

  #tell(): void {
    const [troubles, touched] = [this.#troubles, this.#touched];
    this.#troubles = [];
    this.#touched = new Set();
    for (const trouble of troubles) this.#onTrouble(trouble);
    if (touched.size > 0) for (const listener of this.#listeners) listener(touched);
  }
}

/**
 * Adds at the very end of the list that this process writes, so that neighbours that are deleted merge into one.
 * `push` looks for that end by walking over the list, as direct deletions leave it without its search markers.
 */
function append(
  transaction: Y.Transaction,
  list: Y.Array<Uint8Array>,
  added: readonly Uint8Array[],
): void {
  const { store, clientID } = transaction.doc;
  const written = Y.getState(store, clientID);
  if (written === 0) return list.push([...added]);
  let last = Y.getItem(store, Y.createID(clientID, written - 1));
  while (last.right) last = last.right;
  for (const [at, bytes] of added.entries()) {
    const id = Y.createID(clientID, written + at);
    const content = new Y.ContentBinary(bytes);
    const item = new Y.Item(id, last, last.lastId, null, null, list, null, content);
    item.integrate(transaction, 0);
    last = item;
  }
}

function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.byteLength === b.byteLength && a.every((byte, at) => byte === b[at]);
}
