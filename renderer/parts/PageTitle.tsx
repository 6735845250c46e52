import { Group, Text, Title } from '@mantine/core';
import { useEffect, type ReactNode } from 'react';
import { useConnection } from '../api/context.tsx';

interface Props {
  readonly title: string;
  /** One sentence on what the page tells. */
  readonly children?: ReactNode;
  readonly actions?: ReactNode;
}

/** A page's name, also in the window's title, which says as well when what it shows may be old. */
export function PageTitle({ title, children, actions }: Props) {
  const isOffline = useConnection() === 'lost';
  useEffect(() => {
    document.title = `${isOffline ? 'Offline · ' : ''}${title} · Vigil`;
  }, [title, isOffline]);
  return (
    <Group justify="space-between" align="flex-start" mb="md">
      <div>
        <Title order={1} size="h3">
          {title}
        </Title>
        {children !== undefined && <Text c="var(--vigil-soft)">{children}</Text>}
      </div>
      {actions}
    </Group>
  );
}
