/** The clocks of a machine at one moment, ms. */
export interface Clocks {
  /** Time of day; a person or a server may set it. */
  readonly wallMs: number;
  /** Never set; stands still while Linux is suspended, and goes on while macOS is. */
  readonly monotonicMs: number;
  /** Never set, and goes on while the machine is suspended; null where it can't be read. */
  readonly bootMs: number | null;
}

/** What happened between two looks at the clocks beside the time that was to pass; each 0 when it did not. */
export interface Gap {
  /** The machine was suspended for so long. */
  readonly sleptMs: number;
  /** The clock was set by so much, forwards or backwards. */
  readonly steppedMs: number;
  /** It did not get to look for so long although it may have been awake: overload, SIGSTOP, or an unseen suspend. */
  readonly stalledMs: number;
}

/** Less is the looseness of timers, and of clocks that are read one after the other. */
const LEAST_GAP_MS = 2_000;
/** A timer that is later than this on a machine that is merely busy has not been seen. */
const LEAST_STALL_MS = 5_000;

/**
 * Tells suspend, a clock that was set, and a process that was held apart, from the clocks before and
 * after a pause that was to last `expectedMs`. Where a clock runs through suspend (Linux: boottime)
 * nothing is guessed. `wokeAtMs`: when the system says that it last woke (macOS).
 */
export function classifyGap(
  before: Clocks,
  after: Clocks,
  expectedMs: number,
  wokeAtMs: number | null = null,
): Gap {
  const wall = after.wallMs - before.wallMs;
  const monotonic = after.monotonicMs - before.monotonicMs;
  const boot =
    before.bootMs === null || after.bootMs === null ? null : after.bootMs - before.bootMs;
  const lateMs = monotonic - expectedMs;
  if (boot !== null) {
    return {
      sleptMs: Math.max(0, atLeast(LEAST_GAP_MS, boot - monotonic)),
      steppedMs: atLeast(LEAST_GAP_MS, wall - boot),
      stalledMs: Math.max(0, atLeast(LEAST_STALL_MS, lateMs)),
    };
  }
  const late = Math.max(0, atLeast(LEAST_STALL_MS, lateMs));
  const steppedMs = atLeast(LEAST_GAP_MS, wall - monotonic);
  // Its wake time is of the wall clock, so it must lie between the two looks.
  const slept =
    late > 0 && wokeAtMs !== null && wokeAtMs > before.wallMs && wokeAtMs <= after.wallMs;
  return { sleptMs: slept ? late : 0, steppedMs, stalledMs: slept ? 0 : late };
}

function atLeast(leastMs: number, ms: number): number {
  return Math.abs(ms) < leastMs ? 0 : ms;
}
