import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Senses } from '../../shared/model/senses.ts';
import { readText } from './readText.ts';

interface Supply {
  readonly type: string;
  readonly online: boolean | null;
  readonly status: string;
  readonly capacity: number | null;
}

/**
 * Where the machine's power comes from (kernel docs, ABI/testing/sysfs-class-power). A machine whose
 * kernel knows of no battery runs from the mains; batteries of mice and headphones do not count.
 */
export function readPower(folder: string): Senses['power'] {
  let names: string[];
  try {
    names = readdirSync(folder);
  } catch {
    return { source: null, charge: null };
  }
  const supplies = names
    .sort()
    .map((name) => join(folder, name))
    .filter((supply) => fieldOf(supply, 'scope') !== 'Device')
    .map(supplyOf);
  const batteries = supplies.filter(({ type }) => type === 'Battery');
  const mains = supplies.filter(({ type }) => type !== 'Battery' && type !== 'UPS');
  if (batteries.length === 0) return { source: 'ac', charge: null };
  const charges = batteries.flatMap(({ capacity }) => capacity ?? []);
  return {
    source: sourceOf(batteries, mains),
    charge:
      charges.length === 0 ? null : charges.reduce((sum, one) => sum + one, 0) / charges.length,
  };
}

function sourceOf(
  batteries: readonly Supply[],
  mains: readonly Supply[],
): Senses['power']['source'] {
  if (mains.some(({ online }) => online === true)) return 'ac';
  if (batteries.some(({ status }) => status === 'Discharging')) return 'battery';
  if (batteries.some(({ status }) => /^(Charging|Full|Not charging)$/.test(status))) return 'ac';
  return mains.some(({ online }) => online === false) ? 'battery' : null;
}

function supplyOf(supply: string): Supply {
  const online = fieldOf(supply, 'online');
  const capacity = fieldOf(supply, 'capacity');
  return {
    type: fieldOf(supply, 'type'),
    online: online === '' ? null : online !== '0',
    status: fieldOf(supply, 'status'),
    capacity: /^\d+$/.test(capacity) ? Math.min(1, Number(capacity) / 100) : null,
  };
}

function fieldOf(supply: string, name: string): string {
  return readText(join(supply, name))?.trim() ?? '';
}
