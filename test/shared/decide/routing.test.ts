import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chooseAgent, weightsOf, type RouteOption } from '../../../shared/decide/routing.ts';
import {
  choiceName,
  MAX_PROVIDER_SHARE,
  MAX_STEP,
  MIN_SHARE,
  NO_ROUTES,
  observeRouted,
  type Routed,
  type Routes,
} from '../../../shared/learn/routing.ts';
import { AgentChoice } from '../../../shared/model/agent.ts';
import { taskId } from '../../../shared/model/ids.ts';

const start = 1_800_000_000_000;
const kind = 'agent fix';

function choice(provider: string, model: string, agent = 'opencode'): AgentChoice {
  return AgentChoice.parse({ agent, target: { provider, model } });
}
const a1 = choice('alpha', 'one');
const a2 = choice('alpha', 'two');
const b1 = choice('beta', 'one');
const c1 = choice('gamma', 'one', 'claude');
const all = [a1, a2, b1, c1];
const options: RouteOption[] = all.map((each) => ({
  choice: each,
  format: each === c1 ? 'anthropic-messages' : 'openai-chat',
}));

function result(of: AgentChoice, more: Partial<Routed> = {}): Routed {
  const good = { success: true, quality: 0.8, costUsd: 0.3, durationMs: 60_000 };
  return { kind, choice: of, ...good, ...more };
}

function weights(state: Routes, available: readonly AgentChoice[]): Map<string, number> {
  return new Map(weightsOf(state, kind, available).map((w) => [choiceName(w.choice), w.weight]));
}

/** Numbers are sums of many divisions. */
const EPSILON = 1e-9;

function checkBounds(now: Map<string, number>, available: readonly AgentChoice[]): void {
  const shares = [...now.values()];
  expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 9);
  expect(Math.min(...shares)).toBeGreaterThanOrEqual(
    Math.min(MIN_SHARE, 0.5 / shares.length) - EPSILON,
  );
  const providers = Map.groupBy(available, (each) => each.target.provider);
  if (providers.size < 2) return;
  for (const own of providers.values()) {
    const share = own.reduce((sum, each) => sum + (now.get(choiceName(each)) ?? 0), 0);
    expect(share).toBeLessThanOrEqual(MAX_PROVIDER_SHARE + EPSILON);
  }
}

const routed = (available: readonly AgentChoice[]) =>
  fc.record({
    kind: fc.constant(kind),
    choice: fc.constantFrom(...available),
    success: fc.boolean(),
    quality: fc.double({ min: 0, max: 1, noNaN: true }),
    costUsd: fc.option(fc.double({ min: 0, max: 50, noNaN: true }), { nil: null }),
    durationMs: fc.integer({ min: 0, max: 4 * 3_600_000 }),
  });

const sites = fc
  .subarray([...all, choice('beta', 'two'), choice('beta', 'three'), choice('gamma', 'two')], {
    minLength: 1,
  })
  .chain((available) =>
    fc.tuple(fc.constant(available), fc.array(routed(available), { maxLength: 120 })),
  );

