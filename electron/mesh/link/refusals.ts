import type { MeshClock } from '../clock.ts';

/** Somebody was turned away. */
export interface Refusal {
  readonly address: string;
  readonly reason: string;
  /** How often since the last report about this address. */
  readonly count: number;
}

/** A port scan is one line a minute, not a thousand. */
const REPORT_EVERY_MS = 60_000;
/** Beyond this many addresses at once the rest is counted together. */
const MAX_ADDRESSES = 256;
const OTHERS = 'other addresses';

/** Counts who was turned away: the first of an address is reported at once, the rest once a minute. */
export class Refusals {
  private readonly clock: MeshClock;
  private readonly report: (refusal: Refusal) => void;
  private readonly waiting = new Map<
    string,
    { count: number; reason: string; cancel: () => void }
  >();
  private counted = 0;

  constructor(clock: MeshClock, report: (refusal: Refusal) => void) {
    this.clock = clock;
    this.report = report;
  }

  /** All that were turned away since the start. */
  get total(): number {
    return this.counted;
  }

  add(from: string, reason: string): void {
    this.counted += 1;
    const address = this.waiting.has(from) || this.waiting.size < MAX_ADDRESSES ? from : OTHERS;
    const known = this.waiting.get(address);
    if (known) {
      known.count += 1;
      known.reason = reason;
      return;
    }
    this.watch(address);
    this.report({ address, reason, count: 1 });
  }

  stop(): void {
    for (const { cancel } of this.waiting.values()) cancel();
    this.waiting.clear();
  }

  private watch(address: string): void {
    const timer = this.clock.after(REPORT_EVERY_MS, () => {
      const { count = 0, reason = '' } = this.waiting.get(address) ?? {};
      this.waiting.delete(address);
      if (count === 0) return;
      this.watch(address);
      this.report({ address, reason, count });
    });
    this.waiting.set(address, { count: 0, reason: '', cancel: () => timer.cancel() });
  }
}
