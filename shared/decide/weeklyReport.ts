import type { Notice } from '../model/notice.ts';
import { KEPT_MS } from './noticeFacts.ts';

const DAY_MS = 24 * 3_600_000;
const WEEK_MS = 7 * DAY_MS;
/** The first Monday of the epoch, 5 January 1970. */
const FIRST_MONDAY_MS = 4 * DAY_MS;
/** When a week begins with a look back, in the time of the machine. */
const MORNING_MS = 8 * 3_600_000;

/** A week as reports count it: from Monday to Monday by UTC, so that it is the same one on all nodes. */
export interface Week {
  readonly fromMs: number;
  readonly toMs: number;
}

/**
 * The week that a human is told of now (O5): the last one, from Monday 8:00 by the clock of this machine, which is
 * `offsetMinutes` ahead of UTC, until it is no news any more; null between.
 */
export function weekToReport(nowMs: number, offsetMinutes: number): Week | null {
  const week = lastWeek(nowMs);
  const opensMs = openingMs(week.toMs, offsetMinutes);
  return nowMs >= opensMs && nowMs < opensMs + KEPT_MS ? week : null;
}

/** When the next week is to be reported, ms since the epoch; after `nowMs`. */
export function nextReportMs(nowMs: number, offsetMinutes: number): number {
  const { toMs } = lastWeek(nowMs);
  const opensMs = openingMs(toMs, offsetMinutes);
  return opensMs > nowMs ? opensMs : openingMs(toMs + WEEK_MS, offsetMinutes);
}

/** The same length of time before it. */
export function weekBefore({ fromMs }: Week): Week {
  return { fromMs: fromMs - WEEK_MS, toMs: fromMs };
}

/** The notice of a week, in a few sentences (`inShort`); null when there is nothing to say. */
export function weeklyNotice({ fromMs, toMs }: Week, sentences: readonly string[]): Notice | null {
  if (sentences.length === 0) return null;
  return {
    id: `week.${dayOf(toMs)}`,
    level: 'news',
    title: 'The report of last week',
    text: `${dayOf(fromMs)} to ${dayOf(toMs - DAY_MS)}: ${sentences.join(' ')} More in Insights.`,
    place: '/insights',
    answers: null,
    sinceMs: toMs,
  };
}

function lastWeek(nowMs: number): Week {
  const toMs = nowMs - ((nowMs - FIRST_MONDAY_MS) % WEEK_MS);
  return { fromMs: toMs - WEEK_MS, toMs };
}

/** Monday morning here, but not before the week is over everywhere. */
function openingMs(mondayMs: number, offsetMinutes: number): number {
  return Math.max(mondayMs, mondayMs + MORNING_MS - offsetMinutes * 60_000);
}

function dayOf(atMs: number): string {
  return new Date(atMs).toISOString().slice(0, 10);
}
