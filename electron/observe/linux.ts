import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { Senses } from '../../shared/model/senses.ts';
import { LinuxHeat } from './linuxHeat.ts';
import { readPower } from './linuxPower.ts';
import { readText } from './readText.ts';
import {
  CpuLoad,
  Rate,
  readDisk,
  type CpuTimes,
  type Reading,
  type SenseSource,
} from './reading.ts';

const BYTES_PER_KB = 1_024;
/** Key of the page size in a process's auxiliary vector (getauxval(3), AT_PAGESZ). */
const AT_PAGESZ = 6n;
const USUAL_PAGE_BYTES = 4_096;

/** The senses of Linux, read from /proc and /sys: no process is started for them. */
export class LinuxSource implements SenseSource {
  private readonly home: string;
  private readonly root: string;
  private readonly heat: LinuxHeat;
  private readonly load = new CpuLoad();
  private readonly swapping = new Rate();
  private readonly pageBytes: number;

  /** `root` is where /proc and /sys are found. */
  constructor(home: string, root = '/') {
    this.home = home;
    this.root = root;
    this.heat = new LinuxHeat(join(root, 'sys/class'));
    this.pageBytes = pageBytes(join(root, 'proc/self/auxv'));
  }

  async read(): Promise<Reading> {
    return {
      thermal: this.heat.read(),
      memory: this.memory(),
      cpu: { cores: availableParallelism(), load: this.load.next(this.cpuTimes()) },
      power: readPower(join(this.root, 'sys/class/power_supply')),
      disk: await readDisk(this.home),
    };
  }

  /** The clocks tell a suspend apart themselves: see `classifyGap`. */
  wokeAtMs(): Promise<null> {
    return Promise.resolve(null);
  }

  private memory(): Senses['memory'] {
    const info = readText(join(this.root, 'proc/meminfo')) ?? '';
    const bytesOf = (name: string): number | null => {
      const found = new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(info)?.[1];
      return found === undefined ? null : Number(found) * BYTES_PER_KB;
    };
    const pressure = parsePressure(readText(join(this.root, 'proc/pressure/memory')));
    const [swap, free] = [bytesOf('SwapTotal'), bytesOf('SwapFree')];
    return {
      totalBytes: bytesOf('MemTotal'),
      availableBytes: bytesOf('MemAvailable'),
      stalledSome: pressure.some,
      stalledFull: pressure.full,
      level: null,
      swapUsedBytes: swap === null || free === null ? null : swap - free,
      // /proc/vmstat is long, and without swap there is nothing in it.
      swapBytesPerS: swap === 0 ? 0 : this.swapped(),
    };
  }

  private swapped(): number | null {
    const text = readText(join(this.root, 'proc/vmstat')) ?? '';
    const [read, written] = ['pswpin', 'pswpout'].map((name) =>
      Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(text)?.[1]),
    );
    const pages = (read ?? NaN) + (written ?? NaN);
    return this.swapping.perSecond(
      Number.isNaN(pages) ? null : pages * this.pageBytes,
      performance.now(),
    );
  }

  /** Fields of /proc/stat (proc(5)): user nice system idle iowait irq softirq steal; guests are in user. */
  private cpuTimes(): CpuTimes | null {
    const line = /^cpu +(.+)$/m.exec(readText(join(this.root, 'proc/stat')) ?? '')?.[1];
    const fields = line?.split(' ').map(Number).slice(0, 8) ?? [];
    if (fields.length < 5 || fields.some(Number.isNaN)) return null;
    const total = fields.reduce((sum, value) => sum + value, 0);
    return { idle: (fields[3] ?? 0) + (fields[4] ?? 0), total };
  }
}

/** Pressure stall information (kernel docs, accounting/psi): shares 0–1 of the last 10 s. */
export function parsePressure(text: string | null): { some: number | null; full: number | null } {
  const of = (line: string): number | null => {
    const found = new RegExp(`^${line} avg10=([\\d.]+)`, 'm').exec(text ?? '')?.[1];
    return found === undefined ? null : Math.min(1, Number(found) / 100);
  };
  return { some: of('some'), full: of('full') };
}

function pageBytes(auxv: string): number {
  try {
    const vector = readFileSync(auxv);
    for (let at = 0; at + 16 <= vector.length; at += 16)
      if (vector.readBigUInt64LE(at) === AT_PAGESZ) return Number(vector.readBigUInt64LE(at + 8));
  } catch {
    // A process that may not look at itself: then the size that nearly all machines have.
  }
  return USUAL_PAGE_BYTES;
}
