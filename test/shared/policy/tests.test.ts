import fc from 'fast-check';
import { CommitId, taskId } from '../../../shared/model/ids.ts';
import { describe, expect, it } from 'vitest';
import { compareTests, isTestFile, mayRemoveTests } from '../../../shared/policy/tests.ts';
import { report } from './reports.ts';

const name = fc.constantFrom('a', 'b', 'c', 'd', 'e');
const failures = fc.uniqueArray(name, { minLength: 1 });

describe('the comparison of two test runs', () => {
  it('counts only what fails now and did not before', () => {
    fc.assert(
      fc.property(failures, failures, (before, after) => {
        const result = compareTests(
          report({ outcome: 'failed', failing: before }),
          report({ outcome: 'failed', failing: after }),
        );
        const fresh = after.filter((test) => !before.includes(test));
        expect(result.newFailures).toEqual(fresh);
        expect(result.fixed).toEqual(before.filter((test) => !after.includes(test)));
        expect(result.verdict).toBe(fresh.length === 0 ? 'passed' : 'failed');
      }),
    );
  });

  it('never fails work for what was as it is', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('passed', 'failed', 'timeout', 'unreadable', 'absent'),
        failures,
        (outcome, failing) => {
          const same = report({ outcome, failing: outcome === 'failed' ? failing : [] });
          expect(compareTests(same, same).verdict).not.toBe('failed');
        },
      ),
    );
  });

  it('names new failures, and repaired ones', () => {
    const before = report({ outcome: 'failed', failing: ['old', 'gone'] });
    expect(
      compareTests(before, report({ outcome: 'failed', failing: ['old', 'new'] })).detail,
    ).toBe('1 test newly failed: new');
    expect(compareTests(before, report({ outcome: 'failed', failing: ['old'] })).detail).toBe(
      'no new failure among 10 tests; 1 failed already before the change; 1 test repaired: gone',
    );
    expect(compareTests(before, report({ outcome: 'passed' })).detail).toBe(
      '10 tests passed; 2 tests repaired: old, gone',
    );
  });

  it('fails tests that vanished, unless they may', () => {
    const [before, after] = [report({ total: 10 }), report({ total: 9 })];
    expect(compareTests(before, after)).toMatchObject({
      verdict: 'failed',
      detail: 'tests vanished: 9 ran, 10 before the change',
    });
    expect(compareTests(before, after, { mayRemoveTests: true }).verdict).toBe('passed');
    expect(compareTests(before, report({ total: null })).verdict).toBe('failed');
    expect(compareTests(report({ total: null }), after).verdict).toBe('passed');
  });

  it('fails a test command that is gone, hangs or stops naming tests, where it did not before', () => {
    expect(compareTests(report({}), report({ outcome: 'absent' })).verdict).toBe('failed');
    expect(compareTests(report({}), report({ outcome: 'timeout' })).verdict).toBe('failed');
    expect(compareTests(report({}), report({ outcome: 'unreadable', exitCode: 1 })).verdict).toBe(
      'failed',
    );
    expect(
      compareTests(
        report({ outcome: 'failed', failing: ['a'] }),
        report({ outcome: 'unreadable', exitCode: 1 }),
      ).verdict,
    ).toBe('failed');
  });

  it('lets a human judge where the project itself gives no answer', () => {
    for (const outcome of ['absent', 'timeout'] as const)
      expect(compareTests(report({ outcome }), report({ outcome }))).toMatchObject({
        verdict: 'unknown',
        humanMayJudge: true,
      });
    const missing = report({ outcome: 'unreadable', exitCode: 127 });
    expect(compareTests(missing, missing)).toMatchObject({
      verdict: 'unknown',
      humanMayJudge: true,
    });
  });

  it('takes an unreadable failure for the old one only when it said and exited the same', () => {
    const before = report({ outcome: 'unreadable', exitCode: 1, signature: 'x' });
    expect(compareTests(before, before).verdict).toBe('passed');
    expect(compareTests(before, { ...before, signature: 'y' })).toMatchObject({
      verdict: 'unknown',
      humanMayJudge: false,
    });
    expect(compareTests(before, { ...before, exitCode: 2 })).toMatchObject({
      verdict: 'unknown',
      humanMayJudge: false,
    });
    expect(compareTests(before, report({ outcome: 'failed', failing: ['a'] })).verdict).toBe(
      'unknown',
    );
  });

  it('leaves it to a human where nothing says that a test ran', () => {
    for (const total of [null, 0]) {
      const lintFails = report({ outcome: 'unreadable', exitCode: 1, signature: 'x', total });
      expect(compareTests(lintFails, lintFails)).toMatchObject({
        verdict: 'unknown',
        humanMayJudge: true,
      });
    }
  });

  it('passes what runs now and did not before', () => {
    for (const outcome of ['absent', 'timeout', 'unreadable'] as const)
      expect(compareTests(report({ outcome, total: null }), report({})).verdict).toBe('passed');
  });
});

describe('tests among the files', () => {
  it.each([
    'test/a.js',
    'src/__tests__/a.ts',
    'a.test.ts',
    'src/b.spec.mjs',
    'spec/a.js',
    'tests/deep/a.js',
    'a_test.js',
    'a-test.cjs',
  ])('%s is one', (file) => {
    expect(isTestFile(file)).toBe(true);
  });
  it.each(['src/a.js', 'latest/a.js', 'src/contest.ts', 'test.md.txt', 'attest/x.js'])(
    '%s is none',
    (file) => {
      expect(isTestFile(file)).toBe(false);
    },
  );

  it('may be removed by a cleanup of nothing but tests', () => {
    const agent = { kind: 'agent' } as const;
    expect(mayRemoveTests({ type: 'cleanup', executor: agent }, ['test/a.js'])).toBe(true);
    expect(mayRemoveTests({ type: 'cleanup', executor: agent }, ['test/a.js', 'src/a.js'])).toBe(
      false,
    );
    expect(mayRemoveTests({ type: 'fix', executor: agent }, ['test/a.js'])).toBe(false);
    expect(mayRemoveTests({ type: 'cleanup', executor: agent }, [])).toBe(false);
  });

  it('go with the work that brought them when that is undone', () => {
    const recipe = {
      kind: 'revert' as const,
      task: taskId(1),
      commit: CommitId.parse('a'.repeat(40)),
    };
    const executor = { kind: 'mechanic' as const, recipe };
    expect(mayRemoveTests({ type: 'fix', executor }, ['test/a.js', 'src/a.js'])).toBe(true);
  });
});
