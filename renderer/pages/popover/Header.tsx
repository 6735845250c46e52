import { Text, Title } from '@mantine/core';
import {
  IconEye,
  IconEyeExclamation,
  IconEyeOff,
  IconFlame,
  IconPlayerPause,
  IconPlugConnectedX,
  type Icon,
} from '@tabler/icons-react';
import type { Glance, GlanceState } from '../../../shared/explain/glance.ts';
import { visible } from '../../parts/visible.ts';
import classes from './popover.module.css';

const LOOKS: Readonly<Record<GlanceState, readonly [Icon, string, string]>> = {
  offline: [IconPlugConnectedX, 'Offline', 'var(--vigil-soft)'],
  'needs-you': [IconEyeExclamation, 'Needs you', 'var(--vigil-warn)'],
  paused: [IconPlayerPause, 'Paused', 'var(--vigil-soft)'],
  hot: [IconFlame, 'Hot', 'var(--vigil-bad)'],
  working: [IconEye, 'Working', 'var(--vigil-busy)'],
  idle: [IconEyeOff, 'Idle', 'var(--vigil-soft)'],
};

/** The state in a word, a sign and a sentence. */
export function Header({ glance, name }: { glance: Glance; name: string }) {
  const [Sign, word, colour] = LOOKS[glance.state];
  return (
    <header className={classes.header}>
      <span className={classes.sign} style={{ color: colour }}>
        <Sign size={22} stroke={1.7} aria-hidden />
      </span>
      <div className={classes.grow}>
        <div className={classes.spread}>
          <Title order={1} size="sm" c={colour}>
            {word}
          </Title>
          <Text size="xs" c="var(--vigil-soft)" truncate>
            {visible(name)}
          </Text>
        </div>
        <Text size="xs" c="var(--vigil-soft)" lineClamp={2} role="status">
          {visible(glance.text)}
        </Text>
      </div>
    </header>
  );
}
