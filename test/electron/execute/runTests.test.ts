import { existsSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ProcessRecord } from '../../../electron/execute/command/processGroup.ts';
import { runIsAlive } from '../../../electron/execute/command/processGroup.ts';
import { runTests } from '../../../electron/execute/verify/runTests.ts';
import type { TestReport } from '../../../shared/model/project.ts';
import { writeFiles } from '../../userGit.ts';
import { temporaryFolder } from './repository.ts';

const limits = { stallMs: 300, maxAttemptMs: 60_000, logBytes: 64 * 1024 };

interface Run {
  readonly test: string | null;
  readonly files?: Readonly<Record<string, string>>;
  readonly testTimeoutMs?: number;
  readonly signal?: AbortSignal;
  readonly onSpawn?: (record: ProcessRecord) => void;
}

async function run({
  test,
  files = {},
  testTimeoutMs = 60_000,
  ...rest
}: Run): Promise<TestReport & { root: string }> {
  const root = temporaryFolder();
  writeFiles(root, files);
  const report = await runTests({
    root,
    profile: { test, testTimeoutMs },
    logFile: path.join(root, 'log', 'tests.log'),
    limits,
    ...rest,
  });
  return { ...report, root };
}

const sumTests = `
  const test = require('node:test');
  const assert = require('node:assert');
  test('adds', () => assert.equal(1 + 1, 2));
  test('adds wrongly', () => assert.equal(1 + 1, 3));
  test.describe('of many', () => test.it('also fails', () => { throw new Error('boom'); }));
`;

describe('running the tests of a project', () => {
  it('names the failing tests of a real node:test run', async () => {
    const report = await run({ test: 'node --test', files: { 'sum.test.js': sumTests } });
    expect(report).toMatchObject({
      outcome: 'failed',
      exitCode: 1,
      failing: ['adds wrongly', 'of many > also fails'],
      total: 3,
      coverage: null,
    });
    expect(readFileSync(report.log ?? '', 'utf8')).toContain('adds wrongly');
    expect(report.durationMs).toBeGreaterThan(0);
  });

  it('names the failing tests of a real vitest run', async () => {
    const vitest = path.join(import.meta.dirname, '../../../node_modules/vitest/vitest.mjs');
    const report = await run({
      test: `${process.execPath} ${vitest} run --root .`,
      files: {
        'vitest.config.mjs': 'export default { test: { globals: true, pool: "threads" } };\n',
        'sum.test.js':
          "describe('sum', () => { it('adds', () => {}); it('fails', () => { throw new Error('x'); }); it.skip('is skipped', () => {}); });\n",
      },
    });
    expect(report).toMatchObject({
      outcome: 'failed',
      failing: ['sum.test.js > sum > fails'],
      total: 2,
    });
  });

  it('reports a whole run whose output it cannot read as unreadable', async () => {
    const report = await run({ test: 'echo it broke; exit 3' });
    expect(report).toMatchObject({ outcome: 'unreadable', exitCode: 3, failing: [], total: null });
  });

  it('gives equal failures of different folders and durations the same signature, others another', async () => {
    const test = (line: string): string =>
      `echo "in $PWD/lib/a.js after $(( $$ % 7 + 1 ))ms: ${line}"; exit 1`;
    const [first, again, other] = [
      await run({ test: test('lost') }),
      await run({ test: test('lost') }),
      await run({ test: test('found') }),
    ];
    expect(again.signature).toBe(first.signature);
    expect(other.signature).not.toBe(first.signature);
  });

  it('reports a project without a test command as absent and runs nothing', async () => {
    const report = await run({ test: null });
    expect(report).toMatchObject({ outcome: 'absent', total: null, log: null });
    expect(existsSync(path.join(report.root, 'log'))).toBe(false);
  });

  it('ends tests that hang, with everything they started, and says so', async () => {
    let record: ProcessRecord | undefined;
    const report = await run({
      test: 'sleep 1000 & echo started; sleep 1000',
      testTimeoutMs: 300,
      onSpawn: (spawned) => {
        record = spawned;
      },
    });
    expect(report).toMatchObject({ outcome: 'timeout', failing: [] });
    expect(readFileSync(report.log ?? '', 'utf8')).toContain('started');
    expect(record && runIsAlive(record.pid, record.run)).toBe(false);
  });

  it('lets slow tests finish that still print', async () => {
    const report = await run({
      test: 'for i in 1 2 3 4 5 6 7 8; do echo $i; sleep 0.1; done',
      testTimeoutMs: 200,
    });
    expect(report).toMatchObject({ outcome: 'passed', exitCode: 0 });
  });

  it('throws when it is stopped: no answer is not a result', async () => {
    const stop = new AbortController();
    const running = run({
      test: 'sleep 1000',
      signal: stop.signal,
      onSpawn: () => stop.abort(new Error('enough')),
    });
    await expect(running).rejects.toMatchObject({ code: 'command-failed' });
  });

  it('keeps the log within its bound and still reads the summary at the end', async () => {
    const report = await run({
      test: 'yes "a line of noise" | head -n 60000; echo; echo "  3 passing (2ms)"',
    });
    expect(report.total).toBe(3);
    expect(statSync(report.log ?? '').size).toBeLessThan(limits.logBytes + 200);
  });
});

