import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  allowedSlots,
  autonomyLimits,
  autonomyOf,
  confidenceAt,
  isPaused,
  newConfidence,
  observePrediction,
  RECOVERY_HALF_LIFE_MS,
  START_CONFIDENCE,
  type Confidence,
} from '../../../shared/learn/confidence.ts';

const start = 1_800_000_000_000;
const predictions = fc.array(
  fc.record({ gapMs: fc.integer({ min: -60_000, max: 3_600_000 }), held: fc.boolean() }),
  { maxLength: 150 },
);

function wrong(times: number): Confidence {
  let state = newConfidence(start);
  for (let i = 0; i < times; i++) state = observePrediction(state, false, start);
  return state;
}

describe('confidence', () => {
  it('starts at 0.8, gains 0.01 for a prediction that held and loses 0.05 for one that failed', () => {
    const state = newConfidence(start);
    expect(confidenceAt(state, start)).toBe(0.8);
    expect(confidenceAt(observePrediction(state, true, start), start)).toBeCloseTo(0.81, 12);
    expect(confidenceAt(observePrediction(state, false, start), start)).toBeCloseTo(0.75, 12);
  });

  it('is not lost by the size of a fleet: failures that one node shrugs off, 30 nodes do too', () => {
    /** A quarter of what is predicted fails, on each node once an hour. */
    const afterDays = (nodes: number): number => {
      let state = newConfidence(start);
      for (let at = 0; at < nodes * 48; at++)
        state = observePrediction(state, at % 4 !== 0, start + (at / nodes) * 3_600_000, nodes);
      return state.value;
    };
    expect(afterDays(1)).toBeGreaterThan(0.7);
    expect(afterDays(30)).toBeGreaterThan(0.65);
  });

  it('falls to the pause where all of a fleet fails', () => {
    let state = newConfidence(start);
    for (let at = 0; at < 60; at++) state = observePrediction(state, false, start, 30);
    expect(state.paused).toBe(true);
  });

  it('never leaves 0 to 1', () => {
    fc.assert(
      fc.property(predictions, (observed) => {
        let nowMs = start;
        let state = newConfidence(nowMs);
        for (const { gapMs, held } of observed) {
          nowMs += gapMs;
          state = observePrediction(state, held, nowMs);
          expect(state.value).toBeGreaterThanOrEqual(0);
          expect(state.value).toBeLessThanOrEqual(1);
        }
      }),
    );
  });

  it('ends its fall at 0 and its rise at 1', () => {
    expect(wrong(30).value).toBe(0);
    let state = newConfidence(start);
    for (let i = 0; i < 30; i++) state = observePrediction(state, true, start);
    expect(state.value).toBe(1);
  });

  it('comes back up by itself: half of the way to the start every two hours', () => {
    const state = wrong(10);
    const gap = START_CONFIDENCE - confidenceAt(state, start);
    expect(START_CONFIDENCE - confidenceAt(state, start + RECOVERY_HALF_LIFE_MS)).toBeCloseTo(
      gap / 2,
      12,
    );
    expect(confidenceAt(state, start + 48 * 3_600_000)).toBeCloseTo(START_CONFIDENCE, 4);
  });

  it('does not fade when it is above the start', () => {
    const state = observePrediction(newConfidence(start), true, start);
    expect(confidenceAt(state, start + 48 * 3_600_000)).toBeCloseTo(0.81, 12);
  });

  it('never falls with time alone', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 30 }), fc.nat(1e8), fc.nat(1e8), (times, a, b) => {
        const state = wrong(times);
        const [early, late] = a < b ? [a, b] : [b, a];
        expect(confidenceAt(state, start + late)).toBeGreaterThanOrEqual(
          confidenceAt(state, start + early),
        );
      }),
    );
  });
});

describe('autonomy', () => {
  it('goes from full over cautious and observant to paused as confidence falls', () => {
    expect([0.9, 0.6, 0.59, 0.45, 0.44, 0.3, 0.29, 0].map((c) => autonomyOf(c))).toEqual([
      'full',
      'full',
      'cautious',
      'cautious',
      'observant',
      'observant',
      'paused',
      'paused',
    ]);
  });

  it('sets no bound at full, and one task at a time observed three times as often when observant', () => {
    const full = autonomyLimits(0.8);
    const observant = autonomyLimits(0.44);
    expect(full).toEqual({ maxEstimateMs: null, slotsShare: 1, tickMs: 30_000, paused: false });
    expect(allowedSlots(full, 8)).toBe(8);
    expect(observant.tickMs).toBe(10_000);
    expect(allowedSlots(observant, 8)).toBe(1);
    expect(allowedSlots(observant, 0)).toBe(0);
    expect(allowedSlots(autonomyLimits(0.1), 8)).toBe(0);
  });

  it('changes its limits gradually: a hundredth of confidence moves none of them by a jump', () => {
    const longest = 4 * 3_600_000;
    fc.assert(
      fc.property(fc.double({ min: 0.3, max: 0.99, noNaN: true }), (c) => {
        const [low, high] = [autonomyLimits(c), autonomyLimits(c + 0.01)];
        const bounds = [low.maxEstimateMs ?? longest, high.maxEstimateMs ?? longest] as const;
        expect(bounds[1]).toBeGreaterThanOrEqual(bounds[0]);
        expect(bounds[1] / bounds[0]).toBeLessThan(1.12);
        expect(high.slotsShare - low.slotsShare).toBeGreaterThanOrEqual(0);
        expect(high.slotsShare - low.slotsShare).toBeLessThan(0.07);
        expect(high.tickMs - low.tickMs).toBeGreaterThanOrEqual(0);
        expect(high.tickMs - low.tickMs).toBeLessThan(1_400);
      }),
    );
  });

  it('pauses below 0.3 and resumes by itself only when it is back above 0.35', () => {
    const state = wrong(11);
    expect(isPaused(state, start)).toBe(true);
    let nowMs = start;
    while (isPaused(state, nowMs) && nowMs < start + 24 * 3_600_000) nowMs += 60_000;
    expect(confidenceAt(state, nowMs)).toBeGreaterThanOrEqual(0.35);
    expect(confidenceAt(state, nowMs)).toBeLessThan(0.36);
  });

  it('does not start again because one prediction held just below the edge', () => {
    const state = observePrediction({ value: 0.295, atMs: start, paused: true }, true, start);
    expect(state.value).toBeGreaterThan(0.3);
    expect(isPaused(state, start)).toBe(true);
    expect(autonomyOf(state.value, isPaused(state, start))).toBe('paused');
    expect(isPaused({ ...state, paused: false }, start)).toBe(false);
  });
});
