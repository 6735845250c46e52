import type { CommitId } from '../model/ids.ts';
import type { WorkKind } from '../model/task.ts';

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** A length of time in its two largest units: `450 ms`, `4.2 s`, `12 min`, `2 h 5 min`, `3 d 4 h`. */
export function duration(ms: number): string {
  const length = Math.max(0, ms);
  if (length < SECOND_MS) return `${Math.floor(length)} ms`;
  if (length < 9.95 * SECOND_MS) return `${(length / SECOND_MS).toFixed(1).replace(/\.0$/, '')} s`;
  if (length < 90 * SECOND_MS) return `${Math.round(length / SECOND_MS)} s`;
  const minutes = Math.round(length / MINUTE_MS);
  if (minutes < 60) return `${minutes} min`;
  if (length < DAY_MS && minutes < 24 * 60)
    return twoUnits(Math.floor(minutes / 60), 'h', minutes % 60, 'min');
  const hours = Math.round(length / HOUR_MS);
  return twoUnits(Math.floor(hours / 24), 'd', hours % 24, 'h');
}

/** A moment seen from another: `in 12 min`, `12 min ago`, `now` within a second. */
export function relative(atMs: number, nowMs: number): string {
  const difference = atMs - nowMs;
  if (Math.abs(difference) < SECOND_MS) return 'now';
  return difference > 0 ? `in ${duration(difference)}` : `${duration(-difference)} ago`;
}

/** A moment as time of day, `14:05:09`; `offsetMinutes` east of UTC, 0 for UTC itself. */
export function clock(atMs: number, offsetMinutes = 0): string {
  return iso(atMs, offsetMinutes).slice(11, 19);
}

/** A moment as date and time, `2026-11-21 14:05`; `offsetMinutes` as for {@link clock}. */
export function dateTime(atMs: number, offsetMinutes = 0): string {
  return iso(atMs, offsetMinutes).slice(0, 16).replace('T', ' ');
}

/** A size in decimal units, as disks and networks are sold: `512 B`, `1.5 kB`, `20 MB`. */
export function bytes(count: number): string {
  let value = Math.max(0, count);
  for (const unit of ['B', 'kB', 'MB', 'GB']) {
    if (value < 999.5)
      return `${unit === 'B' || value >= 9.95 ? Math.round(value) : oneDigit(value)} ${unit}`;
    value /= 1000;
  }
  return `${value >= 9.95 ? Math.round(value) : oneDigit(value)} TB`;
}

/** A share 0–1 as `94 %`. */
export function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}

/** A score with two digits, `0.93`. */
export function score(value: number): string {
  return value.toFixed(2);
}

/** The first seven digits of a commit, as git shows it. */
export function shortCommit(commit: CommitId): string {
  return commit.slice(0, 7);
}

/** `1 file`, `3 files`. */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

/** A kind of work as people say it, `agent fix`: a command that runs a command is a `command`. */
export function kindName(kind: WorkKind): string {
  return [...new Set(kind.split(' '))].join(' ');
}

/** Someone else's sentence, on one line and without its full stop, to be put into one of ours. */
export function inline(text: string): string {
  return text.trim().replace(/\s+/g, ' ').replace(/\.$/, '');
}

function twoUnits(large: number, largeUnit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${large} ${largeUnit}` : `${large} ${largeUnit} ${small} ${smallUnit}`;
}

function oneDigit(value: number): string {
  return value.toFixed(1).replace(/\.0$/, '');
}

/** The furthest moments that a Date can hold: a broken clock must not break a listing. */
const DATE_RANGE_MS = 8.64e15;

function iso(atMs: number, offsetMinutes: number): string {
  const shifted = atMs + offsetMinutes * MINUTE_MS;
  const held = Number.isFinite(shifted) ? Math.min(DATE_RANGE_MS, Math.max(0, shifted)) : 0;
  // A year beyond 9999 is written +012345: cut to the usual width.
  return new Date(held).toISOString().replace(/^\+\d\d/, '');
}
