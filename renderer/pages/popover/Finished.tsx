import { Text, UnstyledButton } from '@mantine/core';
import { relative } from '../../../shared/explain/format.ts';
import type { TaskSummary } from '../../../shared/model/taskApi.ts';
import { StatusBadge } from '../../parts/StatusBadge.tsx';
import { useNow } from '../../parts/useNow.ts';
import { visible } from '../../parts/visible.ts';
import { openPlace } from './openPlace.ts';
import classes from './popover.module.css';

/** The work that ended last. */
export function Finished({ task: { id, title, status, endedAtMs } }: { task: TaskSummary }) {
  const nowMs = useNow();
  return (
    <section aria-label="Last finished" className={classes.part}>
      <UnstyledButton className={classes.row} onClick={() => openPlace(`/tasks/${id}`)}>
        <div className={classes.spread}>
          <Text size="sm" truncate>
            {visible(title)}
          </Text>
          <StatusBadge status={status} />
        </div>
        <Text size="xs" c="var(--vigil-soft)">
          {id}
          {endedAtMs !== null && `, ended ${relative(endedAtMs, Math.max(nowMs, endedAtMs))}`}
        </Text>
      </UnstyledButton>
    </section>
  );
}
