import type { Clock } from '../clock.ts';

/** Wakes once, at the earliest of the times that it was asked for. */
export class Alarm {
  private readonly clock: Clock;
  private readonly ring: () => void;
  private due: { readonly atMs: number; readonly timer: ReturnType<Clock['after']> } | null = null;

  constructor(clock: Clock, ring: () => void) {
    this.clock = clock;
    this.ring = ring;
  }

  in(ms: number): void {
    const nowMs = this.clock.nowMs();
    const atMs = nowMs + ms;
    // One that is past is of a clock that jumped, and may not come for long.
    if (this.due && this.due.atMs <= atMs && this.due.atMs > nowMs) return;
    this.cancel();
    const timer = this.clock.after(ms, () => {
      this.due = null;
      this.ring();
    });
    this.due = { atMs, timer };
  }

  cancel(): void {
    this.due?.timer.cancel();
    this.due = null;
  }
}
