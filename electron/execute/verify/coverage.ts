import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';

const CoverageSummary = z.object({ total: z.object({ lines: z.object({ pct: z.number() }) }) });

/** File systems keep times in steps of up to so many milliseconds. */
const TIME_STEP_MS = 2000;

/**
 * Line coverage 0–1 that a test run measured: from the reports it wrote below `coverage/` since it
 * started, else from the table it printed; null when it did not. A report of an earlier run says nothing.
 */
export async function readCoverage(
  root: string,
  startedAtMs: number,
  output: string,
): Promise<number | null> {
  const summary = await readFresh(path.join(root, 'coverage/coverage-summary.json'), startedAtMs);
  const parsed = CoverageSummary.safeParse(summary === null ? null : parseJson(summary));
  if (parsed.success) return share(parsed.data.total.lines.pct);
  const lcov = await readFresh(path.join(root, 'coverage/lcov.info'), startedAtMs);
  return (lcov === null ? null : lcovLines(lcov)) ?? printedCoverage(output);
}

/**
 * Line coverage 0–1 in the last table that a runner printed (istanbul, c8, jest, vitest, node:test),
 * or null. The column is found by its heading: each tool has its own order.
 */
function printedCoverage(output: string): number | null {
  let column: number | null = null;
  let found: number | null = null;
  for (const line of output.split('\n')) {
    const cells = line
      .replace(/^[#ℹ]\s/, '')
      .split('|')
      .map((cell) => cell.trim().toLowerCase());
    if (cells.length < 3) continue;
    const heading = cells.findIndex((cell) => cell === '% lines' || cell === 'line %');
    if (heading > 0) column = heading;
    else if (cells[0] === 'all files' && column !== null) {
      const percent = cells[column];
      if (percent !== undefined && /^\d+(\.\d+)?$/.test(percent)) found = share(Number(percent));
    }
  }
  return found;
}

function share(percent: number): number {
  return Math.min(1, Math.max(0, percent / 100));
}

async function readFresh(file: string, sinceMs: number): Promise<string | null> {
  const info = await stat(file).catch(() => null);
  if (info === null || info.mtimeMs < sinceMs - TIME_STEP_MS) return null;
  return readFile(file, 'utf8').catch(() => null);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // A report cut off in the middle is no measurement.
    return null;
  }
}

/** LF: lines found, LH: lines hit (geninfo(1)). */
function lcovLines(lcov: string): number | null {
  const total = (key: string): number =>
    [...lcov.matchAll(new RegExp(`^${key}:(\\d+)$`, 'gm'))].reduce(
      (all, match) => all + Number(match[1]),
      0,
    );
  const found = total('LF');
  return found === 0 ? null : Math.min(1, total('LH') / found);
}
