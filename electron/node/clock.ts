/** Time as a parameter, so that a simulator can replace it. */
export interface Clock {
  /** Wall clock, ms since the epoch. */
  nowMs(): number;
  /** Calls back once after a delay; the handle cancels. */
  after(delayMs: number, callback: () => void): { cancel(): void };
}

/** Node's timers wrap around above this. */
const LONGEST_DELAY_MS = 2 ** 31 - 1;

export const systemClock: Clock = {
  nowMs: () => Date.now(),
  after(delayMs, callback) {
    const timer = setTimeout(callback, Math.min(LONGEST_DELAY_MS, Math.max(0, delayMs)));
    return { cancel: () => clearTimeout(timer) };
  },
};
