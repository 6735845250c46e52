import type { TestReport } from '../model/project.ts';
import type { TaskSpec } from '../model/task.ts';

export interface TestComparison {
  /** Failing now and not before, by name. */
  readonly newFailures: string[];
  /** Failing before and not now, by name. */
  readonly fixed: string[];
  readonly verdict: 'passed' | 'failed' | 'unknown';
  readonly detail: string;
  /** Of an `unknown`: the project itself gives no answer, so that no retry helps, only a human. */
  readonly humanMayJudge: boolean;
}

const SHOWN = 5;
/** Exit codes of the shell for a program that may not be executed or is not there: no test has run. */
const CANNOT_RUN = new Set([126, 127]);

/**
 * Judges a test run against the one before the change: only new failures count. Tests that vanished
 * count as failed unless `mayRemoveTests`. What cannot be told is `unknown`, never passed.
 */
export function compareTests(
  baseline: TestReport,
  after: TestReport,
  options: { mayRemoveTests?: boolean } = {},
): TestComparison {
  const before = new Set(baseline.failing);
  const now = new Set(after.failing);
  const newFailures = after.failing.filter((name) => !before.has(name));
  const ran = after.outcome === 'passed' || after.outcome === 'failed';
  const fixed = ran ? baseline.failing.filter((name) => !now.has(name)) : [];
  const say = (
    verdict: TestComparison['verdict'],
    detail: string,
    humanMayJudge = false,
  ): TestComparison => ({
    newFailures,
    fixed,
    verdict,
    detail,
    humanMayJudge,
  });

  switch (after.outcome) {
    case 'absent':
      return baseline.outcome === 'absent'
        ? say('unknown', 'the project has no test command', true)
        : say('failed', 'the test command is gone');
    case 'timeout':
      return baseline.outcome === 'timeout'
        ? say('unknown', 'the tests ran out of time, as they did before the change', true)
        : say('failed', 'the tests ran out of time, and did not before the change');
    case 'unreadable':
      return compareUnreadable(baseline, after, say);
    case 'failed':
      if (baseline.outcome === 'timeout')
        return say(
          'unknown',
          `${count(now.size)} failed; before the change the tests ran out of time, so none can be called new`,
          true,
        );
      if (baseline.outcome === 'unreadable')
        return say(
          'unknown',
          `${count(now.size)} failed; before the change the tests failed without names, so none can be called new`,
        );
      if (newFailures.length > 0)
        return say('failed', `${count(newFailures.length)} newly failed: ${list(newFailures)}`);
      break;
    case 'passed':
      break;
    default:
      return after.outcome satisfies never;
  }

  const vanished = vanishedTests(baseline, after);
  if (vanished !== null && options.mayRemoveTests !== true) return say('failed', vanished);
  const ran_ = after.total === null ? 'the tests' : count(after.total);
  const old = after.failing.length;
  const fixes = fixed.length > 0 ? `; ${count(fixed.length)} repaired: ${list(fixed)}` : '';
  return say(
    'passed',
    old === 0
      ? `${ran_} passed${fixes}`
      : `no new failure among ${ran_}; ${old} failed already before the change${fixes}`,
  );
}

function compareUnreadable(
  baseline: TestReport,
  after: TestReport,
  say: (
    verdict: TestComparison['verdict'],
    detail: string,
    humanMayJudge?: boolean,
  ) => TestComparison,
): TestComparison {
  const code =
    after.exitCode === null ? 'was ended by a signal' : `failed with exit code ${after.exitCode}`;
  switch (baseline.outcome) {
    case 'unreadable':
      if (CANNOT_RUN.has(after.exitCode ?? 0) && after.exitCode === baseline.exitCode)
        return say(
          'unknown',
          `the test command can't be run (exit code ${after.exitCode}), as before the change`,
          true,
        );
      if (baseline.signature !== after.signature || baseline.exitCode !== after.exitCode)
        return say(
          'unknown',
          `the test command ${code} without naming tests, and not in the way it did before the change`,
        );
      // What fails ahead of the tests, such as a lint or a build, says the same whatever the change did to the code.
      return (after.total ?? 0) > 0
        ? say('passed', `the test command ${code} and said the same as before the change`)
        : say(
            'unknown',
            `the test command ${code} as before the change, and nothing says that any test ran`,
            true,
          );
    case 'timeout':
      return say('unknown', `the test command ${code}; before the change it ran out of time`, true);
    case 'absent':
    case 'passed':
    case 'failed':
      return say('failed', `the test command ${code} without naming a test`);
    default:
      return baseline.outcome satisfies never;
  }
}

/** Says how tests vanished, or null. Skipped tests do not count as run, so that skipping is noticed too. */
function vanishedTests(baseline: TestReport, after: TestReport): string | null {
  if (baseline.total === null || baseline.total === 0) return null;
  if (after.total === null)
    return `${count(baseline.total)} ran before the change; now the output does not say that any did`;
  return after.total < baseline.total
    ? `tests vanished: ${after.total} ran, ${baseline.total} before the change`
    : null;
}

const TEST_FILE = /(^|\/)(tests?|__tests__|specs?)\/|[._-](test|spec)\.[cm]?[jt]sx?$/;

/** Whether a path is a test by the naming that all common runners look for. */
export function isTestFile(file: string): boolean {
  return TEST_FILE.test(file);
}

/** Whether a task may leave fewer tests behind: a cleanup whose diff touches nothing but tests. */
export function mayRemoveTests(
  spec: Pick<TaskSpec, 'type' | 'executor'>,
  changed: readonly string[],
): boolean {
  const { executor } = spec;
  // What a task brought goes with it, tests and all.
  if (executor.kind === 'mechanic' && executor.recipe.kind === 'revert') return true;
  return spec.type === 'cleanup' && changed.length > 0 && changed.every(isTestFile);
}

function count(tests: number): string {
  return `${tests} ${tests === 1 ? 'test' : 'tests'}`;
}

function list(names: readonly string[]): string {
  const more = names.length > SHOWN ? ` and ${names.length - SHOWN} more` : '';
  return names.slice(0, SHOWN).join(', ') + more;
}
