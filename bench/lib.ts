import { pathToFileURL } from 'node:url';

/** The value below which `share` (0–1) of the numbers lie. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? NaN;
}

export function median(values: readonly number[]): number {
  return percentile(values, 0.5);
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** How long the act takes, ms. */
export function timed(act: () => void): number {
  const startMs = performance.now();
  act();
  return performance.now() - startMs;
}

/** Prints a table with a title; the first column is text, the others are set to the right. */
export function table(
  title: string,
  head: readonly string[],
  rows: readonly (readonly string[])[],
): void {
  const widths = head.map((cell, at) =>
    Math.max(cell.length, ...rows.map((row) => row[at]?.length ?? 0)),
  );
  const line = (row: readonly string[]) =>
    row
      .map((cell, at) => (at === 0 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0)))
      .join('  ');
  console.log(`\n${title}\n${line(head)}\n${widths.map((width) => '─'.repeat(width)).join('  ')}`);
  for (const row of rows) console.log(line(row));
}

/** One figure of a bench. */
export interface Line {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** What it is to reach, such as `≤ 10`; null for a figure that is only told. */
  readonly target: string | null;
  readonly ok: boolean | null;
}

const SIGNIFICANT_DIGITS = 5;

/** Prints figures as a table. */
export function printLines(title: string, lines: readonly Line[]): void {
  const rows = lines.map(({ name, value, unit, target, ok }) => [
    name,
    `${Number(value.toPrecision(SIGNIFICANT_DIGITS))} ${unit}`.trim(),
    target ?? '',
    ok === null ? '' : ok ? 'ok' : 'MISSED',
  ]);
  table(title, ['figure', 'value', 'target', ''], rows);
}

/** Numbers from 0 to 1 that are the same in every run (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Whether the module is what node was started with. */
export function isMain(moduleUrl: string): boolean {
  return moduleUrl === pathToFileURL(process.argv[1] ?? '').href;
}
