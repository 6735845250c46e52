import { readText } from './readText.ts';
import type { Clocks } from './wake.ts';

/** The clocks of this machine now. /proc/uptime is the boottime clock (proc(5)). */
export function readClocks(): Clocks {
  const uptime = process.platform === 'linux' ? readText('/proc/uptime') : null;
  const seconds = Number(uptime?.split(' ')[0] ?? NaN);
  return {
    wallMs: Date.now(),
    monotonicMs: performance.now(),
    bootMs: Number.isNaN(seconds) ? null : seconds * 1_000,
  };
}
