import { Group, Text, Title } from '@mantine/core';
import { useId, type ReactNode } from 'react';

interface Props {
  readonly title: string;
  readonly count?: number;
  /** Shown in place of the content when `count` is 0. */
  readonly empty?: ReactNode;
  /** The content is shown also when `count` is 0. */
  readonly keepsContent?: boolean;
  /** Beside the title. */
  readonly actions?: ReactNode;
  readonly children: ReactNode;
}

/** A part of a page under its heading. */
export function Section({ title, count, empty, keepsContent = false, actions, children }: Props) {
  const id = useId();
  return (
    <section aria-labelledby={id}>
      <Group justify="space-between" mb="xs" mt="lg">
        <Title order={2} size="h5" id={id}>
          {title}{' '}
          {count !== undefined && (
            <Text span fw={400} c="var(--vigil-soft)">
              {count}
            </Text>
          )}
        </Title>
        {actions}
      </Group>
      {count === 0 && !keepsContent ? (
        <Text c="var(--vigil-soft)" size="sm">
          {empty}
        </Text>
      ) : (
        children
      )}
    </section>
  );
}
