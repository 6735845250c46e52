import { Badge } from '@mantine/core';
import type { TaskSummary } from '../../shared/model/taskApi.ts';

const COLOURS: Partial<Record<TaskSummary['status'], string>> = {
  merged: 'green',
  done: 'green',
  failed: 'red',
  rejected: 'red',
  cancelled: 'gray',
  running: 'vigil',
  verifying: 'vigil',
  merging: 'vigil',
  assigned: 'vigil',
  review: 'yellow',
};

/** Where a task stands, in its word. */
export function StatusBadge({ status }: { status: TaskSummary['status'] }) {
  return (
    <Badge size="sm" variant="light" color={COLOURS[status] ?? 'gray'} miw="max-content">
      {status}
    </Badge>
  );
}
