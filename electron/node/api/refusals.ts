/** Why a request was not answered. */
export type RefusalReason = 'host' | 'origin' | 'token';

export interface Refusal {
  readonly reason: RefusalReason;
  readonly host: string;
  readonly origin: string;
  /** Requests refused for this reason since the last word on it. */
  readonly count: number;
}

/** A page that tries in a loop is worth one line of the log in so long, ms. */
const QUIET_MS = 60 * 60_000;
/** What a stranger sends is kept up to here, characters. */
const MAX_CHARS = 200;

/** Tells of refused requests: the first of each kind at once, then their number at most once an hour. */
export class Refusals {
  private readonly tell: (refusal: Refusal) => void;
  private readonly nowMs: () => number;
  private readonly kinds = new Map<RefusalReason, { toldMs: number; since: number }>();

  constructor(tell: (refusal: Refusal) => void, nowMs: () => number) {
    this.tell = tell;
    this.nowMs = nowMs;
  }

  note(reason: RefusalReason, host: string | undefined, origin: string | undefined): void {
    const now = this.nowMs();
    const kind = this.kinds.get(reason) ?? { toldMs: -Infinity, since: 0 };
    kind.since += 1;
    this.kinds.set(reason, kind);
    if (now - kind.toldMs < QUIET_MS) return;
    const count = kind.since;
    kind.toldMs = now;
    kind.since = 0;
    this.tell({ reason, count, host: cut(host), origin: cut(origin) });
  }
}

function cut(text: string | undefined): string {
  return (text ?? '').slice(0, MAX_CHARS);
}
