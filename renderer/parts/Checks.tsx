import { Group, Stack, Text, VisuallyHidden } from '@mantine/core';
import type { Verification } from '../../shared/model/attempt.ts';
import { visible } from './visible.ts';

const MARKS = {
  passed: { sign: '✓', colour: 'var(--vigil-good)' },
  failed: { sign: '✗', colour: 'var(--vigil-bad)' },
  unknown: { sign: '?', colour: 'var(--vigil-warn)' },
} as const;

/** The checks of a verification and its quality score with its parts. */
export function Checks({ verification }: { verification: Verification }) {
  return (
    <>
      <CheckList checks={verification.checks} />
      <Text size="sm" c="var(--vigil-soft)" mb="xs">
        {qualityText(verification)} ({partsText(verification)})
      </Text>
    </>
  );
}

/** Checks, a line each, with what they found. */
export function CheckList({ checks }: Pick<Verification, 'checks'>) {
  return (
    <Stack component="ul" gap={2} mt="xs" mb={2} p={0}>
      {checks.map(({ name, verdict, detail }) => (
        <Group component="li" key={name} gap="xs" wrap="nowrap" align="baseline">
          <Text span size="sm" c={MARKS[verdict].colour} aria-hidden>
            {MARKS[verdict].sign}
          </Text>
          <Text span size="sm">
            <b>{name}</b> <VisuallyHidden>{verdict}:</VisuallyHidden> {visible(detail)}
          </Text>
        </Group>
      ))}
    </Stack>
  );
}

export function qualityText({ quality, threshold }: Verification): string {
  return `quality ${quality.toFixed(2)} of at least ${threshold.toFixed(2)}`;
}

/** What the quality is made of. */
export function partsText({ parts }: Verification): string {
  return parts.map(({ name, value }) => `${name} ${value.toFixed(2)}`).join(', ');
}
