import type { DiffStat, QualityPart } from '../model/attempt.ts';
import type { SizeExpectation } from './expectation.ts';
import type { TestComparison } from './tests.ts';

export interface LintCounts {
  readonly errors: number;
  readonly warnings: number;
}

export interface QualityInput {
  readonly tests: TestComparison;
  /** Problems in the touched files before and after; null when none of them can be linted. */
  readonly lint: { readonly before: LintCounts; readonly after: LintCounts } | null;
  readonly diff: DiffStat;
  readonly expectation: SizeExpectation;
  /** Line coverage 0–1 before and after, null where the project does not measure it. */
  readonly coverage: { readonly before: number | null; readonly after: number | null };
}

/**
 * Tests are the only part that says whether the code works, so they weigh as much as the rest
 * together; lint and size say whether it can be lived with; coverage moves slowly and can be gamed.
 */
const WEIGHTS: Record<QualityPart['name'], number> = {
  tests: 0.5,
  lint: 0.2,
  size: 0.2,
  coverage: 0.1,
};

/** A new error costs a quarter of the lint part: four leave nothing. */
const COST_PER_ERROR = 0.25;
/** A new warning costs a fifth of an error. */
const COST_PER_WARNING = 0.05;
/** Coverage that falls by ten points leaves nothing of its part; one point is noise-sized. */
const COVERAGE_SPAN = 0.1;

/**
 * The quality of an attempt, 0–1: the weighted mean of the parts that apply. A part that does not
 * apply gives its weight to the others in proportion; tests that only a human can judge are shown with
 * weight 0. With no part that counts the quality is 0.
 */
export function scoreQuality(input: QualityInput): { quality: number; parts: QualityPart[] } {
  const applied = [testsPart(input), lintPart(input), sizePart(input), coveragePart(input)].filter(
    (part) => part !== null,
  );
  const sum = applied.reduce((total, part) => total + WEIGHTS[part.name], 0);
  const parts = applied.map((part) => ({ ...part, weight: WEIGHTS[part.name] / sum }));
  const quality = parts.reduce((total, part) => total + part.value * part.weight, 0);
  const { tests } = input;
  const uncounted: QualityPart[] = humanOnly(tests)
    ? [{ name: 'tests', value: 0, weight: 0, detail: tests.detail }]
    : [];
  return { quality: clamp(quality), parts: [...uncounted, ...parts] };
}

type Part = Omit<QualityPart, 'weight'>;

/** Where the project cannot say, a human will; a score of 0 would only refuse all work. */
function humanOnly(tests: TestComparison): boolean {
  return tests.verdict === 'unknown' && tests.humanMayJudge;
}

function testsPart({ tests }: QualityInput): Part | null {
  if (humanOnly(tests)) return null;
  return { name: 'tests', value: tests.verdict === 'passed' ? 1 : 0, detail: tests.detail };
}

function lintPart({ lint }: QualityInput): Part | null {
  if (lint === null) return null;
  const errors = lint.after.errors - lint.before.errors;
  const warnings = lint.after.warnings - lint.before.warnings;
  return {
    name: 'lint',
    value: clamp(1 - COST_PER_ERROR * errors - COST_PER_WARNING * warnings),
    detail: `${signed(errors)} errors, ${signed(warnings)} warnings in the touched files`,
  };
}

function sizePart({ diff, expectation }: QualityInput): Part | null {
  const lines = diff.added + diff.removed / 2;
  if (expectation.lines === null || diff.files.length === 0) return null;
  return {
    name: 'size',
    value: lines <= expectation.lines ? 1 : expectation.lines / lines,
    detail: `+${diff.added} −${diff.removed} lines; up to ${expectation.lines} expected of ${expectation.reason}`,
  };
}

function coveragePart({ coverage: { before, after } }: QualityInput): Part | null {
  if (before === null || after === null) return null;
  return {
    name: 'coverage',
    value: clamp(1 + (after - before) / COVERAGE_SPAN),
    detail: `lines ${percent(before)} → ${percent(after)}`,
  };
}

function clamp(value: number): number {
  return Math.min(1, Math.max(0, value));
}

function signed(value: number): string {
  return value > 0 ? `+${value}` : String(value);
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}
