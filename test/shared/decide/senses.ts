import { NO_SENSES, type Senses } from '../../../shared/model/senses.ts';
import type { FitnessSettings } from '../../../shared/decide/fitness.ts';

/** Senses in a few words, for tests: what is not named is unknown. */

export const GIB = 1024 ** 3;

export const settings: FitnessSettings = {
  leastFreeDiskBytes: 2 * GIB,
  leastFreeDiskShare: 0.02,
  heavyOnBattery: false,
};

type Parts = { [K in Exclude<keyof Senses, 'atMs'>]?: Partial<Senses[K]> };

export function senses(parts: Parts = {}): Senses {
  return {
    atMs: 0,
    thermal: { ...NO_SENSES.thermal, ...parts.thermal },
    memory: { ...NO_SENSES.memory, ...parts.memory },
    cpu: { ...NO_SENSES.cpu, ...parts.cpu },
    power: { ...NO_SENSES.power, ...parts.power },
    disk: { ...NO_SENSES.disk, ...parts.disk },
    sleep: { ...NO_SENSES.sleep, ...parts.sleep },
  };
}
