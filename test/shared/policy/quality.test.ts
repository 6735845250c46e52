import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { scoreQuality, type QualityInput } from '../../../shared/policy/quality.ts';
import { compareTests } from '../../../shared/policy/tests.ts';
import { report } from './reports.ts';

const passing = compareTests(report({}), report({}));
const failing = compareTests(report({}), report({ outcome: 'failed', failing: ['a'] }));
const absent = compareTests(report({ outcome: 'absent' }), report({ outcome: 'absent' }));

const perfect: QualityInput = {
  tests: passing,
  lint: { before: { errors: 0, warnings: 0 }, after: { errors: 0, warnings: 0 } },
  diff: { files: ['a.js'], added: 10, removed: 4 },
  expectation: { lines: 100, reason: 'fix work' },
  coverage: { before: 0.8, after: 0.8 },
};

function lintAfter(errors: number, warnings = 0): QualityInput {
  return { ...perfect, lint: { before: { errors: 2, warnings: 2 }, after: { errors, warnings } } };
}

function part(input: QualityInput, name: string): number | undefined {
  return scoreQuality(input).parts.find((found) => found.name === name)?.value;
}

const count = fc.nat(2000);
const share = fc.option(fc.double({ min: 0, max: 1, noNaN: true }), { nil: null });
const anyInput: fc.Arbitrary<QualityInput> = fc.record({
  tests: fc.constantFrom(passing, failing, absent),
  lint: fc.option(
    fc.record({
      before: fc.record({ errors: count, warnings: count }),
      after: fc.record({ errors: count, warnings: count }),
    }),
    { nil: null },
  ),
  diff: fc.record({ files: fc.constantFrom([], ['a.js']), added: count, removed: count }),
  expectation: fc.record({
    lines: fc.option(fc.integer({ min: 1, max: 400 }), { nil: null }),
    reason: fc.constant('x'),
  }),
  coverage: fc.record({ before: share, after: share }),
});

describe('the quality of an attempt', () => {
  it('is the weighted mean of its parts, whose weights add up to one', () => {
    fc.assert(
      fc.property(anyInput, (input) => {
        const { quality, parts } = scoreQuality(input);
        const weights = parts.reduce((total, { weight }) => total + weight, 0);
        const mean = parts.reduce((total, { value, weight }) => total + value * weight, 0);
        expect(weights === 0 || Math.abs(weights - 1) < 1e-9).toBe(true);
        expect(quality).toBeCloseTo(mean, 5);
        expect(
          quality >= 0 && quality <= 1 && parts.every(({ value }) => value >= 0 && value <= 1),
        ).toBe(true);
      }),
    );
  });

  it('is exactly one when every part is, whichever apply', () => {
    fc.assert(
      fc.property(fc.boolean(), fc.boolean(), fc.boolean(), (lint, size, coverage) => {
        const input: QualityInput = {
          ...perfect,
          lint: lint ? perfect.lint : null,
          expectation: size ? perfect.expectation : { lines: null, reason: '' },
          coverage: coverage ? perfect.coverage : { before: null, after: null },
        };
        expect(scoreQuality(input).quality).toBe(1);
      }),
    );
  });

  it('falls with each new lint error, five times faster than with a warning, and is not raised by old ones', () => {
    expect(part(lintAfter(3, 2), 'lint')).toBeCloseTo(0.75);
    expect(part(lintAfter(2, 3), 'lint')).toBeCloseTo(0.95);
    expect(part(lintAfter(0, 0), 'lint')).toBe(1);
    expect(part(lintAfter(100), 'lint')).toBe(0);
  });

  it('falls with a diff larger than expected, where a removed line counts half', () => {
    const sized = (added: number, removed: number): number | undefined =>
      part({ ...perfect, diff: { files: ['a'], added, removed } }, 'size');
    expect(sized(100, 0)).toBe(1);
    expect(sized(200, 0)).toBe(0.5);
    expect(sized(0, 200)).toBe(1);
    expect(sized(0, 400)).toBe(0.5);
  });

  it('falls with coverage: ten points leave nothing of that part', () => {
    const covered = (before: number | null, after: number | null): number | undefined =>
      part({ ...perfect, coverage: { before, after } }, 'coverage');
    expect(covered(0.8, 0.9)).toBe(1);
    expect(covered(0.8, 0.75)).toBeCloseTo(0.5);
    expect(covered(0.8, 0.6)).toBe(0);
    expect(covered(null, 0.6)).toBeUndefined();
    expect(covered(0.6, null)).toBeUndefined();
  });

  it('loses half to failing tests', () => {
    expect(scoreQuality({ ...perfect, tests: failing }).quality).toBeCloseTo(0.5);
  });

  it('shows the tests of a project that has none, and does not count them', () => {
    const { quality, parts } = scoreQuality({ ...perfect, tests: absent });
    expect(quality).toBe(1);
    expect(parts[0]).toEqual({
      name: 'tests',
      value: 0,
      weight: 0,
      detail: 'the project has no test command',
    });
  });

  it('is nothing when no part applies', () => {
    const nothing: QualityInput = {
      ...perfect,
      tests: absent,
      lint: null,
      expectation: { lines: null, reason: '' },
      coverage: { before: null, after: null },
    };
    expect(scoreQuality(nothing).quality).toBe(0);
  });
});
