/** Time that only passes: no clock of one machine is ever compared with that of another. */
export interface MonotonicClock {
  /** Since some moment of this process, ms; does not jump when the wall clock is set. */
  monotonicMs(): number;
  /** Calls back once after a delay; the handle cancels. */
  after(delayMs: number, callback: () => void): { cancel(): void };
}
