import { Text } from '@mantine/core';
import {
  IconBattery3,
  IconCpu,
  IconDatabase,
  IconPlug,
  IconTemperature,
  type Icon,
} from '@tabler/icons-react';
import { describeHeat } from '../../../shared/explain/describeSenses.ts';
import { percent } from '../../../shared/explain/format.ts';
import type { Senses } from '../../../shared/model/senses.ts';
import classes from './popover.module.css';

interface Feeling {
  readonly name: string;
  readonly icon: Icon;
  readonly text: string;
  readonly isBad: boolean;
}

/** How the machine feels; what it can't tell is left out. */
export function Machine({ senses }: { senses: Senses }) {
  const felt = feelings(senses);
  if (felt.length === 0) return null;
  return (
    <section aria-label="This machine" className={classes.machine}>
      {felt.map(({ name, icon: Sign, text, isBad }) => (
        <div key={name} className={classes.feeling}>
          <Sign size={15} stroke={1.6} aria-hidden />
          <span>
            <Text size="xs" c="var(--vigil-soft)" component="span" display="block" lh={1.2}>
              {name}
            </Text>
            <Text
              size="xs"
              component="span"
              display="block"
              lh={1.3}
              c={isBad ? 'var(--vigil-warn)' : 'inherit'}
            >
              {text}
            </Text>
          </span>
        </div>
      ))}
    </section>
  );
}

function feelings(senses: Senses): Feeling[] {
  const { thermal, memory, power, cpu } = senses;
  const free =
    memory.availableBytes === null || !memory.totalBytes
      ? null
      : memory.availableBytes / memory.totalBytes;
  const onBattery = power.source === 'battery';
  const charge = power.charge === null ? '' : percent(power.charge);
  const all: Feeling[] = [
    {
      name: 'Heat',
      icon: IconTemperature,
      text: describeHeat(senses),
      isBad: thermal.level === 'serious' || thermal.level === 'critical',
    },
    {
      name: 'Memory',
      icon: IconDatabase,
      text: free === null ? '' : `${percent(free)} free`,
      isBad: memory.level !== null && memory.level !== 'normal',
    },
    {
      name: onBattery ? 'Battery' : 'Power',
      icon: onBattery ? IconBattery3 : IconPlug,
      text: power.source === 'ac' ? `mains${charge && `, ${charge}`}` : charge,
      isBad: false,
    },
    {
      name: 'Load',
      icon: IconCpu,
      text: cpu.load === null ? '' : percent(cpu.load),
      isBad: false,
    },
  ];
  return all.filter(({ text }) => text !== '');
}
