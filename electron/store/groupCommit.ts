import type { VigilError } from '../../shared/model/errors.ts';
import { asVigilError } from './sqlite.ts';

/** What commits write. */
interface Work {
  hasPending(): boolean;
  /** Writes what is pending in one transaction. */
  write(): void;
  /** It is on disk. */
  written(): void;
}

interface SharedFlush {
  readonly promise: Promise<void>;
  readonly resolve: () => void;
  readonly reject: (error: VigilError) => void;
}

/** One transaction for all who wait for one within a turn of the event loop; after a failure there are no more. */
export class GroupCommit {
  readonly #path: string;
  readonly #work: Work;
  #flush: SharedFlush | null = null;
  #failure: VigilError | null = null;

  /** `path` is the file that errors name. */
  constructor(path: string, work: Work) {
    this.#path = path;
    this.#work = work;
  }

  /** What a commit failed of. */
  get failure(): VigilError | null {
    return this.#failure;
  }

  /** Resolves when all that is pending is on disk; rejects with what its commit, or one before it, failed of. */
  flush(): Promise<void> {
    if (this.#failure) return Promise.reject(this.#failure);
    if (this.#flush) return this.#flush.promise;
    if (!this.#work.hasPending()) return Promise.resolve();
    const shared: SharedFlush = Promise.withResolvers<void>();
    this.#flush = shared;
    setImmediate(() => {
      // A synchronous write may have taken the batch along and settled the promise.
      if (this.#flush !== shared) return;
      try {
        this.commit();
      } catch {
        // `commit` rejected the shared promise with it.
      }
    });
    return shared.promise;
  }

  /** Writes what is pending now, and settles the flush that waits for it. Throws what that rejects with. */
  commit(): void {
    const shared = this.#flush;
    this.#flush = null;
    try {
      if (this.#work.hasPending()) this.#work.write();
    } catch (error) {
      this.#failure = asVigilError(error, this.#path);
      shared?.reject(this.#failure);
      throw this.#failure;
    }
    shared?.resolve();
    this.#work.written();
  }
}
