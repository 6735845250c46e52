import { Group, Progress, SimpleGrid, Text } from '@mantine/core';
import { useId } from 'react';
import {
  describeHeat,
  describeMemory,
  describePower,
} from '../../../shared/explain/describeSenses.ts';
import { bytes, percent, relative } from '../../../shared/explain/format.ts';
import type { NodeView } from '../../../shared/model/meshApi.ts';
import type { Senses } from '../../../shared/model/senses.ts';
import { Unknown } from '../../parts/Figures.tsx';
import { useNow } from '../../parts/useNow.ts';

/** °C at which the bar of the heat is full. */
const HOT_CELSIUS = 100;
const LEVELS = { nominal: 0.25, fair: 0.5, serious: 0.75, critical: 1 } as const;

interface Feeling {
  readonly name: string;
  readonly text: string;
  /** How much of what there is, 0–1; null where it has no measure. */
  readonly share: number | null;
  readonly isBad: boolean;
}

/** Heat, memory, power, load and disk as the machine feels them now; what it can't tell is said. */
export function NodeSenses({ node: { senses, up } }: { node: NodeView }) {
  const nowMs = useNow();
  if (senses === null)
    return (
      <Text size="sm" c="var(--vigil-soft)" mt="xs">
        {up
          ? 'It has not felt its machine yet.'
          : 'Nothing is known of its machine while it is away.'}
      </Text>
    );
  return (
    <>
      <SimpleGrid cols={{ base: 2, sm: 3, md: 5 }} mt="md" spacing="md">
        {feelings(senses).map((feeling) => (
          <Gauge key={feeling.name} {...feeling} />
        ))}
      </SimpleGrid>
      {senses.atMs !== null && (
        <Group justify="flex-end">
          <Text size="xs" c="var(--vigil-soft)">
            felt {relative(Math.min(senses.atMs, nowMs), nowMs)}
          </Text>
        </Group>
      )}
    </>
  );
}

function feelings(senses: Senses): Feeling[] {
  const { thermal, memory, cpu, power, disk } = senses;
  const free =
    memory.availableBytes === null || !memory.totalBytes
      ? null
      : memory.availableBytes / memory.totalBytes;
  const heat =
    thermal.celsius === null
      ? thermal.level && LEVELS[thermal.level]
      : Math.min(1, thermal.celsius / HOT_CELSIUS);
  const full =
    disk.freeBytes === null || !disk.totalBytes ? null : 1 - disk.freeBytes / disk.totalBytes;
  return [
    {
      name: 'Heat',
      text: describeHeat(senses),
      share: heat,
      isBad: thermal.level === 'serious' || thermal.level === 'critical',
    },
    {
      name: 'Memory',
      text: describeMemory(senses),
      share: free === null ? null : 1 - free,
      isBad: memory.level !== null && memory.level !== 'normal',
    },
    {
      name: 'Load',
      text:
        cpu.load === null
          ? ''
          : `${percent(cpu.load)}${cpu.cores === null ? '' : ` of ${cpu.cores} cores`}`,
      share: cpu.load,
      isBad: false,
    },
    {
      name: 'Power',
      text: describePower(senses),
      share: power.charge,
      isBad: false,
    },
    {
      name: 'Disk',
      text: disk.freeBytes === null ? '' : `${bytes(disk.freeBytes)} free`,
      share: full,
      isBad: false,
    },
  ];
}

function Gauge({ name, text, share, isBad }: Feeling) {
  const id = useId();
  return (
    <div>
      <Text size="xs" c="var(--vigil-soft)" id={id}>
        {name}
      </Text>
      {share !== null && (
        <Progress.Root size="sm" my={4}>
          <Progress.Section
            value={share * 100}
            color={isBad ? 'var(--vigil-warn)' : 'var(--vigil-busy)'}
            aria-labelledby={id}
          />
        </Progress.Root>
      )}
      <Text size="sm" {...(isBad ? { c: 'var(--vigil-warn)' } : {})}>
        {text === '' ? <Unknown /> : text}
      </Text>
    </div>
  );
}
