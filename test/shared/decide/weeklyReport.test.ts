import fc from 'fast-check';
import { expect, test } from 'vitest';
import { KEPT_MS } from '../../../shared/decide/noticeFacts.ts';
import { nextReportMs, weeklyNotice, weekToReport } from '../../../shared/decide/weeklyReport.ts';
import { Notice } from '../../../shared/model/notice.ts';

const HOUR_MS = 3_600_000;
const WEEK_MS = 7 * 24 * HOUR_MS;
const at = (iso: string) => Date.parse(iso);
const offset = fc.integer({ min: -12 * 60, max: 14 * 60 });
const time = fc.integer({ min: at('2020-01-01T00:00:00Z'), max: at('2060-01-01T00:00:00Z') });

test('the last week is told of from Monday 8:00 here until it is no news any more', () => {
  const [monday, utc] = [at('2026-11-23T00:00:00Z'), 0];
  const week = { fromMs: monday - WEEK_MS, toMs: monday };
  expect(weekToReport(monday + 8 * HOUR_MS - 1, utc)).toBe(null);
  expect(weekToReport(monday + 8 * HOUR_MS, utc)).toEqual(week);
  expect(weekToReport(monday + 8 * HOUR_MS + KEPT_MS, utc)).toBe(null);
  expect(nextReportMs(monday, utc)).toBe(monday + 8 * HOUR_MS);
  expect(nextReportMs(monday + 8 * HOUR_MS, utc)).toBe(monday + WEEK_MS + 8 * HOUR_MS);
  // Eight in the morning in New York, and in Auckland as soon as the week is over by UTC.
  expect(weekToReport(monday + 13 * HOUR_MS - 1, -5 * 60)).toBe(null);
  expect(weekToReport(monday + 13 * HOUR_MS, -5 * 60)).toEqual(week);
  expect(weekToReport(monday - 1, 13 * 60)).toBe(null);
  expect(weekToReport(monday, 13 * 60)).toEqual(week);
});

test('wherever nodes are they tell of the same week by the same notice, which is over when it is told', () => {
  fc.assert(
    fc.property(time, offset, offset, (nowMs, here, there) => {
      const [one, other] = [weekToReport(nowMs, here), weekToReport(nowMs, there)];
      if (one && other) expect(one).toEqual(other);
      if (one === null) return;
      expect(new Date(one.toMs).getUTCDay()).toBe(1);
      expect([one.toMs - one.fromMs, one.toMs % (24 * HOUR_MS)]).toEqual([WEEK_MS, 0]);
      expect(one.toMs).toBeLessThanOrEqual(nowMs);
    }),
  );
});

test('each week comes once, at the moment that was foretold', () => {
  fc.assert(
    fc.property(time, offset, (nowMs, here) => {
      const nextMs = nextReportMs(nowMs, here);
      expect(nextMs).toBeGreaterThan(nowMs);
      expect(nextMs - nowMs).toBeLessThanOrEqual(WEEK_MS);
      expect(weekToReport(nextMs - 1, here)).toBe(null);
      const week = weekToReport(nextMs, here) ?? expect.fail();
      expect(weekToReport(nextReportMs(nextMs, here), here)?.fromMs).toBe(week.toMs);
      Notice.parse(weeklyNotice(week, ['1 task merged, 0 given up.']));
    }),
  );
});

test('a week in which nothing was done is no news', () => {
  const week = { fromMs: 0, toMs: WEEK_MS };
  expect(weeklyNotice(week, [])).toBe(null);
  expect(weeklyNotice(week, ['12 tasks merged, 1 given up.', 'Went best: fix.'])?.text).toBe(
    '1970-01-01 to 1970-01-07: 12 tasks merged, 1 given up. Went best: fix. More in Insights.',
  );
});
