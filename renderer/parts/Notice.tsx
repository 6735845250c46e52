import { Center, Stack, Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';

/** Instead of a page: what is the matter, and what to do. */
export function Notice({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <Center component="main" mih="60vh" p="md">
      <Stack gap="xs" maw={480} align="center" ta="center">
        <Title order={1} size="h3">
          {title}
        </Title>
        <Text c="var(--vigil-soft)">{children}</Text>
      </Stack>
    </Center>
  );
}
