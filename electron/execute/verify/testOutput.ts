import { stripVTControlCharacters } from 'node:util';
import { readTap } from './tapOutput.ts';

/** What the output of a test runner says. */
export interface TestOutput {
  readonly failing: string[];
  /** Tests that ran, without skipped ones; null when the output does not say. */
  readonly total: number | null;
}

/** Reads one runner's output, or returns null when the text is not its output. */
type Reader = (lines: readonly string[]) => TestOutput | null;

/**
 * Reads the names of failing tests and the number run from the output of node:test, vitest, jest,
 * mocha, ava, uvu, jasmine and anything that prints TAP (tape, tap). The output of several runners
 * one after the other is added up.
 */
export function readTestOutput(output: string): TestOutput {
  const lines = plain(output).split('\n');
  const named = READERS.map((read) => read(lines)).filter((result) => result !== null);
  const found = named.length > 0 ? named : [readTap12(lines)].filter((result) => result !== null);
  const totals = found.map((result) => result.total).filter((total) => total !== null);
  return {
    failing: distinct(found.flatMap((result) => result.failing.map(stableName))),
    total: totals.length === 0 ? null : sum(totals),
  };
}

/** The output without colours, times, absolute paths and other things that change from run to run. */
export function normalise(output: string): string {
  return plain(output)
    .replaceAll(
      /(file:\/\/)?(?:\/[\w.@+~-]+){2,}\/?/g,
      (path) => path.split('/').filter(Boolean).at(-1) ?? '',
    )
    .replaceAll(
      /\d{4}-\d\d-\d\d[T ]\d\d[:_]\d\d([:_]\d\d)?([.,_]\d+)?(Z|[+-]\d\d:?\d\d)?|\b\d{1,2}:\d\d:\d\d\b/g,
      '<time>',
    )
    .replaceAll(/\b\d+(\.\d+)?\s?(ms|s|sec|seconds|m|min|%)(?!\w)/g, '<n>')
    .replaceAll(/\b0x[0-9a-f]+\b|\b[0-9a-f]{8}-[0-9a-f-]{27}\b|\b[0-9a-f]{16,}\b/gi, '<id>')
    .replaceAll(/\b\d+(\.\d+)?\b/g, '<n>')
    .replaceAll(/[ \t]+/g, ' ')
    .trim();
}

function plain(output: string): string {
  return stripVTControlCharacters(output).replaceAll('\r', '');
}

/** Test names keep their numbers, but not the durations and folders that a runner adds to them. */
function stableName(name: string): string {
  return name
    .replaceAll(
      /(?<![\w.@+~-])(file:\/\/)?(?:\/[\w.@+~-]+){2,}/g,
      (path) => path.split('/').at(-1) ?? '',
    )
    .replace(/\s*\(?\d+(\.\d+)?\s?m?s\)?$/, '')
    .replaceAll(/\s+/g, ' ')
    .trim();
}

