import { join } from 'node:path';
import type { AgentRole } from '../../shared/model/agent.ts';
import type { TaskId } from '../../shared/model/ids.ts';

/** Where an attempt's output is kept in the node's home. */
export function attemptLogPath(home: string, task: TaskId, attempt: number): string {
  return join(home, 'logs', task, `${attempt}.log`);
}

/** Where the transcript of one role of an attempt is kept. */
export function transcriptPath(
  home: string,
  task: TaskId,
  attempt: number,
  role: AgentRole,
): string {
  return join(home, 'logs', task, `${attempt}.${role}.jsonl`);
}
