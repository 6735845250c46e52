import { describe, expect, it } from 'vitest';
import { reportFor } from '../../../shared/policy/report.ts';
import { report, verification } from './reports.ts';

describe('the report for the next attempt', () => {
  it('names the failing checks first, then the unknown, then the passed', () => {
    const text = reportFor(
      verification([
        { name: 'scope', verdict: 'passed', detail: 'inside' },
        { name: 'lint', verdict: 'unknown', detail: 'no ESLint' },
        { name: 'tests', verdict: 'failed', detail: '1 test newly failed: a' },
      ]),
    );
    expect(text.split('\n').slice(0, 4)).toEqual([
      'The result did not pass its checks.',
      '- tests: failed. 1 test newly failed: a',
      '- lint: unknown. no ESLint',
      '- scope: passed. inside',
    ]);
  });

  it('shows the parts of the quality with their weights, and what was not counted', () => {
    const text = reportFor(
      verification([], {
        quality: 0.42,
        parts: [
          { name: 'tests', value: 0, weight: 0, detail: 'no test command' },
          { name: 'size', value: 0.4, weight: 1, detail: '+900 lines' },
        ],
      }),
    );
    expect(text).toContain(
      'Quality 0.42, at least 0.60 wanted:\n- tests: not counted. no test command\n- size: 0.40 of 1, weight 1.00. +900 lines',
    );
  });

  it('names at most fifty failing tests, how many more there are, and the log', () => {
    const failing = Array.from({ length: 60 }, (_, index) => `test ${index}`);
    const text = reportFor(
      verification([], { tests: report({ outcome: 'failed', failing, log: '/logs/1.log' }) }),
    );
    expect(text).toContain('- test 49\n- and 10 more\nFull test output: /logs/1.log');
    expect(text).not.toContain('test 50');
  });
});
