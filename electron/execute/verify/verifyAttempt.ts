import type { Check, DiffStat, Verification } from '../../../shared/model/attempt.ts';
import type { Limits } from '../../../shared/model/config.ts';
import type { ProjectProfile, TestReport } from '../../../shared/model/project.ts';
import type { TaskSpec } from '../../../shared/model/task.ts';
import { sizeExpectation } from '../../../shared/policy/expectation.ts';
import { isSecurity } from '../../../shared/policy/review.ts';
import { scoreQuality } from '../../../shared/policy/quality.ts';
import { missingDeliverables, outsideScope } from '../../../shared/policy/scope.ts';
import {
  compareTests,
  isTestFile,
  mayRemoveTests,
  type TestComparison,
} from '../../../shared/policy/tests.ts';
import type { WrapCommand } from '../../tools/wrapCommand.ts';
import { git } from '../repository/git.ts';
import { oversightCheck } from './oversightCheck.ts';
import { lintDelta, type LintDelta } from './lint.ts';
import { lintByCommand } from './lintCommand.ts';
import type { ProcessRecord } from '../command/processGroup.ts';
import { isOverridden } from '../profile/detectProfile.ts';
import { runTests } from './runTests.ts';
import { scanDiff } from './security/scanDiff.ts';
import type { Workspace } from '../repository/workspace.ts';

/** Names shown of missing or foreign files; the rest is a number. */
const SHOWN = 5;

export interface VerifyRequest {
  /** Its HEAD is what is verified, against its base. */
  readonly workspace: Pick<Workspace, 'path' | 'base'>;
  readonly spec: Pick<TaskSpec, 'type' | 'executor' | 'deliverables' | 'scope'>;
  readonly profile: Pick<
    ProjectProfile,
    'test' | 'testTimeoutMs' | 'lint' | 'sources' | 'oversight'
  >;
  /** What HEAD changes; null when the attempt changed nothing. */
  readonly diff: DiffStat | null;
  /** What the tests said at the base. */
  readonly baseline: TestReport;
  /** The quality that the result must reach, 0–1. */
  readonly threshold: number;
  readonly limits: Pick<Limits, 'stallMs' | 'maxAttemptMs' | 'logBytes'>;
  /** Where the output of the tests goes. */
  readonly logFile: string;
  readonly signal?: AbortSignal;
  readonly onSpawn?: (record: ProcessRecord) => void;
  /** Puts the project's tests and its linter into a sandbox. */
  readonly wrap?: WrapCommand | undefined;
}

/**
 * Checks the result of an attempt: deliverables, scope, security, tests against the baseline, lint,
 * quality. All checks run, so that the next attempt hears of everything at once. A check that could not
 * run counts as failed, except where a human has to say (`needsReview`): the project itself can give no
 * answer (no tests, none that end), or the security gate got none (a registry that does not audit).
 * @throws VigilError `git-failed`, `command-failed` when the tests could not be started; what `signal` was aborted with.
 */
export async function verifyAttempt(request: VerifyRequest): Promise<Verification> {
  const { workspace, spec, profile, diff, baseline, threshold, signal } = request;
  const existing = await filesAt(workspace.path);
  const checks: Check[] = [deliverablesCheck(spec.deliverables, existing)];
  if (diff === null) return unchanged(checks, threshold);
  checks.push(scopeCheck(diff.files, spec.scope));
  checks.push(await oversightCheck(workspace, profile.oversight ?? []));

  // The scan takes less time than nearly all tests do, and reads commits only, so that both run at once.
  const scan = scanDiff({ workspace, files: diff.files, signal });
  const tests = testTwiceIfNeeded(request, diff.files, existing);
  // Neither may go on in a workspace that is given up because the other threw.
  await Promise.allSettled([scan, tests]);
  checks.push(...(await scan));
  const { after, comparison } = await tests;
  checks.push({ name: 'tests', verdict: comparison.verdict, detail: comparison.detail });

  signal?.throwIfAborted();
  const lint = await lintOf(request, diff.files);
  checks.push(lintCheck(lint));

  const { quality, parts } = scoreQuality({
    tests: comparison,
    lint: lint.kind === 'compared' ? lint : null,
    diff,
    expectation: sizeExpectation(spec),
    coverage: { before: baseline.coverage, after: after.coverage },
  });
  const measured = parts.some((part) => part.weight > 0);
  checks.push(qualityCheck(quality, threshold, measured));
  const passed = checks.every(({ name, verdict }) => {
    if (verdict !== 'unknown') return verdict === 'passed';
    if (isSecurity(name) || name === 'oversight') return true;
    // Nothing to measure the quality by is the same lack of an answer.
    return comparison.humanMayJudge && (name === 'tests' || (name === 'quality' && !measured));
  });
  return { passed, checks, quality, parts, threshold, tests: after };
}

/** The tree is the one that was good before: only what should exist is left to ask. */
function unchanged(checks: Check[], threshold: number): Verification {
  const all: Check[] = [
    ...checks,
    { name: 'scope', verdict: 'passed', detail: 'nothing was changed' },
  ];
  return {
    passed: all.every(({ verdict }) => verdict === 'passed'),
    checks: all,
    quality: 0,
    parts: [],
    threshold,
    tests: null,
  };
}

