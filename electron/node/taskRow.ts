import {
  hasEnded,
  type EndedStatus,
  type TaskRegisters,
  type TaskStatus,
} from '../../shared/model/registers.ts';
import type { TaskSummary, WaitView } from '../../shared/model/taskApi.ts';
import type { TaskRow } from '../store/tasks.ts';

/** The row of the task view after a change at this time, ms since the epoch. */
export function toTaskRow(task: TaskRegisters, status: TaskStatus, atMs: number): TaskRow {
  const { waiting: _, ...row } = summaryOf(task, status, atMs, null);
  return { ...row, json: JSON.stringify(task) };
}

/** What lists show of a task after a change at this time, ms since the epoch. */
export function summaryOf(
  task: TaskRegisters,
  status: TaskStatus,
  atMs: number,
  waiting: WaitView | null,
): TaskSummary {
  const { spec } = task;
  const lastFailure = task.attempts.findLast((attempt) => attempt.state.state === 'failed')?.state;
  return {
    id: spec.id,
    project: spec.project,
    status,
    title: spec.title,
    type: spec.type,
    executor: spec.executor.kind,
    risk: spec.risk,
    attempts: task.attempts.length,
    createdAtMs: spec.createdAtMs,
    endedAtMs: hasEnded(status) ? (endOf(task, status) ?? atMs) : null,
    commit: task.merge?.commit ?? null,
    quality: task.quality,
    failure:
      task.failed?.reason ??
      (status === 'open' && lastFailure?.state === 'failed' ? lastFailure.failure.reason : null),
    waiting,
  };
}

/** When it ended as whoever ended it says, so that all nodes tell the same; null where no register does. */
function endOf(task: TaskRegisters, status: EndedStatus): number | null {
  switch (status) {
    case 'merged':
      return task.merge?.atMs ?? null;
    case 'rejected':
      return task.verdict?.atMs ?? null;
    case 'cancelled':
      return task.cancelled?.atMs ?? null;
    case 'done':
    case 'failed':
      return task.attempts.at(-1)?.endedAtMs ?? null;
    case 'split':
      return null;
  }
}

/** What lists show of a task that is no longer in memory. */
export function toSummary(row: TaskRow, waiting: WaitView | null): TaskSummary {
  const { json: _, ...summary } = row;
  return { ...summary, waiting };
}
