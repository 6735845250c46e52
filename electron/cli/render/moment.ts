import { clock, dateTime } from '../../../shared/explain/format.ts';

/** A moment in the user's own time zone: the time of day, with the date when it was not today. */
export function moment(atMs: number, nowMs: number): string {
  const offsetMinutes = -new Date(atMs).getTimezoneOffset();
  const today = new Date(atMs).toDateString() === new Date(nowMs).toDateString();
  return today ? clock(atMs, offsetMinutes) : dateTime(atMs, offsetMinutes);
}
