import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  MAX_COMPLEXITY,
  MIN_SPECIFICITY,
  scoreSpec,
  tooVagueOrLarge,
} from '../../../shared/policy/spec.ts';

type Spec = Parameters<typeof scoreSpec>[0];

const HOUR_MS = 3_600_000;

/** Nothing but a title, for an agent. */
const bare: Spec = {
  title: 'Make it better',
  instructions: '',
  acceptance: [],
  deliverables: [],
  references: [],
  scope: [],
  estimateMs: HOUR_MS,
  executor: { kind: 'agent' },
};

const exact: Spec = {
  ...bare,
  title: 'Round the sum of `invoiceTotal()` to whole cents',
  instructions:
    'In `src/invoice.ts` the function `invoiceTotal` adds amounts as floating-point numbers. Use integer cents from `src/money.ts` throughout, and round once at the end, half to even.',
  acceptance: ['invoiceTotal([0.1, 0.2]) is 0.3', 'the tests pass'],
  deliverables: ['src/invoice.ts'],
  references: ['src/money.ts'],
  scope: ['src/invoice.ts', 'test/invoice.test.ts'],
};

const texts = fc.array(fc.string(), { maxLength: 8 });
const anySpec: fc.Arbitrary<Spec> = fc.record({
  title: fc.string(),
  instructions: fc.string(),
  acceptance: texts,
  deliverables: texts,
  references: texts,
  scope: fc.array(fc.constantFrom('**', 'src/**', 'src/*.ts', 'a.ts', '')),
  estimateMs: fc.integer({ min: 1, max: 100 * HOUR_MS }),
  executor: fc.constant({ kind: 'agent' as const }),
});

describe('the score of a spec', () => {
  it('lies between 0 and 1', () => {
    fc.assert(
      fc.property(anySpec, (spec) => {
        const { specificity, complexity } = scoreSpec(spec);
        expect([specificity, complexity].every((value) => value >= 0 && value <= 1)).toBe(true);
      }),
    );
  });

  it('does not fall with another criterion, deliverable or reference', () => {
    fc.assert(
      fc.property(
        anySpec,
        fc.constantFrom('acceptance', 'deliverables', 'references'),
        (spec, field) => {
          const more = scoreSpec({ ...spec, [field]: [...spec[field], 'stated'] });
          expect(more.specificity).toBeGreaterThanOrEqual(scoreSpec(spec).specificity - 1e-9);
        },
      ),
    );
  });

  it('does not fall in complexity with a longer estimate', () => {
    fc.assert(
      fc.property(anySpec, fc.nat(50), (spec, hours) => {
        const longer = scoreSpec({ ...spec, estimateMs: spec.estimateMs + hours * HOUR_MS });
        expect(longer.complexity).toBeGreaterThanOrEqual(scoreSpec(spec).complexity);
      }),
    );
  });

  it('refuses a bare title and says what is missing', () => {
    const scores = scoreSpec(bare);
    expect(scores.specificity).toBeLessThan(MIN_SPECIFICITY);
    expect(tooVagueOrLarge(scores)).toMatch(/too vague/);
    expect(scores.notes.join('\n')).toMatch(
      /no acceptance criterion[^]*no deliverable[^]*no scope[^]*vague words: better/,
    );
  });

  it('lets an exact and small task through', () => {
    const scores = scoreSpec(exact);
    expect(scores.specificity).toBeGreaterThan(0.9);
    expect(tooVagueOrLarge(scores)).toBeNull();
    expect(scores.notes).toEqual([]);
  });

  it('refuses what is to be split: long work or many deliverables, however narrow', () => {
    const long = scoreSpec({ ...exact, estimateMs: 6 * HOUR_MS });
    expect(long.complexity).toBeGreaterThan(MAX_COMPLEXITY);
    expect(tooVagueOrLarge(long)).toMatch(/too large/);
    const many = scoreSpec({
      ...exact,
      deliverables: Array.from({ length: 6 }, (_, index) => `src/${index}.ts`),
    });
    expect(tooVagueOrLarge(many)).toMatch(/too large/);
  });

  it('lets three hours through', () => {
    expect(tooVagueOrLarge(scoreSpec({ ...exact, estimateMs: 3 * HOUR_MS }))).toBeNull();
  });

  it('is exact for work without an agent', () => {
    expect(scoreSpec({ ...bare, executor: { kind: 'command', run: 'make' } })).toMatchObject({
      specificity: 1,
      complexity: 0,
    });
  });
});
