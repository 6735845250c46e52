import type { NodeId } from '../model/ids.ts';
import type { NoticeChannel, NoticeConfig, NoticeLevel } from '../model/notice.ts';
import type { NodePresence } from '../model/presence.ts';
import type { Showing, Showings } from './noticeFacts.ts';

const MINUTE_MS = 60_000;
/** With input so lately somebody is at the machine, ms. */
const PRESENT_MS = 5 * MINUTE_MS;
/** A channel that failed is left alone for so long, ms. */
export const FAILED_MS = 10 * MINUTE_MS;

/** How long after each telling it is told again while nobody answers, ms; the last holds from then on. */
const REPEATS_MS: Readonly<Record<NoticeLevel, readonly number[]>> = {
  critical: [5, 10, 20, 40, 60].map((minutes) => minutes * MINUTE_MS),
  ask: [30, 2 * 60, 6 * 60, 24 * 60].map((minutes) => minutes * MINUTE_MS),
  news: [],
};

/** A machine, as far as telling a human goes. */
export type Teller = Pick<NodePresence, 'node' | 'human' | 'tells'>;

/** Who tells: which machine on its screen, and which by what it sends. */
export interface Target {
  readonly screen: NodeId | null;
  readonly away: NodeId | null;
}

/** Whether a channel is a screen, or reaches a human who is at none. */
export function isScreen(channel: NoticeChannel): boolean {
  return channel === 'desktop' || channel === 'shell';
}

/**
 * Where a notice is told (O3), the same on every node that sees the same machines: on the screen of the machine that
 * the human used last, or of the next when that one could not; and by what is sent away as well where nobody is
 * known to sit at that screen. News is no reason to ring for someone who is away. `failed` of the last minutes are
 * passed over; both null leaves the page.
 */
export function targetOf(
  level: NoticeLevel,
  tellers: readonly Teller[],
  { shown, failed }: Showings,
  nowMs: number,
): Target {
  const hasFailed = (node: NodeId, screen: boolean): boolean =>
    failed.some(
      (one) =>
        one.node === node &&
        isScreen(one.channel) === screen &&
        one.atMs > nowMs - FAILED_MS &&
        // Told there since, it works again.
        !shown.some(
          (later) => later.node === node && later.channel === one.channel && later.atMs > one.atMs,
        ),
    );
  const lastOf = (screen: boolean): NodeId | null =>
    shown.findLast(({ channel }) => isScreen(channel) === screen)?.node ?? null;
  const first = (among: readonly Teller[], screen: boolean): Teller | null => {
    const last = lastOf(screen);
    return (
      among
        .filter(({ node }) => !hasFailed(node, screen))
        .toSorted(
          (a, b) =>
            (screen ? awayness(a) - awayness(b) : 0) ||
            // Of two where the human is, the one that may speak.
            (screen && level !== 'critical' ? quietness(a) - quietness(b) : 0) ||
            // Where it is already it stays, as long as that is as good.
            Number(b.node === last) - Number(a.node === last) ||
            (screen ? idleOf(a) - idleOf(b) : 0) ||
            (a.node < b.node ? -1 : 1),
        )[0] ?? null
    );
  };
  const screen = first(
    tellers.filter(({ tells }) => tells.screen),
    true,
  );
  const seen = screen !== null && (level === 'news' || awayness(screen) === 0);
  const away = seen
    ? null
    : first(
        tellers.filter(({ tells }) => tells.away),
        false,
      );
  return { screen: screen?.node ?? null, away: away?.node ?? null };
}

/** When it is to be told (again) by a kind of channel, ms since the epoch; 0: now, null: never again. */
export function dueMs(level: NoticeLevel, shown: readonly Showing[]): number | null {
  const last = shown.at(-1);
  if (!last) return 0;
  const waits = REPEATS_MS[level];
  const wait = waits[Math.min(shown.length, waits.length) - 1];
  return wait === undefined ? null : last.atMs + wait;
}

/** Whether a notice waits for the end of the quiet hours; `minuteOfDay` is local. */
export function isQuiet(
  level: NoticeLevel,
  quiet: NoticeConfig['quiet'],
  minuteOfDay: number,
): boolean {
  if (quiet === null || level === 'critical') return false;
  const [from, to] = [minutesOf(quiet.from), minutesOf(quiet.to)];
  return from <= to
    ? minuteOfDay >= from && minuteOfDay < to
    : minuteOfDay >= from || minuteOfDay < to;
}

/** How long the human has been idle, in steps: it is told to all machines only when it says something new, ms. */
export function coarseIdle(idleMs: number): number {
  const step =
    idleMs < 2 * MINUTE_MS ? 10_000 : idleMs < 60 * MINUTE_MS ? MINUTE_MS : 10 * MINUTE_MS;
  return Math.floor(idleMs / step) * step;
}

/** How little is known for somebody to sit there: 0 is somebody does. */
function awayness({ human }: Teller): number {
  if (human === null) return 2;
  if (human.locked) return 3;
  return human.idleMs <= PRESENT_MS ? 0 : 1;
}

function quietness({ tells }: Teller): number {
  return Number(tells.quiet === true);
}

function idleOf({ human }: Teller): number {
  return human?.idleMs ?? Number.MAX_SAFE_INTEGER;
}

function minutesOf(time: string): number {
  const [hours = 0, minutes = 0] = time.split(':').map(Number);
  return hours * 60 + minutes;
}
