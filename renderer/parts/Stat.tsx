import { Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { Card } from './Card.tsx';

interface Props {
  readonly name: string;
  readonly value: ReactNode;
  /** Under the value, smaller. */
  readonly note?: ReactNode;
}

/** A figure with its name. */
export function Stat({ name, value, note }: Props) {
  return (
    <Card p="sm" data-figure>
      <Text size="xs" c="var(--vigil-soft)">
        {name}
      </Text>
      <Text fz={26} fw={600} lh={1.25}>
        {value}
      </Text>
      {note !== undefined && (
        <Text size="xs" c="var(--vigil-soft)">
          {note}
        </Text>
      )}
    </Card>
  );
}
