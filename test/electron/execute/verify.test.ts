import { readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { diffStat } from '../../../electron/execute/repository/commit.ts';
import { runTests } from '../../../electron/execute/verify/runTests.ts';
import {
  verifyAttempt,
  type VerifyRequest,
} from '../../../electron/execute/verify/verifyAttempt.ts';
import type { Verification } from '../../../shared/model/attempt.ts';
import { CommitId } from '../../../shared/model/ids.ts';
import { classifyFailure } from '../../../shared/policy/failure.ts';
import { reportFor } from '../../../shared/policy/report.ts';
import { needsReview } from '../../../shared/policy/review.ts';
import { commitFiles, userGit } from '../../userGit.ts';
import { temporaryFolder, userRepository } from './repository.ts';

type Files = Readonly<Record<string, string>>;

const limits = { stallMs: 300, maxAttemptMs: 60_000, logBytes: 64 * 1024 };
const sum = 'exports.sum = (a, b) => a + b;\n';
const test = (...cases: string[]): string =>
  `const test = require('node:test');\nconst { sum } = require('./sum.js');\n${cases.join('\n')}\n`;
const adds = "test('adds', () => { if (sum(1, 1) !== 2) throw new Error(); });";
const alwaysFails = "test('always fails', () => { throw new Error(); });";

interface Change extends Partial<Pick<VerifyRequest, 'spec' | 'threshold' | 'signal'>> {
  readonly command?: string | null;
  /** The lint command as set in vigil.yaml, by default to none: ESLint takes its time. */
  readonly lint?: string;
  readonly eslint?: boolean;
  readonly write?: Files;
  readonly remove?: readonly string[];
  readonly testTimeoutMs?: number;
}

const anyTask: VerifyRequest['spec'] = {
  type: 'fix',
  executor: { kind: 'agent' },
  deliverables: [],
  scope: [],
};

/** A repository with tests, changed and verified against its real baseline. */
async function verifyChange(files: Files, change: Change = {}): Promise<Verification> {
  const {
    command = 'node --test',
    lint = null,
    eslint = false,
    write = {},
    remove = [],
    testTimeoutMs = 30_000,
    ...rest
  } = change;
  const repository = userRepository({ 'package.json': '{"type":"commonjs"}', ...files });
  const base = CommitId.parse(userGit(repository, 'rev-parse', 'HEAD'));
  const logs = temporaryFolder();
  const profile = {
    test: command,
    testTimeoutMs,
    lint,
    sources: eslint ? {} : { lint: 'vigil.yaml' },
  };
  const baseline = await runTests({
    root: repository,
    profile,
    logFile: path.join(logs, 'baseline.log'),
    limits,
  });
  for (const file of remove) rmSync(path.join(repository, file));
  const changed = Object.keys(write).length + remove.length > 0;
  if (changed) commitFiles(repository, write);
  return verifyAttempt({
    workspace: { path: repository, base },
    spec: anyTask,
    profile,
    diff: changed ? await diffStat(repository, base, 'HEAD') : null,
    baseline,
    threshold: 0.6,
    limits,
    logFile: path.join(logs, 'attempt.log'),
    ...rest,
  });
}

function verdicts({ checks }: Verification): Record<string, string> {
  return Object.fromEntries(checks.map(({ name, verdict }) => [name, verdict]));
}

function detail({ checks }: Verification, name: string): string {
  return checks.find((check) => check.name === name)?.detail ?? '';
}

describe('the verification of an attempt', () => {
  it('a test that fails once in a while does not fail the attempt; one that fails twice does', async () => {
    // Passes in the baseline, fails in the run after, passes again in the one after that.
    const counted = (failing: string): string => `
      const fs = require('node:fs'); const test = require('node:test');
      const file = require('node:os').tmpdir() + '/' + require('./name.json');
      const n = fs.existsSync(file) ? Number(fs.readFileSync(file)) + 1 : 1;
      fs.writeFileSync(file, String(n));
      test('moody', () => { if (${failing}) throw new Error('now and then'); });`;
    const once = path.basename(temporaryFolder());
    const moody = await verifyChange(
      { 'name.json': JSON.stringify(`${once}.count`), 'a.test.js': counted('n === 2') },
      { write: { 'b.js': 'exports.b = 1;\n' } },
    );
    expect(moody.passed).toBe(true);
    expect(detail(moody, 'tests')).toContain('in a first run they had failed');
    const always = path.basename(temporaryFolder());
    const broken = await verifyChange(
      { 'name.json': JSON.stringify(`${always}.count`), 'a.test.js': counted('n >= 2') },
      { write: { 'b.js': 'exports.b = 1;\n' } },
    );
    expect(verdicts(broken)['tests']).toBe('failed');
  });

  it('passes good work, with every part of its quality shown', async () => {
    const result = await verifyChange(
      { 'sum.js': sum, 'sum.test.js': test(adds) },
      {
        eslint: true,
        write: { 'sum.js': `${sum}exports.twice = (a) => sum(a, a);\n` },
        spec: { ...anyTask, deliverables: ['sum.js'], scope: ['sum.js'] },
      },
    );
    expect(verdicts(result)).toEqual({
      deliverables: 'passed',
      scope: 'passed',
      oversight: 'passed',
      secrets: 'passed',
      static: 'passed',
      dependencies: 'passed',
      tests: 'passed',
      lint: 'passed',
      quality: 'passed',
    });
    expect(result).toMatchObject({
      passed: true,
      quality: 1,
      threshold: 0.6,
      tests: { outcome: 'passed', total: 1 },
    });
    expect(result.parts.map(({ name }) => name)).toEqual(['tests', 'lint', 'size']);
    expect(result.parts.reduce((total, { weight }) => total + weight, 0)).toBeCloseTo(1);
    expect(readFileSync(result.tests?.log ?? '', 'utf8')).toContain('adds');
  });

  it('fails a change that breaks a test, and names it in the report', async () => {
    const result = await verifyChange(
      { 'sum.js': sum, 'sum.test.js': test(adds) },
      { write: { 'sum.js': 'exports.sum = (a, b) => a - b;\n' } },
    );
    expect(result.passed).toBe(false);
    expect(verdicts(result)).toMatchObject({ tests: 'failed', lint: 'passed', quality: 'failed' });
    expect(detail(result, 'tests')).toContain('1 test newly failed: adds');
    expect(reportFor(result)).toMatch(/did not pass[^]*- tests: failed[^]*- adds/);
  });

  it('does not hold against a change what failed before it', async () => {
    const result = await verifyChange(
      { 'sum.js': sum, 'sum.test.js': test(adds, alwaysFails) },
      { write: { 'sum.js': `${sum}// exact\n` } },
    );
    expect(result).toMatchObject({
      passed: true,
      tests: { outcome: 'failed', failing: ['always fails'] },
    });
    expect(detail(result, 'tests')).toContain('1 failed already before the change');
  });

  it('fails tests that were taken away, unless the task is to clean up tests', async () => {
    const files = {
      'sum.js': sum,
      'sum.test.js': test(adds),
      'old.test.js': test(adds.replace('adds', 'adds as ever')),
    };
    const secretly = await verifyChange(files, { remove: ['old.test.js'] });
    expect(secretly.passed).toBe(false);
    expect(detail(secretly, 'tests')).toContain('tests vanished: 1 ran, 2 before');
    const cleanup = await verifyChange(files, {
      remove: ['old.test.js'],
      spec: { ...anyTask, type: 'cleanup' },
    });
    expect(verdicts(cleanup)).toMatchObject({ tests: 'passed' });
  });

  it('notices removed test files where the runner counts nothing, and lets moved ones go', async () => {
    const files = { 'test/a.test.js': 'process.exitCode = 0; // the one and only\n' };
    const removed = await verifyChange(files, { command: 'true', remove: ['test/a.test.js'] });
    expect(detail(removed, 'tests')).toBe('test files were removed: test/a.test.js');
    expect(removed.passed).toBe(false);
    const moved = await verifyChange(files, {
      command: 'true',
      remove: ['test/a.test.js'],
      write: { 'test/b.test.js': files['test/a.test.js'] },
    });
    expect(verdicts(moved)).toMatchObject({ tests: 'passed' });
  });

  it('fails a success without its deliverable, also when git would never deliver it', async () => {
    const result = await verifyChange(
      { 'sum.js': sum, '.gitignore': 'out/\n' },
      {
        command: null,
        write: { 'sum.js': `${sum}\n`, 'out/report.txt': 'here' },
        spec: { ...anyTask, deliverables: ['out/report.txt', 'docs/*.md', 'sum.js'] },
      },
    );
    expect(result.passed).toBe(false);
    expect(detail(result, 'deliverables')).toBe('missing: out/report.txt, docs/*.md');
  });

  it('fails a change outside its scope, and still says how the tests went', async () => {
    const result = await verifyChange(
      { 'sum.js': sum, 'sum.test.js': test(adds) },
      {
        write: { 'sum.js': `${sum}\n`, 'other.js': '1;\n' },
        spec: { ...anyTask, scope: ['sum.js'] },
      },
    );
    expect(verdicts(result)).toMatchObject({ scope: 'failed', tests: 'passed' });
    expect(detail(result, 'scope')).toBe('changed outside sum.js: other.js');
    expect(result.passed).toBe(false);
  });

  it('fails a change that adds lint errors', async () => {
    const result = await verifyChange(
      { 'sum.js': sum },
      { command: 'true', eslint: true, write: { 'sum.js': `var a = 1;\n${sum}` } },
    );
    expect(verdicts(result)).toMatchObject({ lint: 'failed', tests: 'passed' });
    expect(detail(result, 'lint')).toContain('errors 0 → 1');
    expect(result.passed).toBe(false);
  });

  it('asks the lint command of vigil.yaml instead of ESLint, at the base too where it fails', async () => {
    const lint = 'grep -n TODO notes.md >&2 && exit 1 || exit 0';
    const check = async (before: string, after: string): Promise<string | undefined> =>
      verdicts(
        await verifyChange(
          { 'notes.md': before, 'a.js': '1;\n' },
          { command: 'true', lint, write: { 'notes.md': after, 'a.js': 'var a;\n' } },
        ),
      )['lint'];
    expect(await check('one\n', 'two\n')).toBe('passed');
    expect(await check('one\n', 'TODO two\n')).toBe('failed');
    expect(await check('TODO one\n', 'TODO two\n')).toBe('passed');
    expect(await check('TODO one\n', 'TODO one\nTODO two\n')).toBe('failed');
  });

  it('does not lint where vigil.yaml says so', async () => {
    const result = await verifyChange(
      { 'a.js': '1;\n' },
      { command: 'true', write: { 'a.js': 'var a;\n' } },
    );
    expect(detail(result, 'lint')).toBe('there is nothing to lint');
    expect(result.parts.map(({ name }) => name)).not.toContain('lint');
  });

  it('fails work that brings in a secret, and says where but not what', async () => {
    const token = ['ghp', 'wWPw5k4aXcaT4fNP0UcnZwJUVFk6LO0pINUx'].join('_');
    const result = await verifyChange(
      { 'sum.js': sum, 'sum.test.js': test(adds) },
      { write: { 'key.txt': `${token}\n` } },
    );
    expect(result.passed).toBe(false);
    expect(verdicts(result)).toMatchObject({ secrets: 'failed', tests: 'passed' });
    expect(reportFor(result)).toMatch(/- secrets: failed. key.txt:1: this looks like a secret/);
    expect(JSON.stringify(result)).not.toContain(token);
    const spec = { scores: { specificity: 1, complexity: 0, notes: [] } };
    const evidence = { kind: 'verification', verification: result, spec } as const;
    expect(classifyFailure(evidence)).toMatchObject({
      class: 'missing-context',
      reason: 'secrets: key.txt:1: this looks like a secret (github)',
    });
  });

  it('passes on to a human what the security gate can not tell', async () => {
    const result = await verifyChange(
      { 'sum.js': sum, 'sum.test.js': test(adds) },
      { write: { 'package.json': '{"type":"commonjs","dependencies":{"one":"1"}}' } },
    );
    expect(result.passed).toBe(true);
    expect(verdicts(result)).toMatchObject({ dependencies: 'unknown', tests: 'passed' });
    expect(
      needsReview({ review: false, risk: 'low' }, { review: false, test: 'x' }, result, null),
    ).toMatch(/security gate gave no answer: dependencies: new: one@1; there is no npm lock file/);
  });

  it('passes a project without tests on to a human, and says so in the parts', async () => {
    const result = await verifyChange(
      { 'a.txt': 'one\n' },
      { command: null, write: { 'a.txt': 'two\n' } },
    );
    expect(result).toMatchObject({ passed: true, tests: { outcome: 'absent' } });
    expect(result.parts[0]).toMatchObject({
      name: 'tests',
      weight: 0,
      detail: 'the project has no test command',
    });
    expect(
      needsReview({ review: false, risk: 'low' }, { review: false, test: null }, result, null),
    ).toMatch(/no test command/);
  });

  it('passes on to a human what nothing can measure', async () => {
    const spec = {
      ...anyTask,
      type: 'command',
      executor: { kind: 'command', run: 'true' },
    } as const;
    const result = await verifyChange(
      { 'a.txt': 'one\n' },
      { command: null, write: { 'a.txt': 'two\n' }, spec },
    );
    expect(result.passed).toBe(true);
    expect(verdicts(result)).toMatchObject({ tests: 'unknown', quality: 'unknown' });
  });

  it('fails tests that hang after the change and did not before', async () => {
    const result = await verifyChange(
      { 'wait.sh': 'true\n' },
      { command: 'sh wait.sh', write: { 'wait.sh': 'sleep 1000\n' }, testTimeoutMs: 300 },
    );
    expect(result).toMatchObject({ passed: false, tests: { outcome: 'timeout' } });
    expect(detail(result, 'tests')).toMatch(/ran out of time, and did not before/);
  });

  it('counts a check that could not run as failed', async () => {
    const unclear = await verifyChange(
      { 'say.sh': 'echo first; exit 1\n' },
      { command: 'sh say.sh', write: { 'say.sh': 'echo second; exit 1\n' } },
    );
    expect(verdicts(unclear)).toMatchObject({ tests: 'unknown' });
    expect(unclear.passed).toBe(false);
  });

  it('fails work below the wanted quality although each check for itself passed', async () => {
    const result = await verifyChange(
      { 'notes.md': 'one\n' },
      { command: 'true', write: { 'notes.md': 'word\n'.repeat(3000) }, threshold: 0.9 },
    );
    expect(verdicts(result)).toEqual({
      deliverables: 'passed',
      scope: 'passed',
      oversight: 'passed',
      secrets: 'passed',
      static: 'passed',
      dependencies: 'passed',
      tests: 'passed',
      lint: 'passed',
      quality: 'failed',
    });
    expect(result.passed).toBe(false);
    expect(result.quality).toBeLessThan(0.9);
  });

  it('counts coverage where the project measures it', async () => {
    const measure = (pct: number): Files => ({
      'cov.json': JSON.stringify({ total: { lines: { pct } } }),
    });
    const command = 'mkdir -p coverage && cat cov.json > coverage/coverage-summary.json';
    const result = await verifyChange(
      { ...measure(80), '.gitignore': 'coverage\n' },
      { command, write: measure(75) },
    );
    expect(result.parts.find(({ name }) => name === 'coverage')).toMatchObject({
      value: expect.closeTo(0.5) as number,
      detail: 'lines 80.0 % → 75.0 %',
    });
  });

  it('of an attempt that changed nothing asks only for the deliverables', async () => {
    const spec = { ...anyTask, deliverables: ['sum.js'] };
    const there = await verifyChange({ 'sum.js': sum }, { command: 'false', spec });
    expect(there).toMatchObject({ passed: true, tests: null });
    expect(await verifyChange({ 'a.js': sum }, { command: null, spec })).toMatchObject({
      passed: false,
    });
  });

  it('ends with an error when it is stopped, and gives no verdict', async () => {
    const signal = AbortSignal.abort(new Error('the node was stopped'));
    await expect(
      verifyChange({ 'a.js': sum }, { command: null, write: { 'a.js': '1;\n' }, signal }),
    ).rejects.toThrow('the node was stopped');
  });
});

describe('oversight', () => {
  const files = { 'sum.js': sum, 'sum.test.js': test(adds) };
  const verdictOf = ({ checks }: Verification) =>
    checks.find(({ name }) => name === 'oversight')?.verdict;

  it('refuses a change of the rules themselves, whatever the tests say', async () => {
    const result = await verifyChange(files, { write: { 'vigil.yaml': 'review: false\n' } });
    expect(verdictOf(result)).toBe('failed');
    expect(result.passed).toBe(false);
  });

  it('leaves to a human what the diff shows, and lets the rest go on', async () => {
    const risky = await verifyChange(files, {
      write: { 'sum.js': `require('crypto');\n${sum}`, 'package.json': '{"type":"commonjs"}' },
    });
    expect(verdictOf(risky)).toBe('unknown');
    expect(risky.passed).toBe(true);
    expect(
      needsReview(
        { review: false, risk: 'low' },
        { review: false, test: 'node --test' },
        risky,
        null,
      ),
    ).toMatch(/person has to allow it.*sum\.js/);
    const plain = await verifyChange(files, { write: { 'sum.js': `${sum}// adds\n` } });
    expect(verdictOf(plain)).toBe('passed');
  });
});
