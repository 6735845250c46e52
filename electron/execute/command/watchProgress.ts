import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** Folders in which a change is no sign that the work itself moves on. */
const NO_PROGRESS = new Set(['.git', 'node_modules']);
/** How often the clock is looked at, ms. */
const LOOK_MS = 1_000;
/** A look that comes so late means that the machine slept, or that this process was stopped, ms. */
const SLEPT_MS = 2_000;

export interface ProgressLimits {
  /** When the work is ended, unless it shows progress. */
  readonly timeoutMs: number;
  /** Past `timeoutMs`, silence of this length ends it. */
  readonly stallMs: number;
  /** It is ended here whatever it does. */
  readonly maxMs: number;
  /** A change of a file below it counts as progress, as new output does. */
  readonly progressDir?: string;
  /** Called once when it is past `timeoutMs` and goes on because it makes progress. */
  readonly onOverdue?: () => void;
}

/**
 * Resolves with why a piece of work has to end, or with null when `signal` says that it has. Time in which the
 * machine slept counts for nothing: its monotonic clock may go on, the work did not.
 */
export async function watchProgress(
  options: ProgressLimits,
  startedAt: number,
  lastOutputAt: () => number,
  signal: AbortSignal,
): Promise<'stalled' | 'ceiling' | null> {
  let ceilingAt = startedAt + options.maxMs;
  let checkAt = startedAt + options.timeoutMs;
  let wokeAt = startedAt;
  let lookedAt = startedAt;
  let told = false;
  for (;;) {
    const dueMs = Math.max(0, Math.min(checkAt, ceilingAt) - performance.now());
    const waitMs = Math.min(LOOK_MS, dueMs);
    const woken = await sleep(waitMs, true, { signal, ref: false }).catch(() => false);
    if (!woken) return null;
    const lostMs = performance.now() - lookedAt - waitMs;
    lookedAt = performance.now();
    if (lostMs >= SLEPT_MS) {
      ceilingAt += lostMs;
      checkAt += lostMs;
      wokeAt = lookedAt;
      continue;
    }
    if (lookedAt >= ceilingAt) return 'ceiling';
    if (lookedAt < checkAt) continue;
    let progressAt = Math.max(lastOutputAt(), wokeAt);
    if (performance.now() - progressAt >= options.stallMs && options.progressDir !== undefined) {
      const changedAtMs = await newestChange(options.progressDir);
      progressAt = Math.max(progressAt, performance.now() - Math.max(0, Date.now() - changedAtMs));
    }
    if (signal.aborted) return null;
    if (performance.now() - progressAt >= options.stallMs) return 'stalled';
    if (!told) options.onOverdue?.();
    told = true;
    checkAt = progressAt + options.stallMs;
  }
}

/** When anything below a folder last changed, ms since the epoch. */
async function newestChange(folder: string): Promise<number> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  let newest = await stat(folder).then(
    (info) => info.mtimeMs,
    () => 0,
  );
  for (const entry of entries) {
    if (NO_PROGRESS.has(entry.name)) continue;
    const at = path.join(folder, entry.name);
    // A file that vanishes meanwhile shows in the time of its folder.
    const changedAt = entry.isDirectory()
      ? await newestChange(at)
      : await stat(at).then(
          (info) => info.mtimeMs,
          () => 0,
        );
    newest = Math.max(newest, changedAt);
  }
  return newest;
}
