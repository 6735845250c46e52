import { Group, Text, UnstyledButton } from '@mantine/core';
import { Link } from 'wouter';
import { relative } from '../../shared/explain/format.ts';
import type { TaskSummary } from '../../shared/model/taskApi.ts';
import { StatusBadge } from './StatusBadge.tsx';
import { useNow } from './useNow.ts';
import { visible } from './visible.ts';
import classes from './rows.module.css';

interface Props {
  readonly task: TaskSummary;
  /** Under the title. */
  readonly detail?: string | null;
}

/** A task in a list; the whole row leads to its story. */
export function TaskRow({ task, detail = null }: Props) {
  const nowMs = useNow();
  const { id, title, status, endedAtMs } = task;
  return (
    <li>
      <UnstyledButton component={Link} href={`/tasks/${id}`} className={classes.row ?? ''}>
        <Group justify="space-between" wrap="nowrap" align="baseline">
          <Text size="sm" component="span">
            <Text span ff="monospace" size="xs" c="var(--vigil-soft)" mr="xs">
              {id}
            </Text>
            {visible(title)}
          </Text>
          <Group gap="xs" wrap="nowrap">
            {endedAtMs !== null && (
              <Text size="xs" c="var(--vigil-soft)" component="span" className={classes.when ?? ''}>
                {relative(endedAtMs, Math.max(nowMs, endedAtMs))}
              </Text>
            )}
            <StatusBadge status={status} />
          </Group>
        </Group>
        {detail !== null && (
          <Text size="xs" c="var(--vigil-soft)">
            {visible(detail)}
          </Text>
        )}
      </UnstyledButton>
    </li>
  );
}
