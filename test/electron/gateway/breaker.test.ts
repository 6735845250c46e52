import { describe, expect, it } from 'vitest';
import { Breaker } from '../../../electron/gateway/breaker.ts';
import { retryAfterMs } from '../../../electron/gateway/retryAfter.ts';

function broken(): Breaker {
  const breaker = new Breaker();
  for (let at = 0; at < 5; at += 1) breaker.failed(0);
  return breaker;
}

describe('the breaker of a provider', () => {
  it('opens after five failures in a row, and not after five among successes', () => {
    const breaker = new Breaker();
    for (let at = 0; at < 10; at += 1) {
      breaker.failed(0);
      if (at % 4 === 3) breaker.succeeded();
    }
    expect(breaker.allows(0)).toBe(true);
    expect(broken().allows(0)).toBe(false);
  });

  it('lets one call try after its rest, and all when that one succeeds', () => {
    const breaker = broken();
    const restMs = breaker.restsUntilMs ?? 0;
    expect(breaker.allows(restMs - 1)).toBe(false);
    expect(breaker.allows(restMs)).toBe(true);
    expect(breaker.allows(restMs)).toBe(false);
    breaker.succeeded();
    expect(breaker.allows(restMs)).toBe(true);
    expect(breaker.restsUntilMs).toBeNull();
  });

  it('rests longer each time that the trial fails, up to five minutes', () => {
    const breaker = broken();
    let now = 0;
    let last = 0;
    for (let at = 0; at < 10; at += 1) {
      const until = breaker.restsUntilMs ?? 0;
      expect(until - now).toBeGreaterThanOrEqual(last);
      last = until - now;
      now = until;
      expect(breaker.allows(now)).toBe(true);
      breaker.failed(now);
    }
    expect(last).toBe(5 * 60_000);
  });
});

describe('retry-after', () => {
  const nowMs = Date.parse('2026-11-21T10:00:00Z');
  it.each([
    [{ 'retry-after': '3' }, 3_000],
    [{ 'retry-after': 'Sat, 21 Nov 2026 10:00:05 GMT' }, 5_000],
    [{ 'retry-after': 'Sat, 21 Nov 2026 09:00:00 GMT' }, 0],
    [{ 'retry-after-ms': '250', 'retry-after': '3' }, 250],
    [{ 'retry-after': 'soon' }, null],
    [{}, null],
  ])('%j is %s ms', (headers, expected) => {
    expect(retryAfterMs(headers, nowMs)).toBe(expected);
  });
});
