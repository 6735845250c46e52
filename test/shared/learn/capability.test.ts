import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { NodeId } from '../../../shared/model/ids.ts';
import {
  CAPABILITY_HALF_LIFE_MS,
  CAPABILITY_PRIOR,
  evidenceAt,
  NO_CAPABILITY,
  observeOutcome,
  pSuccess,
} from '../../../shared/learn/capability.ts';

const mac = 'mac-1' as NodeId;
const start = 1_800_000_000_000;
const history = fc.array(
  fc.record({ gapMs: fc.integer({ min: -60_000, max: 3_600_000 }), success: fc.boolean() }),
  { maxLength: 40 },
);

function after(outcomes: readonly { gapMs: number; success: boolean }[]) {
  let nowMs = start;
  let state = NO_CAPABILITY;
  for (const { gapMs, success } of outcomes) {
    nowMs += gapMs;
    state = observeOutcome(state, { node: mac, type: 'fix', success }, nowMs);
  }
  return { state, nowMs: Math.max(nowMs, evidenceAt(state, mac, 'fix', nowMs).atMs) };
}

describe('capability of a node', () => {
  it('is the prior of 0.8 before it has shown anything', () => {
    expect(pSuccess(NO_CAPABILITY, mac, 'fix', start)).toBeCloseTo(CAPABILITY_PRIOR, 12);
  });

  it('goes up with a success and down with a failure, for that type of task only', () => {
    fc.assert(
      fc.property(history, (outcomes) => {
        const { state, nowMs } = after(outcomes);
        const before = pSuccess(state, mac, 'fix', nowMs);
        const better = observeOutcome(state, { node: mac, type: 'fix', success: true }, nowMs);
        const worse = observeOutcome(state, { node: mac, type: 'fix', success: false }, nowMs);
        expect(pSuccess(better, mac, 'fix', nowMs)).toBeGreaterThan(before);
        expect(pSuccess(worse, mac, 'fix', nowMs)).toBeLessThan(before);
        expect(pSuccess(worse, mac, 'docs', nowMs)).toBeCloseTo(CAPABILITY_PRIOR, 12);
      }),
    );
  });

  it('is a probability and never certain', () => {
    fc.assert(
      fc.property(history, (outcomes) => {
        const { state, nowMs } = after(outcomes);
        const p = pSuccess(state, mac, 'fix', nowMs);
        expect(p).toBeGreaterThan(0);
        expect(p).toBeLessThan(1);
      }),
    );
  });

  it('halves its evidence in exactly 30 minutes', () => {
    expect(CAPABILITY_HALF_LIFE_MS).toBe(30 * 60_000);
    fc.assert(
      fc.property(history, (outcomes) => {
        const { state, nowMs } = after(outcomes);
        const now = evidenceAt(state, mac, 'fix', nowMs);
        const later = evidenceAt(state, mac, 'fix', nowMs + 30 * 60_000);
        expect(later.successes).toBe(now.successes / 2);
        expect(later.failures).toBe(now.failures / 2);
      }),
    );
  });

  it('comes back to the prior: a bad quarter of an hour is nearly forgotten after three hours', () => {
    const bad = after(Array.from({ length: 10 }, () => ({ gapMs: 90_000, success: false })));
    expect(pSuccess(bad.state, mac, 'fix', bad.nowMs)).toBeLessThan(0.3);
    expect(pSuccess(bad.state, mac, 'fix', bad.nowMs + 3 * 3_600_000)).toBeGreaterThan(0.75);
    expect(pSuccess(bad.state, mac, 'fix', bad.nowMs + 24 * 3_600_000)).toBeCloseTo(
      CAPABILITY_PRIOR,
      6,
    );
  });
});
