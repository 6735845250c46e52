import type { MemoryLevel, Senses } from '../../shared/model/senses.ts';

/** What macOS's own programs print, as far as it says something of the machine. */

/**
 * `pmset -g therm`: `CPU_Speed_Limit = 62`. On Apple silicon, and before the first event, it only notes
 * that nothing has been recorded, which is no word on the temperature.
 */
export function parseThermal(text: string): Senses['thermal'] {
  const speed = /CPU_Speed_Limit\s*=\s*(\d+)/.exec(text)?.[1];
  return {
    level: null,
    celsius: null,
    speedLimit: speed === undefined ? null : Math.min(1, Number(speed) / 100),
  };
}

/** `pmset -g batt`: the source in the first line, one line for each battery. */
export function parseBattery(text: string): Senses['power'] {
  const source = /Now drawing from '(AC|Battery|UPS) Power'/.exec(text)?.[1];
  const charges = [...text.matchAll(/InternalBattery[^\n]*?(\d+)%/g)].map(([, percent]) =>
    Math.min(1, Number(percent) / 100),
  );
  return {
    source: source === undefined ? null : source === 'AC' ? 'ac' : 'battery',
    charge:
      charges.length === 0 ? null : charges.reduce((sum, one) => sum + one, 0) / charges.length,
  };
}

/** `vm_stat`: counts of pages; available is what is free or has not been used lately, as `top` counts it. */
export function parseVmStat(text: string): {
  readonly availableBytes: number | null;
  /** Read from and written to swap since the start. */
  readonly swappedBytes: number | null;
} {
  const pageBytes = Number(/page size of (\d+) bytes/.exec(text)?.[1]);
  const bytesOf = (name: string): number | null => {
    const pages = new RegExp(`^"?${name}"?:\\s+(\\d+)\\.`, 'm').exec(text)?.[1];
    return pages === undefined || Number.isNaN(pageBytes) ? null : Number(pages) * pageBytes;
  };
  const sum = (...names: string[]): number | null =>
    names
      .map(bytesOf)
      .reduce((total, one) => (total === null || one === null ? null : total + one), 0);
  return {
    availableBytes: sum('Pages free', 'Pages inactive', 'Pages speculative'),
    swappedBytes: sum('Swapins', 'Swapouts'),
  };
}

/**
 * `sysctl kern.memorystatus_vm_pressure_level vm.swapusage kern.waketime`. Levels are those of
 * `memory_pressure`: 1 normal, 2 warning, 4 critical. The wake time is 0 before the first sleep.
 */
export function parseSysctl(text: string): {
  readonly level: MemoryLevel | null;
  readonly swapUsedBytes: number | null;
  readonly wokeAtMs: number | null;
} {
  const level = /vm_pressure_level: (\d+)/.exec(text)?.[1];
  const used = /vm\.swapusage:.*?used = ([\d.]+)M/.exec(text)?.[1];
  const woke = Number(/kern\.waketime: \{ sec = (\d+)/.exec(text)?.[1] ?? 0);
  return {
    level: level === undefined ? null : (LEVELS[level] ?? null),
    swapUsedBytes: used === undefined ? null : Math.round(Number(used) * 1024 * 1024),
    wokeAtMs: woke === 0 ? null : woke * 1_000,
  };
}

const LEVELS: Readonly<Record<string, MemoryLevel>> = {
  1: 'normal',
  2: 'warning',
  4: 'critical',
};
