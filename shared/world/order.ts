import type { Assignment } from '../model/attempt.ts';
import type { ProjectId, TaskId } from '../model/ids.ts';
import type { TaskRegisters } from '../model/registers.ts';
import { statusOf } from './status.ts';

/** One attempt as its executing node is told of it: the leader's assignment of a task. */
export interface WorkOrder extends Assignment {
  readonly task: TaskId;
  readonly project: ProjectId;
}

/** The order that the task's assignment gives; null when none waits to be carried out. */
export function orderOf(task: TaskRegisters): WorkOrder | null {
  const { spec, assignment } = task;
  if (!assignment || statusOf(task) !== 'assigned') return null;
  return { ...assignment, task: spec.id, project: spec.project };
}
