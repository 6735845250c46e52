import { Anchor, Group, Text, UnstyledButton } from '@mantine/core';
import { memo, useState } from 'react';
import { Link } from 'wouter';
import { describePriority } from '../../../shared/explain/describePriority.ts';
import { relative, score } from '../../../shared/explain/format.ts';
import type { TaskSummary } from '../../../shared/model/taskApi.ts';
import type { PriorityTerms } from '../../../shared/model/decision.ts';
import { StatusBadge } from '../../parts/StatusBadge.tsx';
import { TaskActions } from '../../parts/TaskActions.tsx';
import { useNow } from '../../parts/useNow.ts';
import { visible } from '../../parts/visible.ts';

export type QueueTask = TaskSummary & { readonly priority?: PriorityTerms };

/** A task of the queue: what it is, why it waits, and what can be done about it. */
export const QueueRow = memo(function QueueRow({ task }: { task: QueueTask }) {
  const nowMs = useNow();
  const [isTold, setTold] = useState(false);
  const { id, title, status, waiting, failure, priority, endedAtMs, project } = task;
  const why = waiting?.text ?? failure;
  return (
    <>
      <Group justify="space-between" wrap="nowrap" align="start" gap="sm">
        <Anchor component={Link} href={`/tasks/${id}`} size="sm" c="inherit">
          <Text span ff="monospace" size="xs" c="var(--vigil-soft)" mr="xs">
            {id}
          </Text>
          {visible(title)}
        </Anchor>
        <Group gap="xs" wrap="nowrap" flex="none">
          <StatusBadge status={status} />
          <TaskActions id={id} status={status} isCompact />
        </Group>
      </Group>
      <Text size="xs" c="var(--vigil-soft)">
        {project}
        {why !== null && `: ${visible(why)}`}
        {waiting !== null && ` Until: ${visible(waiting.until)}.`}
        {endedAtMs !== null && `, ${relative(endedAtMs, Math.max(nowMs, endedAtMs))}`}
        {priority && (
          <>
            {' · '}
            <UnstyledButton
              fz="xs"
              c="var(--vigil-busy)"
              aria-expanded={isTold}
              aria-label={`Priority of ${id}`}
              onClick={() => setTold((now) => !now)}
            >
              priority {score(priority.total)}
            </UnstyledButton>
          </>
        )}
      </Text>
      {isTold && priority && (
        <Text size="xs" c="var(--vigil-soft)">
          {describePriority(priority)}
        </Text>
      )}
    </>
  );
});
