/** Failures in a row after which a provider is left alone. */
const FAILURES_TO_OPEN = 5;
/** How long it is left alone first; doubled each time that the trial fails too. */
const FIRST_REST_MS = 15_000;
const LONGEST_REST_MS = 5 * 60_000;

/**
 * Circuit breaker of one provider (H6): after several failures in a row it is not asked for a while, then
 * one call tries it. Times are ms of any steady clock.
 */
export class Breaker {
  private failures = 0;
  private restMs = FIRST_REST_MS;
  private openUntilMs: number | null = null;

  /** Whether a call may be tried now; a yes after a rest is given to one call a rest. */
  allows(nowMs: number): boolean {
    if (this.openUntilMs === null) return true;
    if (nowMs < this.openUntilMs) return false;
    this.openUntilMs = nowMs + this.restMs;
    return true;
  }

  succeeded(): void {
    this.failures = 0;
    this.restMs = FIRST_REST_MS;
    this.openUntilMs = null;
  }

  failed(nowMs: number): void {
    this.failures += 1;
    if (this.openUntilMs !== null) this.restMs = Math.min(LONGEST_REST_MS, this.restMs * 2);
    else if (this.failures < FAILURES_TO_OPEN) return;
    this.openUntilMs = nowMs + this.restMs;
  }

  /** When it is tried again, or null when it is in use. */
  get restsUntilMs(): number | null {
    return this.openUntilMs;
  }
}
