/** Time as a parameter: the wall clock is for expiry and for people, nothing else is ordered by it. */
export interface MeshClock {
  /** Wall clock, ms since the epoch. */
  nowMs(): number;
  /** Calls back once after a delay; the handle cancels. */
  after(delayMs: number, callback: () => void): { cancel(): void };
}