describe('coverage', () => {
  const summary = (pct: number): string =>
    JSON.stringify({ total: { lines: { total: 10, covered: 8, skipped: 0, pct } } });

  it('comes from the summary that the run wrote', async () => {
    const report = await run({
      test: `mkdir coverage; echo '${summary(82.5)}' > coverage/coverage-summary.json`,
    });
    expect(report.coverage).toBeCloseTo(0.825);
  });

  it('comes from lcov when there is no summary, over all files', async () => {
    const report = await run({
      test: `mkdir coverage; printf 'SF:a.js\\nLF:10\\nLH:9\\nend_of_record\\nSF:b.js\\nLF:30\\nLH:21\\nend_of_record\\n' > coverage/lcov.info`,
    });
    expect(report.coverage).toBeCloseTo(0.75);
  });

  it('is not taken from a report that lay there before', async () => {
    const report = await run({
      test: 'touch -d "1 hour ago" coverage/coverage-summary.json',
      files: { 'coverage/coverage-summary.json': summary(50) },
    });
    expect(report.coverage).toBeNull();
  });

  it('of a report cut off in the middle is unknown', async () => {
    const report = await run({
      test: 'mkdir coverage; echo \'{"total": {"li\' > coverage/coverage-summary.json',
    });
    expect(report.coverage).toBeNull();
  });

  it('is read from what a real node:test run prints', async () => {
    const report = await run({
      test: `${process.execPath} --test --experimental-test-coverage`,
      files: {
        'sum.js': 'exports.sum = (a, b) => a + b;\nexports.never = () => {\n  return 1;\n};\n',
        'sum.test.js':
          "const { sum } = require('./sum.js');\nrequire('node:test')('adds', () => { if (sum(1, 1) !== 2) throw new Error(); });\n",
      },
    });
    // 2 lines of test and 4 of source, the inside of `never` not run.
    expect(report.coverage).toBeGreaterThan(0.5);
    expect(report.coverage).toBeLessThan(1);
  });

  it('is read from the table of istanbul, by its heading', async () => {
    const table = [
      '----------|---------|----------|---------|---------|-------------------',
      'File      | % Stmts | % Branch | % Funcs | % Lines | Uncovered Line #s ',
      '----------|---------|----------|---------|---------|-------------------',
      'All files |   91.66 |       50 |      75 |   90.91 |                   ',
      ' sum.js   |   91.66 |       50 |      75 |   90.91 | 7                 ',
    ].join('\n');
    const report = await run({ test: 'cat table.txt', files: { 'table.txt': table } });
    expect(report.coverage).toBeCloseTo(0.9091);
  });
});
