import { cpus, totalmem } from 'node:os';
import { cpuTemperature } from 'systeminformation';
import { parseBattery, parseSysctl, parseThermal, parseVmStat } from './macosOutput.ts';
import {
  CpuLoad,
  Rate,
  readDisk,
  type CpuTimes,
  type Reading,
  type SenseSource,
} from './reading.ts';
import { outputOf } from './outputOf.ts';

const SYSCTL = ['kern.memorystatus_vm_pressure_level', 'vm.swapusage', 'kern.waketime'];

/** The senses of macOS: four short commands a sample, because nothing of it can be read from a file. */
export class MacosSource implements SenseSource {
  private readonly home: string;
  private readonly load = new CpuLoad();
  private readonly swapping = new Rate();
  /** Looked for once: without the optional sensor package it is never there. */
  private hasSensor = true;

  constructor(home: string) {
    this.home = home;
  }

  async read(): Promise<Reading> {
    const [therm, batt, stat, sysctl, disk, celsius] = await Promise.all([
      outputOf('pmset', ['-g', 'therm']),
      outputOf('pmset', ['-g', 'batt']),
      outputOf('vm_stat', []),
      outputOf('sysctl', SYSCTL),
      readDisk(this.home),
      this.celsius(),
    ]);
    const { availableBytes, swappedBytes } = parseVmStat(stat ?? '');
    const { level, swapUsedBytes } = parseSysctl(sysctl ?? '');
    return {
      thermal: { ...parseThermal(therm ?? ''), celsius },
      memory: {
        totalBytes: totalmem(),
        availableBytes,
        stalledSome: null,
        stalledFull: null,
        level,
        swapUsedBytes,
        swapBytesPerS: this.swapping.perSecond(swappedBytes, performance.now()),
      },
      cpu: { cores: cpus().length, load: this.load.next(cpuTimes()) },
      power: parseBattery(batt ?? ''),
      disk,
    };
  }

  async wokeAtMs(): Promise<number | null> {
    return parseSysctl((await outputOf('sysctl', SYSCTL)) ?? '').wokeAtMs;
  }

  private async celsius(): Promise<number | null> {
    if (!this.hasSensor) return null;
    const { main } = await cpuTemperature().catch(() => ({ main: null }));
    this.hasSensor = main !== null && main > 0;
    return this.hasSensor ? main : null;
  }
}

/** Processor time since the start, as Node has it; null where it has none. */
export function cpuTimes(): CpuTimes | null {
  const all = cpus().map(({ times }) => times);
  if (all.length === 0) return null;
  const sum = (of: (times: (typeof all)[number]) => number): number =>
    all.reduce((total, times) => total + of(times), 0);
  return {
    idle: sum(({ idle }) => idle),
    total: sum(({ user, nice, sys, idle, irq }) => user + nice + sys + idle + irq),
  };
}
