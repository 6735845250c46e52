import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { normalise, readTestOutput } from '../../../electron/execute/verify/testOutput.ts';
import { judgeOutput } from '../../../electron/execute/verify/testReport.ts';

const FOLDER = path.join(import.meta.dirname, '../../fixtures/test-output');

/** What a runner printed of a suite with one passing, several failing and one skipped test. */
function output(name: string): string {
  return readFileSync(path.join(FOLDER, `${name}.txt`), 'utf8');
}

const nodeFailures = ['sum > adds wrongly', 'sum > of many > also fails', 'top level fails'];
const vitestFailures = [
  'broken.test.js',
  'sum.test.js > sum > adds wrongly',
  'sum.test.js > sum > of many > also fails',
];
const jestFailures = [
  'sum.test.js › sum › adds wrongly',
  'sum.test.js › sum › of many › also fails',
];
const jestBroken = 'broken.test.js › Test suite failed to run';
const mochaFailures = [
  'sum > adds wrongly',
  'sum > of many > also fails',
  'sum > hooked > "before all" hook for "never runs"',
];

const EXPECTED: Readonly<Record<string, { failing: string[]; total: number }>> = {
  'node-spec': { failing: ['broken.test.js', ...nodeFailures], total: 5 },
  'node-file-spec': { failing: nodeFailures, total: 4 },
  'node-tap': { failing: ['broken.test.js', ...nodeFailures], total: 5 },
  'node20-tap': { failing: ['broken.test.js', ...nodeFailures], total: 5 },
  vitest: { failing: vitestFailures, total: 4 },
  'vitest-verbose': { failing: vitestFailures, total: 4 },
  'vitest-tap': { failing: vitestFailures, total: 5 },
  jest: { failing: [...jestFailures, jestBroken], total: 4 },
  'jest-verbose': { failing: jestFailures, total: 4 },
  'mocha-spec': { failing: mochaFailures, total: 4 },
  'mocha-dot': { failing: mochaFailures, total: 4 },
  'mocha-tap': {
    failing: [
      'sum adds wrongly',
      'sum of many also fails',
      'sum hooked "before all" hook for "never runs"',
    ],
    total: 4,
  },
  ava: { failing: ['adds wrongly', 'also fails'], total: 3 },
  'ava-tap': { failing: ['adds wrongly', 'also fails'], total: 3 },
  jasmine: { failing: ['sum of many also fails', 'sum adds wrongly'], total: 3 },
  tap: { failing: ['test.js > adds wrongly > one and one is three'], total: 2 },
  'tap-raw': { failing: ['adds wrongly > one and one is three'], total: 2 },
  tape: {
    failing: ['adds wrongly > one and one is three', 'also fails > should be strictly equal'],
    total: 4,
  },
  uvu: { failing: ['sum > adds wrongly', 'also fails'], total: 3 },
  'uvu-cli': { failing: ['sum > adds wrongly', 'also fails'], total: 3 },
};

describe('the output of a test runner', () => {
  it.each(Object.entries(EXPECTED))(
    'of %s names what failed, and counts what ran without what was skipped',
    (name, expected) => {
      expect(readTestOutput(output(name))).toEqual(expected);
    },
  );

  it('is known for every recorded one', () => {
    expect(
      readdirSync(FOLDER)
        .map((file) => path.basename(file, '.txt'))
        .toSorted(),
    ).toEqual(Object.keys(EXPECTED).toSorted());
  });

  it('of two runners in one command is added up', () => {
    const { failing, total } = readTestOutput(`${output('mocha-spec')}\n${output('jest')}`);
    expect(failing.toSorted()).toEqual([...mochaFailures, ...jestFailures, jestBroken].toSorted());
    expect(total).toBe(8);
  });

  it('keeps failing tests of one name apart by counting them', () => {
    const tap = 'TAP version 13\nnot ok 1 - same\nnot ok 2 - same\n1..2\n';
    expect(readTestOutput(tap).failing).toEqual(['same', 'same (2)']);
  });

  it('names a test the same in another folder and after another duration', () => {
    const of = (folder: string, ms: number): string[] =>
      readTestOutput(
        `✖ ${folder}/a.test.js (${ms}ms)\nℹ tests 1\nℹ pass 0\nℹ fail 1\nℹ cancelled 0\n`,
      ).failing;
    expect(of('/home/ada/work/T-1.1', 12.5)).toEqual(['a.test.js']);
    expect(of('/tmp/other/T-2.1', 7)).toEqual(of('/home/ada/work/T-1.1', 12.5));
  });

  it('that no reader knows names nothing and counts nothing', () => {
    expect(readTestOutput('everything is fine\n12 passed\n')).toEqual({ failing: [], total: null });
  });

  it('of any kind is read without failing', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const { failing, total } = readTestOutput(text);
        expect(new Set(failing).size).toBe(failing.length);
        expect(total === null || total >= 0).toBe(true);
      }),
    );
  });

  it('cut off anywhere names no test that did not fail', () => {
    for (const [name, { failing }] of Object.entries(EXPECTED)) {
      const lines = output(name).split('\n');
      const cut = lines.slice(0, Math.floor(lines.length / 2)).join('\n');
      // A parent is only told from its failing child by the lines that were lost.
      const known = [...failing, 'sum', 'sum > of many', 'sum.test.js', 'test.js', 'adds wrongly'];
      expect(known, name).toEqual(expect.arrayContaining(readTestOutput(cut).failing));
    }
  });
});

describe('the judgement of a run', () => {
  it('believes the exit code before the output', () => {
    expect(judgeOutput(output('jest'), 0, false)).toMatchObject({ outcome: 'passed', failing: [] });
    expect(judgeOutput(output('jest'), 1, false)).toMatchObject({ outcome: 'failed', total: 4 });
    expect(judgeOutput('all good', 1, false)).toMatchObject({ outcome: 'unreadable', total: null });
    expect(judgeOutput(output('jest'), null, true)).toMatchObject({
      outcome: 'timeout',
      failing: [],
    });
  });
});

describe('the normalised output', () => {
  it.each([
    ['at /home/ada/app/lib/a.js:3:4', 'at /tmp/x/T-7.2/lib/a.js:30:14'],
    ['done in 12 ms', 'done in 4.5 ms'],
    ['2026-01-02T03:04:05.678Z start', '2027-12-31 23:59:59 start'],
    ['commit 0123456789abcdef01', 'commit fedcba987654321000'],
    ['id 123e4567-e89b-12d3-a456-426614174000', 'id 00000000-0000-4000-8000-000000000000'],
    ['\u001B[31mred\u001B[39m', 'red'],
  ])('is the same of %j and %j', (a, b) => {
    expect(normalise(a)).toBe(normalise(b));
  });

  it('is another for other words', () => {
    expect(normalise('cannot find a')).not.toBe(normalise('cannot find b'));
    const log = (time: string): string =>
      `npm error A complete log: /root/.npm/_logs/${time}-debug-0.log`;
    expect(normalise(log('2026-11-21T07_53_36_861Z'))).toBe(
      normalise(log('2027-01-02T10_00_01_002Z')),
    );
  });
});
