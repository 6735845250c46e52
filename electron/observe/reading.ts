import { statfs } from 'node:fs/promises';
import { NO_SENSES, type Senses } from '../../shared/model/senses.ts';

/** What is read of a machine at one time; the observer adds when, and whether it slept. */
export type Reading = Omit<Senses, 'atMs' | 'sleep'>;

/** Where a platform's senses come from. What can't be read is null; `read` never rejects. */
export interface SenseSource {
  read(): Promise<Reading>;
  /** When the system last came out of suspend, ms since the epoch, where it can be asked. */
  wokeAtMs(): Promise<number | null>;
}

/** The disk that holds a folder, in bytes; what a user without privileges may still fill. */
export async function readDisk(folder: string): Promise<Senses['disk']> {
  return statfs(folder).then(
    ({ bavail, blocks, bsize }) => ({ freeBytes: bavail * bsize, totalBytes: blocks * bsize }),
    () => NO_SENSES.disk,
  );
}

/** The growth of a counter per second between two looks, whose times are ms. */
export class Rate {
  private before: { value: number; atMs: number } | null = null;

  /** Null at the first look, and when the counter began anew. */
  perSecond(value: number | null, atMs: number): number | null {
    const { before } = this;
    this.before = value === null ? null : { value, atMs };
    if (before === null || value === null || value < before.value || atMs <= before.atMs)
      return null;
    return ((value - before.value) * 1_000) / (atMs - before.atMs);
  }
}

/** Processor time as two counters of one unit. */
export interface CpuTimes {
  readonly idle: number;
  readonly total: number;
}

/** The share of time, 0–1, in which the processors were busy between two looks. */
export class CpuLoad {
  private before: CpuTimes | null = null;

  next(now: CpuTimes | null): number | null {
    const { before } = this;
    this.before = now;
    if (!before || !now || now.total <= before.total) return null;
    const idle = (now.idle - before.idle) / (now.total - before.total);
    return Math.min(1, Math.max(0, 1 - idle));
  }
}
