import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  NO_SPEND,
  observeShare,
  observeSpent,
  spentUsd,
  type Spend,
} from '../../../shared/learn/spend.ts';
import { Budget } from '../../../shared/model/budget.ts';
import { admit } from '../../../shared/policy/budget.ts';

const NOW = Date.UTC(2026, 10, 21, 12);
const budget = Budget.parse({ hour: { hard: 6 }, day: { criticalOnly: 20, hard: 20 } });
let call = 0;

function pay(state: Spend, usd: number): Spend {
  call += 1;
  return observeSpent(
    state,
    {
      ...{ call: `c${call}`, task: null, project: 'app', category: 'coding', role: 'writer' },
      ...{ provider: 'acme', model: 'm', billing: 'metered', costUsd: usd },
      usage: { input: 1, output: 0, cacheRead: 0, cacheWrite: 0 },
    },
    NOW,
  );
}

/** Spends as long as the caps let it; returns the state and what it spent. */
function spendAll(state: Spend, costs: readonly number[]): { state: Spend; usd: number } {
  const before = spentUsd(state, NOW).hour;
  let now = state;
  for (const usd of costs) {
    const wanted = { task: null, maxTokens: 1, maxCostUsd: usd, critical: false };
    if (admit(now, budget, wanted, NOW) === null) now = pay(now, usd);
  }
  return { state: now, usd: spentUsd(now, NOW).hour - before };
}

describe('a budget in a mesh that is cut in two', () => {
  it('is whole while all who can spend see each other', () => {
    const state = pay(NO_SPEND, 1);
    expect(observeShare(state, 3, 3, NOW)).toBe(state);
    const healed = observeShare(observeShare(state, 1, 3, NOW), 3, 3, NOW);
    expect(spendAll(healed, Array<number>(100).fill(0.5)).usd).toBe(5);
  });

  it('is never passed by all sides together, however often it is cut', () => {
    const costs = fc.array(fc.double({ min: 0.01, max: 2, noNaN: true }), { maxLength: 40 });
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 6, noNaN: true }),
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 1, max: 4 }),
        costs,
        costs,
        costs,
        (before, here, there, first, second, third) => {
          const whole = before > 0 ? pay(NO_SPEND, before) : NO_SPEND;
          const all = here + there;
          const a = spendAll(observeShare(whole, here, all, NOW), first);
          const b = spendAll(observeShare(whole, there, all, NOW), second);
          // One of the nodes here is cut off as well, and knows of what was spent with the others.
          const c = spendAll(observeShare(a.state, 1, all, NOW), third);
          const d = spendAll(observeShare(a.state, Math.max(1, here - 1), all, NOW), third);
          const apart = here > 1 ? c.usd + d.usd : c.usd;
          expect(before + a.usd + b.usd + apart).toBeLessThanOrEqual(Math.max(6, before) + 1e-9);
        },
      ),
      { numRuns: 500 },
    );
  });
});
