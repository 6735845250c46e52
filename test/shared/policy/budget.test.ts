import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  NO_SPEND,
  setGrant,
  observeReserved,
  observeSpent,
  spentUsd,
  type Spend,
} from '../../../shared/learn/spend.ts';
import { Budget } from '../../../shared/model/budget.ts';
import { taskId } from '../../../shared/model/ids.ts';
import { describeSubject } from '../../../shared/explain/describeAgents.ts';
import { admit, mayExplore, monthHard, raisedCaps } from '../../../shared/policy/budget.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const NOW = Date.UTC(2026, 10, 21, 12);
const budget = Budget.parse({});
const task = taskId(7);

function spent(state: Spend, usd: number, atMs: number, tokens = 100): Spend {
  return observeSpent(
    state,
    {
      call: `c${atMs}`,
      task,
      project: 'app',
      category: 'coding',
      role: 'writer',
      provider: 'acme',
      model: 'm',
      billing: 'metered',
      usage: { input: tokens, output: 0, cacheRead: 0, cacheWrite: 0 },
      costUsd: usd,
    },
    atMs,
  );
}

const ask = (usd: number | null, more = {}) => ({
  task: null,
  maxTokens: 100,
  maxCostUsd: usd,
  critical: false,
  ...more,
});

describe('the budget', () => {
  it('has the defaults of C1 when nobody set any', () => {
    expect(budget).toMatchObject({
      task: { tokens: 100_000, calls: 15 },
      hour: { alert: 3, hard: 5 },
      day: { soft: 30, criticalOnly: 40, hard: 50 },
      month: { budget: 1_000, alerts: [500, 750, 900], hard: 1_200 },
    });
  });

  it('never lets calls side by side pass a cap together, whatever they cost in the end', () => {
    const step = fc.record({
      afterMs: fc.integer({ min: 0, max: 20 * MINUTE }),
      maxUsd: fc.double({ min: 0.001, max: 2, noNaN: true }),
      share: fc.double({ min: 0, max: 1, noNaN: true }),
      /** Calls that end before this one asks. */
      ends: fc.integer({ min: 0, max: 3 }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        let state = NO_SPEND;
        let nowMs = NOW;
        let open: { call: string; usd: number }[] = [];
        const bills: { atMs: number; usd: number }[] = [];
        steps.forEach(({ afterMs, maxUsd, share, ends }, index) => {
          nowMs += afterMs;
          for (const { call, usd } of open.slice(0, ends)) {
            state = observeSpent(state, { ...bill(call), costUsd: usd }, nowMs);
            bills.push({ atMs: nowMs, usd });
          }
          open = open.slice(ends);
          const call = `c${index}`;
          if (admit(state, budget, ask(maxUsd), nowMs) === null) {
            state = observeReserved(state, {
              call,
              task: null,
              maxTokens: 1,
              maxCostUsd: maxUsd,
              atMs: nowMs,
            });
            open.push({ call, usd: maxUsd * share });
          }
          const inHour = bills
            .filter(({ atMs }) => atMs > nowMs - HOUR)
            .reduce((sum, { usd }) => sum + usd, 0);
          expect(inHour).toBeLessThanOrEqual(budget.hour.hard + 1e-9);
        });
      }),
    );
  });

  it('names the cap, what stands against it, and when it frees itself', () => {
    const state = spent(NO_SPEND, 4.9, NOW);
    const reached = admit(state, budget, ask(0.2), NOW + MINUTE);
    expect(reached).toMatchObject({ cap: 'hour.hard', value: 4.9, max: 5 });
    const freeAtMs = reached?.untilMs ?? 0;
    expect(freeAtMs).toBeGreaterThan(NOW + HOUR);
    expect(admit(state, budget, ask(0.2), freeAtMs)).toBeNull();
    expect(admit(state, budget, ask(0.2), freeAtMs - 2 * MINUTE)).not.toBeNull();
  });

  it('can only be lifted by a human where a call alone is dearer than the cap', () => {
    expect(admit(NO_SPEND, budget, ask(5.5), NOW)).toMatchObject({
      cap: 'hour.hard',
      untilMs: null,
    });
  });

  it('holds calls that cost no dollars to no cap in dollars, and to those of their task', () => {
    const state = spent(NO_SPEND, 60, NOW);
    expect(admit(state, budget, ask(null), NOW)).toBeNull();
    const all = spent(NO_SPEND, 0, NOW, 99_950);
    expect(admit(all, budget, ask(null, { task }), NOW)).toMatchObject({ cap: 'task.tokens' });
  });

  it('stops a task at its calls, reserved ones among them, until a human grants more', () => {
    let state: Spend = NO_SPEND;
    for (let n = 0; n < 14; n++) state = spent(state, 0, NOW + n);
    expect(admit(state, budget, ask(0, { task }), NOW)).toBeNull();
    state = observeReserved(state, { call: 'open', task, maxTokens: 1, maxCostUsd: 0, atMs: NOW });
    expect(admit(state, budget, ask(0, { task }), NOW)).toMatchObject({
      cap: 'task.calls',
      value: 15,
      untilMs: null,
    });
    state = setGrant(state, task, { tokens: 0, calls: 15 });
    expect(admit(state, budget, ask(0, { task }), NOW)).toBeNull();
  });

  it('keeps the day for what is critical above its threshold', () => {
    let state: Spend = NO_SPEND;
    for (let hour = 0; hour < 10; hour++) state = spent(state, 4.1, NOW + hour * HOUR);
    const nowMs = NOW + 11 * HOUR;
    expect(admit(state, budget, ask(0.1), nowMs)).toMatchObject({ cap: 'day.criticalOnly' });
    expect(admit(state, budget, ask(0.1, { critical: true }), nowMs)).toBeNull();
    expect(mayExplore(state, budget, nowMs)).toBe(false);
  });

  it('starts each month anew, with what the last one left where that is wanted', () => {
    const october = Date.UTC(2026, 9, 10);
    const state = spent(spent(NO_SPEND, 400, october), 100, NOW);
    expect(spentUsd(state, NOW)).toMatchObject({ month: 100, lastMonth: 400 });
    expect(monthHard(state, budget, NOW)).toBe(1_200);
    const rolling = Budget.parse({ month: { rollover: true } });
    expect(monthHard(state, rolling, NOW)).toBe(1_800);
  });

  it('says to a human which caps a change raises, and by how much', () => {
    const next = Budget.parse({
      hour: { hard: 8 },
      task: { calls: 40 },
      month: { rollover: true },
    });
    const raised = raisedCaps(budget, next);
    expect(describeSubject({ kind: 'budget', budget: next, raised })).toBe(
      'raise task.calls from 15 to 40, raise hour.hard from $5.00 to $8.00, and switch month.rollover on',
    );
  });

  it('knows which caps a change raises', () => {
    const next = Budget.parse({ hour: { hard: 8 }, day: { hard: 45 }, task: { calls: 40 } });
    expect(raisedCaps(budget, next)).toEqual([
      { cap: 'task.calls', from: 15, to: 40 },
      { cap: 'hour.hard', from: 5, to: 8 },
    ]);
    expect(raisedCaps(next, budget)).toMatchObject([{ cap: 'day.hard' }]);
    expect(raisedCaps(budget, budget)).toEqual([]);
  });
});

function bill(call: string) {
  return {
    call,
    task: null,
    project: null,
    category: 'coding',
    role: null,
    provider: 'acme',
    model: 'm',
    billing: 'metered',
    usage: null,
  } as const;
}
