import { setImmediate as realImmediate } from 'node:timers';

/** More turns than any moment needs: whoever takes them never comes to rest. */
const MAX_TURNS = 20_000;

/** One run of a node's program: what it has begun ends with it. */
export class Process {
  readonly name: string;
  alive = true;
  /** Since when it does not run, though it is not dead; null while it runs. */
  frozenSinceMs: number | null = null;
  /** Of the time that it was frozen, how much its monotonic clock did not count, ms. */
  sleptMs = 0;
  /** Everything that it does comes later by this, ms. */
  lagMs = 0;
  /** It dies before so many turns of its event loop more have come; null: it does not. */
  diesIn: number | null = null;
  /** What came while it was frozen. */
  readonly backlog: (() => void)[] = [];
  readonly died: () => void;

  constructor(name: string, died: () => void) {
    this.name = name;
    this.died = died;
  }
}

interface Timer {
  readonly atMs: number;
  readonly order: number;
  readonly owner: Process | null;
  readonly act: () => void;
  cancelled: boolean;
}

/**
 * Virtual time. It owns `setImmediate` while it runs: a turn of the event loop belongs to the process that asked
 * for it, so that a crash between two of them takes the second away. Nothing waits for real time.
 */
export class Scheduler {
  nowMs = 0;
  turns = 0;
  /** What a process threw where nobody caught it. */
  readonly uncaught: string[] = [];
  readonly #timers: Timer[] = [];
  readonly #soon: { owner: Process | null; act: () => void }[] = [];
  #order = 0;
  #owner: Process | null = null;

  /** The process whose code runs now; null: the simulation's own. */
  get owner(): Process | null {
    return this.#owner;
  }

  after(delayMs: number, owner: Process | null, act: () => void): { cancel(): void } {
    const timer: Timer = {
      // Whole milliseconds: of a fraction that is lost in rounding nothing would ever be left to wait for.
      atMs: this.nowMs + Math.max(0, Math.ceil(delayMs)) + (owner?.lagMs ?? 0),
      order: (this.#order += 1),
      owner,
      act,
      cancelled: false,
    };
    this.#push(timer);
    return {
      cancel: () => {
        timer.cancelled = true;
      },
    };
  }

  /** Runs as this process, now; what it leads to is of the process too. */
  as<T>(owner: Process | null, act: () => T): T {
    const before = this.#owner;
    this.#owner = owner;
    try {
      return act();
    } finally {
      this.#owner = before;
    }
  }

  /** Lets a frozen process run again: what came meanwhile comes now, in its order. */
  thaw(process: Process, slept: boolean): void {
    if (process.frozenSinceMs === null) return;
    if (slept) process.sleptMs += this.nowMs - process.frozenSinceMs;
    process.frozenSinceMs = null;
    for (const act of process.backlog.splice(0)) this.#soon.push({ owner: process, act });
  }

  /** Runs until virtual time has come to `untilMs`; `step` is called whenever time has moved on. */
  async run(untilMs: number, step: () => void): Promise<void> {
    const before = globalThis.setImmediate;
    const { hrtime } = process;
    const soon = (act: (...args: unknown[]) => void, ...args: unknown[]) => {
      this.#soon.push({ owner: this.#owner, act: () => act(...args) });
    };
    globalThis.setImmediate = soon as unknown as typeof setImmediate;
    // Decisions log how long they took: here they take no time.
    process.hrtime = Object.assign(() => hrtime(), {
      bigint: () => BigInt(this.nowMs) * 1_000_000n,
    });
    try {
      await this.#settle();
      for (;;) {
        const [first] = this.#timers;
        if (!first || first.atMs > untilMs) break;
        this.#pop();
        if (first.cancelled) continue;
        this.nowMs = Math.max(this.nowMs, first.atMs);
        if (await this.#turn(first.owner, first.act)) {
          await this.#settle();
          step();
        }
      }
      this.nowMs = untilMs;
    } finally {
      globalThis.setImmediate = before;
      process.hrtime = hrtime;
    }
  }

  async #settle(): Promise<void> {
    let turns = 0;
    for (let next = this.#soon.shift(); next; next = this.#soon.shift()) {
      const { owner, act } = next;
      turns += 1;
      if (turns > MAX_TURNS) throw new Error(`${owner?.name ?? 'nobody'} never comes to rest`);
      if (owner?.alive && owner.diesIn !== null) {
        owner.diesIn -= 1;
        if (owner.diesIn < 0) owner.died();
      }
      await this.#turn(owner, act);
    }
  }

  async #turn(owner: Process | null, act: () => void): Promise<boolean> {
    if (owner && !owner.alive) return false;
    if (owner && owner.frozenSinceMs !== null) {
      owner.backlog.push(act);
      return false;
    }
    this.turns += 1;
    this.#owner = owner;
    try {
      act();
    } catch (error) {
      this.uncaught.push(
        `${owner?.name ?? 'nobody'}: ${error instanceof Error ? error.stack : String(error)}`,
      );
    }
    // All that promises lead to is of the same process: it comes before the next turn.
    await new Promise<void>((resolve) => realImmediate(resolve));
    this.#owner = null;
    return true;
  }

  #push(timer: Timer): void {
    const heap = this.#timers;
    let at = heap.length;
    heap.push(timer);
    while (at > 0) {
      const up = (at - 1) >> 1;
      const parent = heap[up];
      if (!parent || isBefore(parent, timer)) break;
      heap[at] = parent;
      at = up;
    }
    heap[at] = timer;
  }

  #pop(): void {
    const heap = this.#timers;
    const last = heap.pop();
    if (!last || heap.length === 0) return;
    let at = 0;
    for (;;) {
      const left = 2 * at + 1;
      const [one, other] = [heap[left], heap[left + 1]];
      if (!one) break;
      const child = other && isBefore(other, one) ? left + 1 : left;
      const smaller = heap[child];
      if (!smaller || isBefore(last, smaller)) break;
      heap[at] = smaller;
      at = child;
    }
    heap[at] = last;
  }
}

function isBefore(a: Timer, b: Timer): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
}
