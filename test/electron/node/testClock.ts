import type { Clock } from '../../../electron/node/clock.ts';

/** A clock that runs with the real one, or `factor` times as fast, and can be put forward. */
export class TestClock implements Clock {
  private readonly factor: number;
  private readonly startMs = Date.now();
  private offsetMs = 0;
  private readonly timers = new Set<{ atMs: number; fire: () => void }>();

  constructor(factor = 1) {
    this.factor = factor;
  }

  nowMs(): number {
    return this.startMs + (Date.now() - this.startMs) * this.factor + this.offsetMs;
  }

  after(delayMs: number, callback: () => void): { cancel(): void } {
    const timer = {
      atMs: this.nowMs() + delayMs,
      fire: () => {
        cancel();
        callback();
      },
    };
    const real = setTimeout(timer.fire, Math.min(2 ** 31 - 1, Math.max(0, delayMs / this.factor)));
    const cancel = () => {
      clearTimeout(real);
      this.timers.delete(timer);
    };
    this.timers.add(timer);
    return { cancel };
  }

  /** Lets time pass at once. */
  forward(ms: number): void {
    this.offsetMs += ms;
    for (const timer of [...this.timers]) if (timer.atMs <= this.nowMs()) timer.fire();
  }
}
