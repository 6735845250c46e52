import type { EventStore } from '../../store/store.ts';
import type { RegisterDocument } from './registerDocument.ts';

/** Rows after which the stored updates are merged into one: a start reads them all. */
const MAX_ROWS = 1_000;
/** Bytes of stored updates, beyond which they are merged as soon as they have doubled. */
const MAX_BYTES = 1024 * 1024;

/** Puts a document's changes into its node's store, and keeps what is stored about as small as what is alive. */
export class DocumentStage {
  readonly #document: RegisterDocument;
  readonly #store: EventStore;
  #mergedBytes: number;

  constructor(document: RegisterDocument, store: EventStore) {
    this.#document = document;
    this.#store = store;
    this.#mergedBytes = store.documentSize.bytes;
  }

  /**
   * Adds what is new to the store's next transaction, that of the events recorded until now. What it
   * returns has to be called when the `flush` that follows has resolved; null when nothing is new.
   */
  put(): (() => void) | null {
    const pending = this.#document.pending();
    if (!pending) return null;
    this.#store.appendToDocument(pending.update);
    const { rows, bytes } = this.#store.documentSize;
    if (rows > MAX_ROWS || bytes > Math.max(MAX_BYTES, 2 * this.#mergedBytes)) {
      const state = this.#document.encode();
      this.#mergedBytes = state.byteLength;
      this.#store.replaceDocument(state);
    }
    return () => pending.released();
  }
}
