import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { NodeId } from '../../../shared/model/ids.ts';
import {
  estimateMs,
  MAX_ESTIMATE_MS,
  MIN_ESTIMATE_MS,
  NO_DURATIONS,
  observeDuration,
  p75OfType,
} from '../../../shared/learn/durations.ts';

const mac = 'mac-1' as NodeId;
const box = 'linux-1' as NodeId;
const minute = 60_000;

function after(durations: readonly number[], node: NodeId | null = mac) {
  return durations.reduce(
    (state, durationMs) => observeDuration(state, { type: 'cleanup', node, durationMs }),
    NO_DURATIONS,
  );
}

/** The smallest value that at least three quarters of the values do not exceed. */
function naiveP75(values: readonly number[]): number {
  return Math.min(
    ...values.filter((v) => values.filter((w) => w <= v).length >= 0.75 * values.length),
  );
}

describe('duration estimates', () => {
  it('are the guess of the creator before anything was measured', () => {
    expect(estimateMs(NO_DURATIONS, 'cleanup', mac, 5 * minute)).toBe(5 * minute);
  });

  it('move from the guess to what was measured over three samples', () => {
    const estimates = [0, 1, 2, 3].map((n) =>
      estimateMs(after(Array<number>(n).fill(minute)), 'cleanup', box, 10 * minute),
    );
    expect(estimates).toEqual([10 * minute, 7 * minute, 4 * minute, minute]);
  });

  it('trust the pace of the node from its fifth sample on, and the fleet before', () => {
    const fleet = after(Array<number>(20).fill(minute), box);
    const with4 = [1, 2, 3, 4].reduce(
      (state) => observeDuration(state, { type: 'cleanup', node: mac, durationMs: 5 * minute }),
      fleet,
    );
    const with5 = observeDuration(with4, { type: 'cleanup', node: mac, durationMs: 5 * minute });
    expect(estimateMs(with4, 'cleanup', mac, 1)).toBe(minute);
    expect(estimateMs(with5, 'cleanup', mac, 1)).toBe(5 * minute);
    expect(estimateMs(with5, 'cleanup', box, 1)).toBe(minute);
  });

  it('do not mix the types', () => {
    expect(estimateMs(after([minute, minute, minute]), 'docs', mac, 7 * minute)).toBe(7 * minute);
  });

  it('equal the naive third quartile of the last 50 samples', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1_000, max: 4 * 60 * minute }), {
          minLength: 3,
          maxLength: 120,
          size: 'max',
        }),
        (durations) => {
          const expected = naiveP75(durations.slice(-50));
          const state = after(durations, null);
          expect(p75OfType(state, 'cleanup')).toBe(expected);
          expect(estimateMs(state, 'cleanup', null, 1)).toBe(expected);
        },
      ),
    );
  });

  it('stay within sane limits whatever was measured or guessed', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: -1e12, max: 1e12, noNaN: true }), { maxLength: 10 }),
        fc.integer(),
        (durations, guess) => {
          const estimate = estimateMs(after(durations), 'cleanup', mac, guess);
          expect(estimate).toBeGreaterThanOrEqual(MIN_ESTIMATE_MS);
          expect(estimate).toBeLessThanOrEqual(MAX_ESTIMATE_MS);
        },
      ),
    );
  });

  it('survive a snapshot', () => {
    const state = after([1, 2, 3].map((n) => n * minute));
    expect(JSON.parse(JSON.stringify(state))).toEqual(state);
  });
});
