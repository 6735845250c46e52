import { Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { Card } from './Card.tsx';

/** Where there is nothing yet: what would be here, and how to get it. */
export function Empty({ title, children }: { title: string; children: ReactNode }) {
  return (
    <Card py="xl">
      <Stack gap="xs" align="center" ta="center" maw={520} mx="auto">
        <Text fw={600}>{title}</Text>
        <Text size="sm" c="var(--vigil-soft)" component="div">
          {children}
        </Text>
      </Stack>
    </Card>
  );
}
