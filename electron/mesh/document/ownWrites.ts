import { mergeUpdates } from './mergeUpdates.ts';

/** A change that is to be stored. */
export interface PendingUpdate {
  readonly update: Uint8Array;
  /** To be called once it is durable: then what is of this node is sent, with all that came before it. */
  released(): void;
}

/** Someone who wants what is here from a state vector on. */
interface Asker {
  readonly vector: Uint8Array;
  readonly give: (update: Uint8Array) => void;
}

interface Batch {
  /** Of this node. */
  readonly own: readonly Uint8Array[];
  /** The document as it was when the batch was taken, for those who had asked. */
  readonly answers: readonly Answer[];
}

interface Answer {
  readonly give: (update: Uint8Array) => void;
  readonly update: Uint8Array;
}

/** Keeps what this process wrote from leaving it before it is durable: peers would know what a crash takes back. */
export class OwnWrites {
  /** Everything that is not stored yet, own and received. */
  #unstored: Uint8Array[] = [];
  #own: Uint8Array[] = [];
  #askers: Asker[] = [];
  /** Taken and not yet durable, oldest first. */
  #storing: Batch[] = [];
  readonly #listeners = new Set<(update: Uint8Array) => void>();
  readonly #encode: (vector: Uint8Array) => Uint8Array;

  /** `encode` gives what the document has beyond a state vector. */
  constructor(encode: (vector: Uint8Array) => Uint8Array) {
    this.#encode = encode;
  }

  add(update: Uint8Array, own: boolean): void {
    this.#unstored.push(update);
    if (own) this.#own.push(update);
  }

  get unreleased(): boolean {
    return this.#own.length > 0 || this.#storing.some(({ own }) => own.length > 0);
  }

  /** Answers at once, or with what is there when the next batch is taken, as soon as that is durable. */
  ask(vector: Uint8Array, give: (update: Uint8Array) => void): void {
    if (this.unreleased) this.#askers.push({ vector, give });
    else give(this.#encode(vector));
  }

  onReleased(listener: (update: Uint8Array) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  take(): PendingUpdate | null {
    if (this.#unstored.length === 0) return null;
    const update = mergeUpdates(this.#unstored);
    const batch: Batch = { own: this.#own, answers: this.#answers() };
    this.#unstored = [];
    this.#own = [];
    this.#storing.push(batch);
    return { update, released: () => this.#release(batch) };
  }

  #release(batch: Batch): void {
    // One that was taken later and is durable vouches for those before it: they are stored in order.
    const done = this.#storing.splice(0, this.#storing.indexOf(batch) + 1);
    const own = done.flatMap((each) => each.own);
    if (own.length > 0) {
      const update = mergeUpdates(own);
      for (const listener of this.#listeners) listener(update);
    }
    const answers = done.flatMap((each) => each.answers);
    // No batch may follow soon, so whoever asked since then is not kept waiting for one.
    if (!this.unreleased) answers.push(...this.#answers());
    for (const { give, update } of answers) give(update);
  }

  #answers(): Answer[] {
    const askers = this.#askers;
    this.#askers = [];
    return askers.map(({ vector, give }) => ({ give, update: this.#encode(vector) }));
  }
}