async function filesAt(root: string): Promise<string[]> {
  const { stdout } = await git(root, ['ls-tree', '-r', '-z', '--name-only', '--full-tree', 'HEAD']);
  return stdout.split('\0').filter((file) => file !== '');
}

/** What git ignores is no deliverable: it would never arrive in the integrated tree. */
function deliverablesCheck(deliverables: readonly string[], existing: readonly string[]): Check {
  const missing = missingDeliverables(deliverables, existing);
  if (missing.length > 0)
    return { name: 'deliverables', verdict: 'failed', detail: `missing: ${list(missing)}` };
  return {
    name: 'deliverables',
    verdict: 'passed',
    detail: deliverables.length === 0 ? 'none asked for' : `${list(deliverables)}: there`,
  };
}

function scopeCheck(changed: readonly string[], scope: readonly string[]): Check {
  const outside = outsideScope(changed, scope);
  const allowed = scope.length === 0 ? 'the whole project' : list(scope);
  return outside.length === 0
    ? {
        name: 'scope',
        verdict: 'passed',
        detail: `${changed.length} changed ${changed.length === 1 ? 'file' : 'files'} within ${allowed}`,
      }
    : { name: 'scope', verdict: 'failed', detail: `changed outside ${allowed}: ${list(outside)}` };
}

/**
 * Runs the tests and judges them. New failures have to happen twice: some tests fail now and then
 * whatever was changed, and an attempt is not to pay for them.
 */
async function testTwiceIfNeeded(
  request: VerifyRequest,
  changed: readonly string[],
  existing: readonly string[],
): Promise<{ after: TestReport; comparison: TestComparison }> {
  const run = async () => {
    const after = await runTests({ ...request, root: request.workspace.path });
    return { after, comparison: await judgeTests(request, changed, after, existing) };
  };
  const first = await run();
  if (first.comparison.verdict !== 'failed' || first.after.failing.length === 0) return first;
  const { after, comparison } = await run();
  if (comparison.verdict !== 'passed') return { after, comparison };
  const detail = `${comparison.detail}; in a first run they had failed (${first.comparison.detail})`;
  return { after, comparison: { ...comparison, detail } };
}

/** Tests against the baseline; where no number of tests would tell that some are gone, their files do. */
async function judgeTests(
  { spec, baseline, workspace }: VerifyRequest,
  changed: readonly string[],
  after: TestReport,
  existing: readonly string[],
): Promise<TestComparison> {
  const mayRemove = mayRemoveTests(spec, changed);
  const comparison = compareTests(baseline, after, { mayRemoveTests: mayRemove });
  if (
    comparison.verdict === 'failed' ||
    mayRemove ||
    (baseline.total !== null && after.total !== null)
  )
    return comparison;
  const now = new Set(existing);
  const gone = changed.filter((file) => isTestFile(file) && !now.has(file));
  if (gone.length === 0) return comparison;
  const { stdout } = await git(workspace.path, [
    'diff-tree',
    '-r',
    '-z',
    '-M',
    '--name-only',
    '--diff-filter=D',
    workspace.base,
    'HEAD',
  ]);
  const deleted = stdout.split('\0');
  const removed = gone.filter((file) => deleted.includes(file));
  if (removed.length === 0) return comparison;
  return {
    ...comparison,
    verdict: 'failed',
    detail: `test files were removed: ${list(removed)}`,
    humanMayJudge: false,
  };
}

/** By ESLint, unless the project's `vigil.yaml` names a lint command of its own, or none. */
async function lintOf(request: VerifyRequest, changed: readonly string[]): Promise<LintDelta> {
  const { workspace, profile, signal, wrap } = request;
  if (!isOverridden(profile, 'lint')) return lintDelta(workspace, changed, signal, wrap);
  return profile.lint === null
    ? { kind: 'nothing' }
    : lintByCommand({ ...request, command: profile.lint });
}

function lintCheck(lint: LintDelta): Check {
  switch (lint.kind) {
    case 'nothing':
      return { name: 'lint', verdict: 'passed', detail: 'there is nothing to lint' };
    case 'unknown':
      return { name: 'lint', verdict: 'unknown', detail: `no answer: ${lint.reason}` };
    case 'judged':
      return { name: 'lint', verdict: lint.worse ? 'failed' : 'passed', detail: lint.detail };
    case 'compared': {
      const { before, after, by } = lint;
      const verdict = after.errors > before.errors ? 'failed' : 'passed';
      return {
        name: 'lint',
        verdict,
        detail: `errors ${before.errors} → ${after.errors}, warnings ${before.warnings} → ${after.warnings} in the touched files, by ${by}`,
      };
    }
    default:
      return lint satisfies never;
  }
}

function qualityCheck(quality: number, threshold: number, measured: boolean): Check {
  if (!measured)
    return {
      name: 'quality',
      verdict: 'unknown',
      detail: 'nothing about this result can be measured',
    };
  const met = quality >= threshold;
  return {
    name: 'quality',
    verdict: met ? 'passed' : 'failed',
    detail: `${quality.toFixed(2)}, ${met ? 'at least' : 'below the'} ${threshold.toFixed(2)} wanted`,
  };
}

function list(names: readonly string[]): string {
  const more = names.length > SHOWN ? ` and ${names.length - SHOWN} more` : '';
  return names.slice(0, SHOWN).join(', ') + more;
}
