import { Anchor } from '@mantine/core';
import { Link } from 'wouter';
import type { TaskId } from '../../shared/model/ids.ts';

/** A task's id, which leads to its story. */
export function TaskLink({ id }: { id: TaskId }) {
  return (
    <Anchor component={Link} href={`/tasks/${id}`} ff="monospace" size="sm" underline="hover">
      {id}
    </Anchor>
  );
}
