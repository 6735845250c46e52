import { Group, Stack, Text, VisuallyHidden } from '@mantine/core';
import type { Verification } from '../../shared/model/attempt.ts';

const MARKS = {
  passed: { sign: '✓', colour: 'var(--vigil-good)' },
  failed: { sign: '✗', colour: 'var(--vigil-bad)' },
  unknown: { sign: '?', colour: 'var(--vigil-warn)' },
} as const;

/** The checks of a verification and the parts of its quality score. */
export function Checks({ verification }: { verification: Verification }) {
  const { checks, quality, threshold, parts } = verification;
  const summary = parts.map((part) => `${part.name} ${part.value.toFixed(2)}`).join(', ');
  return (
    <Stack component="ul" gap={2} my="xs" p={0}>
      {checks.map(({ name, verdict, detail }) => (
        <Group component="li" key={name} gap="xs" wrap="nowrap" align="baseline">
          <Text span size="sm" c={MARKS[verdict].colour} aria-hidden>
            {MARKS[verdict].sign}
          </Text>
          <Text span size="sm">
            <b>{name}</b> <VisuallyHidden>{verdict}:</VisuallyHidden> {detail}
          </Text>
        </Group>
      ))}
      <Text component="li" size="sm" c="var(--vigil-soft)" style={{ listStyle: 'none' }}>
        quality {quality.toFixed(2)} of at least {threshold.toFixed(2)} ({summary})
      </Text>
    </Stack>
  );
}
