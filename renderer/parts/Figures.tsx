import { SimpleGrid, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { Card } from './Card.tsx';

interface FigureOf {
  readonly name: string;
  /** Null: nobody knows. */
  readonly value: ReactNode | null;
  /** What it is counted from. */
  readonly detail?: ReactNode;
}

interface Props {
  readonly of: readonly FigureOf[];
  /** How many stand side by side where there is room. */
  readonly across?: number;
}

/** The few numbers that a page is about. */
export function Figures({ of, across = 4 }: Props) {
  return (
    <SimpleGrid component="dl" cols={{ base: 2, sm: 3, lg: across }} spacing="sm" m={0}>
      {of.map(({ name, value, detail }) => (
        <Card key={name} p="sm" data-figure>
          <Text component="dt" size="xs" c="var(--vigil-soft)">
            {name}
          </Text>
          <Text component="dd" m={0} fz={24} fw={600} lh={1.3}>
            {value ?? <Unknown />}
          </Text>
          {detail !== undefined && (
            <Text component="dd" m={0} size="xs" c="var(--vigil-soft)">
              {detail}
            </Text>
          )}
        </Card>
      ))}
    </SimpleGrid>
  );
}

/** In place of a value that is not known; it is never shown as zero. */
export function Unknown({ why = 'not known' }: { why?: string }) {
  return (
    <Text span c="var(--vigil-soft)" fw={400} size="sm">
      {why}
    </Text>
  );
}