describe('weights of routing', () => {
  it('are equal before anything is measured, within the bound of a provider', () => {
    expect([...weights(NO_ROUTES, [a1, b1]).values()]).toEqual([0.5, 0.5]);
    const three = weights(NO_ROUTES, [a1, a2, choice('alpha', 'three'), b1]);
    expect(three.get(choiceName(b1))).toBeCloseTo(0.4);
  });

  it('keep all four bounds after every result, whatever the results', () => {
    fc.assert(
      fc.property(sites, ([available, results]) => {
        let state = NO_ROUTES;
        let before = weights(state, available);
        for (const [i, each] of results.entries()) {
          state = observeRouted(state, each, start + i);
          const now = weights(state, available);
          checkBounds(now, available);
          for (const [name, share] of now)
            expect(Math.abs(share - (before.get(name) ?? 0))).toBeLessThanOrEqual(
              MAX_STEP + EPSILON,
            );
          before = now;
        }
      }),
      { numRuns: 150 },
    );
  });

  it('stay where they are while value drifts by less than 15 %', () => {
    let state = NO_ROUTES;
    for (let i = 0; i < 60; i += 1) {
      const of = i % 2 === 0 ? a1 : b1;
      state = observeRouted(state, result(of, { costUsd: of === a1 ? 0.3 : 0.33 }), start + i);
    }
    expect([...weights(state, [a1, b1]).values()]).toEqual([0.5, 0.5]);
  });

  it('come to the better of two providers, up to 60 %, by measure of quality, of cost, and of time', () => {
    for (const worse of [{ success: false }, { costUsd: 3 }, { durationMs: 3_600_000 }]) {
      let state = NO_ROUTES;
      for (let i = 0; i < 100; i += 1) {
        const chosen = chooseAgent(state, kind, [options[0]!, options[2]!], taskId(i + 1), 1);
        const of = chosen!.choice;
        state = observeRouted(state, result(of, of === a1 ? worse : {}), start + i);
      }
      expect(weights(state, [a1, b1]).get(choiceName(b1))).toBeCloseTo(0.6);
    }
  });

  it('come back when the better one gets worse', () => {
    let state = NO_ROUTES;
    for (let i = 0; i < 200; i += 1) {
      const of = i % 2 === 0 ? a1 : b1;
      state = observeRouted(state, result(of, { success: (of === a1) === i < 100 }), start + i);
    }
    expect(weights(state, [a1, b1]).get(choiceName(b1))).toBeCloseTo(0.6);
  });

  it('neither reward nor punish a cost that is not known in USD', () => {
    let state = NO_ROUTES;
    for (let i = 0; i < 40; i += 1)
      state = observeRouted(
        state,
        i % 2 === 0 ? result(a1, { costUsd: null }) : result(b1),
        start + i,
      );
    expect([...weights(state, [a1, b1]).values()]).toEqual([0.5, 0.5]);
  });

  it('tell what was measured', () => {
    const state = observeRouted(NO_ROUTES, result(a1), start);
    const [first] = weightsOf(state, kind, [a1]);
    expect(first?.why).toBe('100 % succeeded, quality 0.80, $0.30 a merged change, 60 s');
  });
});

describe('the choice of an agent', () => {
  it('gives each its share of the tasks', () => {
    const counts = new Map<string, number>();
    for (let i = 1; i <= 1000; i += 1) {
      const name = choiceName(chooseAgent(NO_ROUTES, kind, options, taskId(i), 1)!.choice);
      counts.set(name, (counts.get(name) ?? 0) + 1);
    }
    for (const count of counts.values()) expect(Math.abs(count - 250)).toBeLessThan(10);
    expect(counts.size).toBe(4);
  });

  it('is the same for the same task, attempt and state, in whatever order the choices come', () => {
    const once = chooseAgent(NO_ROUTES, kind, options, taskId(7), 2);
    expect(chooseAgent(NO_ROUTES, kind, options.toReversed(), taskId(7), 2)).toEqual(once);
  });

  it('takes the first preference that is available, and says when none is', () => {
    const preferred = [{ agent: 'gemini' }, { provider: 'beta' }];
    const found = chooseAgent(NO_ROUTES, kind, options, taskId(1), 1, [], preferred);
    expect(found?.choice).toEqual(b1);
    expect(found?.reason).toMatch(/preferred by the project/);
    const without = chooseAgent(NO_ROUTES, kind, options, taskId(1), 1, [b1], preferred);
    expect(without?.choice).not.toEqual(b1);
    expect(without?.reason).toMatch(/nothing that the project prefers is available/);
  });

  it('leaves out what failed before, and is none when nothing else is left', () => {
    for (let i = 1; i < 30; i += 1)
      expect([a2, c1]).toContainEqual(
        chooseAgent(NO_ROUTES, kind, options, taskId(i), 1, [a1, b1])?.choice,
      );
    expect(chooseAgent(NO_ROUTES, kind, options, taskId(1), 1, all)).toBeNull();
  });

  it('fails over within the wire format first, and to another provider before the same', () => {
    const routing = chooseAgent(NO_ROUTES, kind, options, taskId(1), 1, [], [{ model: 'two' }]);
    expect(routing?.choice).toEqual(a2);
    expect(routing?.order).toEqual([b1, a1, c1]);
  });
});
