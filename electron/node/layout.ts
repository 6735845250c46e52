import { join } from 'node:path';
import { AgentRole } from '../../shared/model/agent.ts';
import type { TaskId } from '../../shared/model/ids.ts';

/** Where a folder for each task keeps what its attempts left. */
export function logsPath(home: string): string {
  return join(home, 'logs');
}

/** Where an attempt's output is kept in the node's home. */
export function attemptLogPath(home: string, task: TaskId, attempt: number): string {
  return join(logsPath(home), task, `${attempt}.log`);
}

/** Where the transcript of one role of an attempt is kept. */
export function transcriptPath(
  home: string,
  task: TaskId,
  attempt: number,
  role: AgentRole,
): string {
  return join(logsPath(home), task, `${attempt}.${role}.jsonl`);
}

/** Whose transcript a file of a task's folder is; null when it is none. */
export function transcriptOf(file: string): { attempt: number; role: AgentRole } | null {
  const [, number = '', name = ''] = /^([1-9]\d*)\.(\w+)\.jsonl$/.exec(file) ?? [];
  const role = AgentRole.safeParse(name);
  return role.success ? { attempt: Number(number), role: role.data } : null;
}
