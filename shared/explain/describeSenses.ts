import type { NodeId } from '../model/ids.ts';
import type { Fitness, Senses } from '../model/senses.ts';
import { bytes, percent } from './format.ts';

/** What a machine feels, in one line; what is not known is left out: `72 °C, on battery (43 %), 120 GB free`. */
export function describeSenses(senses: Senses): string {
  return [
    describeHeat(senses),
    describeMemory(senses),
    describePower(senses),
    senses.disk.freeBytes === null ? '' : `${bytes(senses.disk.freeBytes)} of disk free`,
    senses.cpu.load === null ? '' : `load ${percent(senses.cpu.load)}`,
  ]
    .filter((part) => part !== '')
    .join(', ');
}

/** Heat in words; empty when nothing is known of it. */
export function describeHeat({ thermal: { level, celsius, speedLimit } }: Senses): string {
  return [
    level ?? '',
    celsius === null ? '' : `${Math.round(celsius)} °C`,
    speedLimit === null || speedLimit === 1 ? '' : `at ${percent(speedLimit)} speed`,
  ]
    .filter((part) => part !== '')
    .join(' ');
}

/** Memory that is left, and whether it is short; empty when nothing is known. */
export function describeMemory({ memory }: Senses): string {
  const { availableBytes, totalBytes, stalledSome, level } = memory;
  const free = availableBytes === null || !totalBytes ? null : availableBytes / totalBytes;
  const short = level !== null && level !== 'normal' ? `, ${level}` : '';
  const stalled =
    stalledSome !== null && stalledSome >= 0.01 ? `, ${percent(stalledSome)} stalled` : '';
  return free === null ? '' : `${percent(free)} of memory free${short}${stalled}`;
}

/** Where its power comes from; empty when nothing is known. */
export function describePower({ power: { source, charge } }: Senses): string {
  if (source === null) return charge === null ? '' : `battery at ${percent(charge)}`;
  const full = charge === null ? '' : ` (${percent(charge)})`;
  return source === 'battery' ? `on battery${full}` : `plugged in${full}`;
}

/** What a node takes, and why not more: `node n-1 takes no heavy work: it is hot (…)`. */
export function describeFitness(node: NodeId, { any, heavy, steady, troubles }: Fitness): string {
  const why = troubles.map(({ text }) => text).join(', ');
  if (!any) return `node ${node} takes no work: it ${why}`;
  if (!heavy) return `node ${node} takes no heavy work: it ${why}`;
  if (!steady)
    return `node ${node} takes all work, but long work goes elsewhere if it can: it ${why}`;
  return `node ${node} takes all work`;
}
