import { expect, test } from 'vitest';
import { burnDown } from '../../../shared/explain/burnDown.ts';

const DAY = 24 * 60 * 60_000;
/** A month of 30 days. */
const sinceMs = Date.UTC(2026, 10, 1);
const at = (days: number) => sinceMs + days * DAY;

test('each day takes from what is left, and the pace so far leads to the end of the month', () => {
  const down = burnDown([10, 20, 0], { sinceMs, nowMs: at(3), capUsd: 500 });
  expect(down.left.map(({ usd }) => usd)).toEqual([500, 490, 470, 470]);
  expect(down.left.at(-1)?.atMs).toBe(at(3));
  expect(down.projectedUsd).toBeCloseTo(300);
  expect(down.reachedAtMs).toBeNull();
  expect([down.even[0]?.usd, down.even.at(-1)]).toEqual([500, { atMs: at(30), usd: 0 }]);
});

test('a pace that is too fast says when the cap is reached; one that passed it is reached now', () => {
  const fast = { sinceMs, nowMs: at(3), capUsd: 60 };
  expect(burnDown([10, 20, 0], fast).reachedAtMs).toBe(at(6));
  expect(burnDown([50, 20, 0], fast).reachedAtMs).toBe(at(3));
});

test('nothing spent reaches nothing, and the first hours of a month project nothing', () => {
  expect(burnDown([0, 0], { sinceMs, nowMs: at(2), capUsd: 10 })).toMatchObject({
    projectedUsd: 0,
    reachedAtMs: null,
  });
  const early = burnDown([5], { sinceMs, nowMs: at(0.1), capUsd: 10 });
  expect([early.projectedUsd, early.reachedAtMs, early.spentUsd]).toEqual([null, null, 5]);
});