/** Tests of the same name stay countable: the second becomes `name (2)`. */
function distinct(names: readonly string[]): string[] {
  const seen = new Map<string, number>();
  return names.map((name) => {
    const times = (seen.get(name) ?? 0) + 1;
    seen.set(name, times);
    return times === 1 ? name : `${name} (${times})`;
  });
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

/** The first group of every matching line, as numbers added up; null when no line matches. */
function countOf(lines: readonly string[], pattern: RegExp): number | null {
  const counts = lines
    .map((line) => pattern.exec(line)?.[1])
    .filter((found) => found !== undefined);
  return counts.length === 0 ? null : sum(counts.map(Number));
}

/** TAP without its version line, as mocha prints it: so little to know it by that all others come first. */
function readTap12(lines: readonly string[]): TestOutput | null {
  const isTap =
    lines.some((line) => /^1\.\.\d+$/.test(line)) &&
    lines.some((line) => /^(not )?ok \d+\b/.test(line));
  return isTap ? readTap(['TAP version 13', ...lines]) : null;
}

function readNodeSpec(lines: readonly string[]): TestOutput | null {
  if (!lines.some((line) => /^ℹ tests \d+/.test(line))) return null;
  const total = sum(
    ['pass', 'fail', 'cancelled'].map(
      (kind) => countOf(lines, new RegExp(`^ℹ ${kind} (\\d+)`)) ?? 0,
    ),
  );
  const failing: string[] = [];
  const names: string[] = [];
  const failedBelow: boolean[] = [];
  let summary = false;
  for (const line of lines) {
    // The list at the end repeats the tree without its hierarchy, up to the next run's output.
    if (/^✖ failing tests:/.test(line)) summary = true;
    else if (/^(▶|✔) /.test(line)) summary = false;
    const entry = summary ? null : /^( *)([▶✖]) (.+?)(?: \(\d[\d.]*ms\)(.*))?$/.exec(line);
    if (entry === null) continue;
    const [, indent = '', sign, name = '', directive = ''] = entry;
    const depth = indent.length / 2;
    if (sign === '▶') {
      names[depth] = name;
      failedBelow[depth] = false;
      continue;
    }
    if (!/\(\d[\d.]*ms\)/.test(line) || /# (TODO|SKIP)/.test(directive)) continue;
    const onlyByChildren = failedBelow[depth] === true && names[depth] === name;
    if (!onlyByChildren) failing.push([...names.slice(0, depth), name].join(' > '));
    failedBelow[depth] = false;
    for (let above = 0; above < depth; above += 1) failedBelow[above] = true;
  }
  return { failing, total };
}

function readVitest(lines: readonly string[]): TestOutput | null {
  const summaries = lines.filter(
    (line) => /^\s+Tests\s+(\d+ \w+|no tests)/.test(line) || /^\s+Test Files\s+\d+ /.test(line),
  );
  if (summaries.length === 0) return null;
  const tests = summaries.filter((line) => /^\s+Tests\s/.test(line));
  const total = sum(
    tests.flatMap((line) =>
      [...line.matchAll(/(\d+) (?:passed|failed)/g)].map((match) => Number(match[1])),
    ),
  );
  const failing = lines
    .map((line) => /^ FAIL {1,2}(\S.*)$/.exec(line)?.[1])
    .filter((name) => name !== undefined)
    .map((name) => name.replace(/ \[ .* \]$/, ''));
  return { failing: [...new Set(failing)], total };
}

function readJest(lines: readonly string[]): TestOutput | null {
  const summaries = lines.filter((line) => /^Tests: +.*\d+ total/.test(line));
  if (summaries.length === 0) return null;
  const total = sum(
    summaries.flatMap((line) =>
      [...line.matchAll(/(\d+) (?:passed|failed)/g)].map((match) => Number(match[1])),
    ),
  );
  const failing = new Set<string>();
  let file = '';
  for (const line of lines) {
    file = /^(?:FAIL|PASS) (.+?)(?: \([\d.]+ m?s\))?$/.exec(line)?.[1] ?? file;
    const name = /^ {2}● (.+)$/.exec(line)?.[1];
    // A set: with many suites the failures are printed again at the end.
    if (name !== undefined) failing.add(`${file.replace(/^\.\//, '')} › ${name}`);
  }
  return { failing: [...failing], total };
}

function readMocha(lines: readonly string[]): TestOutput | null {
  const passing = countOf(lines, /^\s+(\d+) passing\b/);
  if (passing === null) return null;
  const failures = countOf(lines, /^\s+(\d+) failing$/) ?? 0;
  const failing: string[] = [];
  let inSummary = false;
  let title: string[] | null = null;
  for (const line of lines) {
    if (/^\s+\d+ failing$/.test(line)) inSummary = true;
    const head = inSummary ? /^ {2}\d+\) (.+)$/.exec(line)?.[1] : undefined;
    if (head !== undefined) title = [head];
    else if (title !== null && line.trim() !== '') title.push(line.trim());
    if (title === null) continue;
    // The title goes down its suites, one a line, and the test's own ends with a colon.
    if (title.at(-1)?.endsWith(':') !== true) {
      if (line.trim() === '') title = null;
      continue;
    }
    failing.push(title.join(' > ').slice(0, -1));
    title = null;
  }
  return { failing, total: passing + failures };
}

/** What ava puts behind the name of a test that failed without an assertion. */
const AVA_REASON =
  / (Error thrown in test|Rejected promise returned by test|Test finished without running any assertions|Promise returned by test never resolved)$/;

function readAva(lines: readonly string[]): TestOutput | null {
  const marked = lines.filter((line) => /^ {2}(✔|✘ \[fail\]:) /.test(line));
  if (marked.length === 0 || !lines.some((line) => /^ {2}\d+ (tests?|known) \w+/.test(line)))
    return null;
  const failing = marked
    .map((line) => /^ {2}✘ \[fail\]: (.+)$/.exec(line)?.[1])
    .filter((name) => name !== undefined)
    .map((name) => name.replace(AVA_REASON, ''));
  return { failing, total: marked.length };
}

function readUvu(lines: readonly string[]): TestOutput | null {
  const total = countOf(lines, /^\s+Total: +(\d+)$/);
  if (total === null) return null;
  const failing = lines
    .map((line) => /^\s+FAIL\s+(.*?)\s*"(.+)"$/.exec(line))
    .filter((match) => match !== null)
    .map(([, suite = '', name = '']) => (suite === '' ? name : `${suite} > ${name}`));
  return { failing, total };
}

function readJasmine(lines: readonly string[]): TestOutput | null {
  const specs = countOf(lines, /^(\d+) specs?, \d+ failures?/);
  if (specs === null) return null;
  const pending = countOf(lines, /^\d+ specs?, \d+ failures?, (\d+) pending/) ?? 0;
  const from = lines.findIndex((line) => line === 'Failures:');
  const to = lines.findIndex(
    (line, index) => index > from && /^(Pending:|\d+ specs?, )/.test(line),
  );
  const failing = (from < 0 ? [] : lines.slice(from, to))
    .map((line) => /^\d+\) (.+)$/.exec(line)?.[1])
    .filter((name) => name !== undefined);
  return { failing, total: specs - pending };
}

const READERS: readonly Reader[] = [
  readTap,
  readNodeSpec,
  readVitest,
  readJest,
  readMocha,
  readAva,
  readUvu,
  readJasmine,
];
