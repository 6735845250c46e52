import { describe, expect, test } from 'vitest';
import { backoffMs } from '../../../../electron/mesh/link/dialer.ts';
import { Refusals, type Refusal } from '../../../../electron/mesh/link/refusals.ts';

/** A clock whose timers run when the test says so. */
function stepClock() {
  const timers: (() => void)[] = [];
  return {
    nowMs: () => 0,
    after: (_delayMs: number, callback: () => void) => {
      timers.push(callback);
      return { cancel: () => timers.splice(timers.indexOf(callback), 1) };
    },
    minute: () => {
      for (const timer of timers.splice(0)) timer();
    },
  };
}

describe('refusals', () => {
  test('are reported at once, then once a minute with their number, then no more', () => {
    const clock = stepClock();
    const reports: Refusal[] = [];
    const refusals = new Refusals(clock, (refusal) => reports.push(refusal));
    for (let scan = 0; scan < 1_000; scan += 1) refusals.add('10.0.0.9', 'no TLS');
    refusals.add('10.0.0.8', 'no key');
    expect(reports).toEqual([
      { address: '10.0.0.9', reason: 'no TLS', count: 1 },
      { address: '10.0.0.8', reason: 'no key', count: 1 },
    ]);
    clock.minute();
    expect(reports.slice(2)).toEqual([{ address: '10.0.0.9', reason: 'no TLS', count: 999 }]);
    clock.minute();
    clock.minute();
    expect(reports).toHaveLength(3);
    expect(refusals.total).toBe(1_001);
  });

  test('from very many addresses take bounded memory and few reports', () => {
    const reports: Refusal[] = [];
    const refusals = new Refusals(stepClock(), (refusal) => reports.push(refusal));
    for (let host = 0; host < 5_000; host += 1) refusals.add(`2001:db8::${host}`, 'no TLS');
    expect(reports.length).toBeLessThan(300);
    expect(reports.at(-1)?.address).toBe('other addresses');
  });
});

describe('the pause before dialling again', () => {
  test('doubles up to 10 s, half of it by chance', () => {
    expect([1, 2, 3, 4, 9, 99].map((attempts) => backoffMs(attempts, 1))).toEqual([
      250, 500, 1_000, 2_000, 10_000, 10_000,
    ]);
    expect(backoffMs(3, 0)).toBe(500);
  });
});
