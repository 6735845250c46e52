import type { AttemptDiffView } from '../../../shared/model/reviewApi.ts';
import type { TaskId } from '../../../shared/model/ids.ts';
import { useRead } from '../../api/queries.ts';
import { Diff } from '../../parts/diff/Diff.tsx';
import { Reading } from '../../parts/Reading.tsx';

/** What an attempt changed. */
export function AttemptDiff({ task, attempt }: { task: TaskId; attempt: number }) {
  const read = useRead<AttemptDiffView>('tasks', `/v1/tasks/${task}/attempts/${attempt}/diff`);
  return (
    <Reading of={read}>
      {({ diff, cutAtBytes }) => <Diff text={diff} cutAtBytes={cutAtBytes} />}
    </Reading>
  );
}
