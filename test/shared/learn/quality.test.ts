import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NO_QUALITY, observeQuality, threshold } from '../../../shared/learn/quality.ts';

const start = 1_800_000_000_000;
const minute = 60_000;
const hour = 60 * minute;

/** One attempt a minute with these qualities. */
function after(qualities: readonly number[], fromMs = start, before = NO_QUALITY) {
  return qualities.reduce(
    (state, quality, i) => observeQuality(state, { type: 'cleanup', quality }, fromMs + i * minute),
    before,
  );
}
const good = (n: number) => Array<number>(n).fill(0.98);

describe('quality threshold', () => {
  it('starts at 0.6', () => {
    expect(threshold(NO_QUALITY, 'cleanup', start)).toBe(0.6);
  });

  it('tightens by 0.02 with each attempt while the mean of at least three is above 0.85', () => {
    const thresholds = [2, 3, 4].map((n) =>
      threshold(after(good(n)), 'cleanup', start + n * minute),
    );
    expect(thresholds).toEqual([0.6, 0.62, 0.64]);
  });

  it('does not move for the passing of time within the hour, nor for other types', () => {
    const state = after(good(10));
    expect(threshold(state, 'cleanup', start + 50 * minute)).toBe(
      threshold(state, 'cleanup', start + 9 * minute),
    );
    expect(threshold(state, 'docs', start + 9 * minute)).toBe(0.6);
  });

  it('ends its rise at 0.95', () => {
    expect(threshold(after(good(50)), 'cleanup', start + 50 * minute)).toBe(0.95);
  });

  it('does not rise above what the last hour reached, so that steady work keeps passing', () => {
    const state = after(Array<number>(55).fill(0.88));
    expect(threshold(state, 'cleanup', start + 55 * minute)).toBe(0.88);
  });

  it('relaxes by 0.02 with each attempt when the mean is not above 0.85', () => {
    const strict = after(good(10));
    const nowMs = start + 3 * hour;
    const before = threshold(strict, 'cleanup', nowMs);
    const relaxed = after([0.5, 0.5, 0.5], nowMs, strict);
    expect(before).toBe(0.72);
    expect(threshold(relaxed, 'cleanup', nowMs + 3 * minute)).toBe(0.7);
  });

  it('relaxes by one step an hour when nothing is observed, down to 0.6', () => {
    const state = after(good(10));
    const lastMs = start + 9 * minute;
    const later = [0, 1, 2, 3, 100].map((h) => threshold(state, 'cleanup', lastMs + h * hour));
    expect(later).toEqual([0.76, 0.74, 0.72, 0.7, 0.6]);
  });

  it('stays within 0.6 and 0.95 and moves by one step at most per attempt', () => {
    const attempts = fc.array(
      fc.record({
        gapMs: fc.integer({ min: 0, max: 2 * hour }),
        quality: fc.double({ min: 0, max: 1, noNaN: true }),
      }),
      { maxLength: 80 },
    );
    fc.assert(
      fc.property(attempts, (observed) => {
        let nowMs = start;
        let state = NO_QUALITY;
        for (const { gapMs, quality } of observed) {
          nowMs += gapMs;
          const before = threshold(state, 'cleanup', nowMs);
          state = observeQuality(state, { type: 'cleanup', quality }, nowMs);
          const now = threshold(state, 'cleanup', nowMs);
          expect(now).toBeGreaterThanOrEqual(0.6);
          expect(now).toBeLessThanOrEqual(0.95);
          expect(Math.abs(now - before)).toBeLessThan(0.0201);
        }
      }),
    );
  });
});
