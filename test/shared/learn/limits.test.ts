import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ProjectId } from '../../../shared/model/ids.ts';
import {
  cyclesInDay,
  dispatchesInHour,
  failureShare,
  forgetAttempts,
  NO_RATES,
  observeAttemptEnd,
  observeCycle,
  observeDispatch,
  whenCycleFree,
  whenDispatchFree,
} from '../../../shared/learn/limits.ts';

const start = 1_800_000_000_000;
const second = 1_000;
const hour = 3_600_000;
const day = 24 * hour;
const app = 'app' as ProjectId;
const gaps = fc.array(fc.integer({ min: 0, max: 20 * 60_000 }), { maxLength: 60 });

function dispatchedAt(times: readonly number[]) {
  return times.reduce((state, t) => observeDispatch(state, 'agent', t), NO_RATES);
}

function timesFrom(steps: readonly number[]): number[] {
  let t = start;
  return steps.map((step) => (t += step));
}

describe('the rolling hour of dispatches', () => {
  it('equals a naive window, and counts a dispatch at most 10 s too long', () => {
    fc.assert(
      fc.property(gaps, fc.nat(2 * hour), (steps, later) => {
        const times = timesFrom(steps);
        const nowMs = (times.at(-1) ?? start) + later;
        const counted = dispatchesInHour(dispatchedAt(times), 'agent', nowMs);
        const within = (spanMs: number) => times.filter((t) => t > nowMs - spanMs).length;
        expect(counted).toBeGreaterThanOrEqual(within(hour));
        expect(counted).toBeLessThanOrEqual(within(hour + 10 * second));
      }),
    );
  });

  it('says exactly when the next dispatch fits: not a millisecond before, and then it does', () => {
    fc.assert(
      fc.property(gaps, fc.integer({ min: 1, max: 20 }), (steps, max) => {
        const times = timesFrom(steps);
        const state = dispatchedAt(times);
        const nowMs = times.at(-1) ?? start;
        const freeAtMs = whenDispatchFree(state, 'agent', max, nowMs) ?? Infinity;
        expect(dispatchesInHour(state, 'agent', freeAtMs)).toBeLessThan(max);
        if (freeAtMs > nowMs)
          expect(dispatchesInHour(state, 'agent', freeAtMs - 1)).toBeGreaterThanOrEqual(max);
      }),
    );
  });

  it('lets no hour hold more than the limit when dispatches keep to it', () => {
    let state = NO_RATES;
    const times: number[] = [];
    for (let nowMs = start; nowMs < start + 3 * hour; nowMs += 7_000) {
      if (dispatchesInHour(state, 'agent', nowMs) >= 20) continue;
      state = observeDispatch(state, 'agent', nowMs);
      times.push(nowMs);
    }
    for (const t of times) {
      expect(times.filter((other) => other >= t && other < t + hour).length).toBeLessThanOrEqual(
        20,
      );
    }
    expect(times.length).toBeGreaterThan(50);
  });

  it('never frees when nothing is allowed', () => {
    expect(whenDispatchFree(NO_RATES, 'agent', 0, start)).toBeNull();
  });

  it('counts agents and cheap tasks apart', () => {
    const state = observeDispatch(NO_RATES, 'cheap', start);
    expect(dispatchesInHour(state, 'agent', start)).toBe(0);
    expect(dispatchesInHour(state, 'cheap', start)).toBe(1);
  });

  it('keeps its memory bounded at any rate', () => {
    let state = NO_RATES;
    for (let i = 0; i < 30_000; i++) state = observeDispatch(state, 'cheap', start + i * 300);
    expect(dispatchesInHour(state, 'cheap', start + 30_000 * 300)).toBeGreaterThanOrEqual(
      hour / 300,
    );
    expect(state.dispatches.cheap.length).toBeLessThanOrEqual(362);
    expect(JSON.parse(JSON.stringify(state))).toEqual(state);
  });

  it('loses no dispatch when the clock is set back a little, and is not parked for days by a wrong one', () => {
    const back = dispatchedAt([start, start - 30_000]);
    expect(dispatchesInHour(back, 'agent', start - 30_000)).toBe(2);
    const wrong = dispatchedAt([start + 30 * day]);
    expect(dispatchesInHour(wrong, 'agent', start)).toBe(0);
  });
});

describe('the rolling day of cycles', () => {
  it('counts each project by itself, within a minute', () => {
    const other = 'constructor' as ProjectId;
    const state = observeCycle(observeCycle(NO_RATES, app, start), other, start + hour);
    expect(cyclesInDay(state, app, start + day - 1)).toBe(1);
    expect(cyclesInDay(state, app, start + day + 60_000)).toBe(0);
    expect(cyclesInDay(state, other, start + day + 60_000)).toBe(1);
    expect(whenCycleFree(state, app, 1, start)).toBeGreaterThanOrEqual(start + day);
    expect(whenCycleFree(state, app, 2, start)).toBe(start);
  });

  it('forgets a project that was not looked at for a day', () => {
    const state = observeCycle(
      observeCycle(NO_RATES, app, start),
      'b' as ProjectId,
      start + 2 * day,
    );
    expect(state.cycles.map((entry) => entry.project)).toEqual(['b']);
  });
});

describe('the failure share', () => {
  const after = (ends: readonly boolean[]) => ends.reduce(observeAttemptEnd, NO_RATES);

  it('is unknown until ten attempts have ended, then that of the last ten', () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { maxLength: 40 }), (ends) => {
        const last = ends.slice(-10);
        const expected = last.length < 10 ? null : last.filter((ok) => !ok).length / 10;
        expect(failureShare(after(ends))).toBe(expected);
      }),
    );
  });

  it('starts anew when it is told to forget', () => {
    expect(failureShare(forgetAttempts(after(Array<boolean>(10).fill(false))))).toBeNull();
  });
});
