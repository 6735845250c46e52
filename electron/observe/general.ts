import { cpus } from 'node:os';
import { battery, cpuTemperature, mem } from 'systeminformation';
import { NO_SENSES, type Senses } from '../../shared/model/senses.ts';
import { cpuTimes } from './macos.ts';
import { CpuLoad, readDisk, type Reading, type SenseSource } from './reading.ts';

/** The senses of any other system, as far as systeminformation knows them. */
export class GeneralSource implements SenseSource {
  private readonly home: string;
  private readonly load = new CpuLoad();

  constructor(home: string) {
    this.home = home;
  }

  async read(): Promise<Reading> {
    const [celsius, memory, power, disk] = await Promise.all([
      cpuTemperature().then(
        ({ main }) => (main !== null && main > 0 ? main : null),
        () => null,
      ),
      readMemory(),
      readBattery(),
      readDisk(this.home),
    ]);
    return {
      thermal: { ...NO_SENSES.thermal, celsius },
      memory,
      cpu: { cores: cpus().length || null, load: this.load.next(cpuTimes()) },
      power,
      disk,
    };
  }

  wokeAtMs(): Promise<null> {
    return Promise.resolve(null);
  }
}

async function readMemory(): Promise<Senses['memory']> {
  return mem().then(
    ({ total, available, swapused }) => ({
      ...NO_SENSES.memory,
      totalBytes: total,
      availableBytes: available,
      swapUsedBytes: swapused,
    }),
    () => NO_SENSES.memory,
  );
}

async function readBattery(): Promise<Senses['power']> {
  return battery().then(
    ({ hasBattery, acConnected, percent }) =>
      hasBattery
        ? { source: acConnected ? 'ac' : 'battery', charge: Math.min(1, percent / 100) }
        : { source: 'ac', charge: null },
    () => NO_SENSES.power,
  );
}
