import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Gap, KnownGap } from '../../../shared/model/gap.ts';
import { propose } from '../../../shared/policy/propose.ts';

const limits = { tasksPerCycle: 3, cooldownMs: 1000 };

const gap = (fingerprint: string, score = 0.5, file = `${fingerprint}.js`, agent = false): Gap => ({
  fingerprint,
  detector: 'unused-imports',
  title: fingerprint,
  type: 'cleanup',
  instructions: '',
  acceptance: [],
  deliverables: [],
  scope: [file],
  references: [],
  evidence: '',
  executor: agent
    ? { kind: 'agent' }
    : { kind: 'mechanic', recipe: { kind: 'lint-fix', file, rules: [] } },
  risk: 'low',
  estimateMs: 1000,
  score,
});

const known = (state: KnownGap['state'], endedAtMs: number | null, closed = false): KnownGap => ({
  fingerprint: 'a',
  state,
  endedAtMs,
  closed,
});
const chosen = (gaps: Gap[], history: KnownGap[], nowMs: number): string[] =>
  propose(gaps, history, nowMs, limits).chosen.map((choice) => choice.gap.fingerprint);

describe('propose', () => {
  it.each<[string, KnownGap, boolean]>([
    ['is open', known('open', null), false],
    ['was merged and is still there', known('merged', 0), false],
    ['was merged, went away and came back', known('merged', 0, true), true],
    ['was rejected just now', known('rejected', 4500), false],
    ['was rejected a cooling period ago', known('rejected', 4000), true],
    ['failed for good just now', known('failed', 4001), false],
  ])('a gap that %s', (_, history, expected) => {
    expect(chosen([gap('a')], [history], 5000)).toEqual(expected ? ['a'] : []);
  });

  it('takes the best by score and says why the others wait', () => {
    const { chosen, dropped } = propose(
      [gap('d', 0.1), gap('b', 0.9), gap('c', 0.4), gap('a', 0.6)],
      [],
      0,
      limits,
    );
    expect(chosen.map((choice) => choice.gap.fingerprint)).toEqual(['b', 'a', 'c']);
    expect(dropped).toEqual([
      { fingerprint: 'd', reason: expect.stringContaining('cycle') as string },
    ]);
  });

  it('orders gaps of one file, the mechanic before the agent', () => {
    const result = propose(
      [gap('agent', 0.9, 'x.js', true), gap('one', 0.5, 'x.js'), gap('two', 0.4, 'x.js')],
      [],
      0,
      limits,
    );
    expect(result.chosen.map((choice) => [choice.gap.fingerprint, choice.after])).toEqual([
      ['one', []],
      ['two', ['one']],
      ['agent', ['two']],
    ]);
  });

  it('never proposes anything twice, whatever the history and the scores', () => {
    const names = fc.constantFrom('a', 'b', 'c', 'd', 'e');
    const gaps = fc.array(
      fc
        .record({ name: names, score: fc.double({ min: 0, max: 1, noNaN: true }) })
        .map(({ name, score }) => gap(name, score)),
    );
    fc.assert(
      fc.property(fc.array(gaps, { maxLength: 8 }), (cycles) => {
        const open: KnownGap[] = [];
        cycles.forEach((found, nowMs) => {
          const { chosen, dropped } = propose(found, open, nowMs, limits);
          expect(chosen.length).toBeLessThanOrEqual(limits.tasksPerCycle);
          expect(new Set(found.map((g) => g.fingerprint)).size).toBe(
            chosen.length + dropped.length,
          );
          for (const choice of chosen)
            open.push({
              fingerprint: choice.gap.fingerprint,
              state: 'open',
              endedAtMs: null,
              closed: false,
            });
        });
        expect(new Set(open.map((entry) => entry.fingerprint)).size).toBe(open.length);
      }),
    );
  });
});
