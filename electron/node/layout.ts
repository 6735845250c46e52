import { join } from 'node:path';
import type { TaskId } from '../../shared/model/ids.ts';

/** Where an attempt's output is kept in the node's home. */
export function attemptLogPath(home: string, task: TaskId, attempt: number): string {
  return join(home, 'logs', task, `${attempt}.log`);
}
