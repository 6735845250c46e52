import { closeSync, ftruncateSync, mkdirSync, openSync, writeSync } from 'node:fs';
import path from 'node:path';

/** How often the last part of an overfull log is brought to disk while output still comes. */
const TAIL_WRITE_MS = 1000;

/** Keeps the last bytes of a stream in bounded memory. */
export class Tail {
  readonly #limit: number;
  #chunks: Buffer[] = [];
  #bytes = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  push(chunk: Buffer): void {
    if (chunk.length === 0) return;
    // A copy: a slice would keep the whole of the stream's buffer alive.
    this.#chunks.push(Buffer.from(chunk.subarray(Math.max(0, chunk.length - this.#limit))));
    this.#bytes += Math.min(chunk.length, this.#limit);
    if (this.#bytes > 2 * this.#limit || this.#chunks.length > 1024) this.#compact();
  }

  bytes(): Buffer {
    this.#compact();
    return this.#chunks[0] ?? Buffer.alloc(0);
  }

  #compact(): void {
    const all = Buffer.concat(this.#chunks);
    const kept =
      all.length > this.#limit ? Buffer.from(all.subarray(all.length - this.#limit)) : all;
    this.#chunks = [kept];
    this.#bytes = kept.length;
  }
}

/**
 * A log file of bounded size: the first half of the bound is written as it comes; of the rest, the last
 * half is kept and a line between says how many bytes are missing. Readable at any time.
 */
export class BoundedLog {
  readonly #half: number;
  readonly #tail: Tail;
  #fd: number | null;
  #headBytes = 0;
  #laterBytes = 0;
  #timer: NodeJS.Timeout | null = null;

  /** @param limit most bytes kept of the output */
  constructor(file: string, limit: number) {
    this.#half = Math.floor(limit / 2);
    this.#tail = new Tail(limit - this.#half);
    mkdirSync(path.dirname(file), { recursive: true });
    this.#fd = openSync(file, 'w', 0o600);
  }

  write(chunk: Buffer): void {
    if (this.#fd === null) return;
    const head = chunk.subarray(0, Math.max(0, this.#half - this.#headBytes));
    const rest = chunk.subarray(head.length);
    this.#attempt((fd) => writeSync(fd, head, 0, head.length, this.#headBytes));
    this.#headBytes += head.length;
    if (rest.length === 0) return;
    this.#tail.push(rest);
    this.#laterBytes += rest.length;
    this.#timer ??= setTimeout(() => {
      this.#timer = null;
      this.#writeTail();
    }, TAIL_WRITE_MS);
  }

  close(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#writeTail();
    if (this.#fd !== null) closeSync(this.#fd);
    this.#fd = null;
  }

  #writeTail(): void {
    if (this.#laterBytes === 0) return;
    const tail = this.#tail.bytes();
    const missing = this.#laterBytes - tail.length;
    const mark =
      missing === 0 ? Buffer.alloc(0) : Buffer.from(`\n[… ${missing} bytes left out …]\n`);
    this.#attempt((fd) => {
      writeSync(fd, Buffer.concat([mark, tail]), 0, mark.length + tail.length, this.#headBytes);
      ftruncateSync(fd, this.#headBytes + mark.length + tail.length);
    });
  }

  /** A log that can't be written (a full disk) must not end the command it describes: logging stops. */
  #attempt(write: (fd: number) => void): void {
    if (this.#fd === null) return;
    try {
      write(this.#fd);
    } catch {
      closeSync(this.#fd);
      this.#fd = null;
    }
  }
}
