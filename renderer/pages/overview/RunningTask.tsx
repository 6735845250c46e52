import { Button, Group, Text } from '@mantine/core';
import { useId, useState } from 'react';
import type { TaskSummary } from '../../../shared/model/taskApi.ts';
import { Log } from '../../parts/Log.tsx';
import { StatusBadge } from '../../parts/StatusBadge.tsx';
import { TaskLink } from '../../parts/TaskLink.tsx';
import { visible } from '../../parts/visible.ts';
import rows from '../../parts/rows.module.css';

/** A task at work; its log opens on demand and follows. */
export function RunningTask({ task }: { task: TaskSummary }) {
  const [isOpen, setOpen] = useState(false);
  const id = useId();
  const attempt = Math.max(1, task.attempts);
  return (
    <li className={rows.plain}>
      <Group justify="space-between" wrap="nowrap" align="center">
        <Text size="sm" component="div">
          <TaskLink id={task.id} /> {visible(task.title)}
          <Text size="xs" c="var(--vigil-soft)">
            attempt {attempt}, {task.executor}
          </Text>
        </Text>
        <Group gap="xs" wrap="nowrap" flex="none">
          <StatusBadge status={task.status} />
          <Button
            size="compact-sm"
            variant="default"
            aria-expanded={isOpen}
            aria-controls={id}
            aria-label={`Log of ${task.id}`}
            onClick={() => setOpen((now) => !now)}
          >
            Log
          </Button>
        </Group>
      </Group>
      <div id={id} className={rows.below}>
        {isOpen && <Log task={task.id} attempt={attempt} live />}
      </div>
    </li>
  );
}
