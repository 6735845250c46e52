import type { TaskRegisters, TaskStatus } from '../model/registers.ts';
import type { Limits } from '../model/config.ts';

/**
 * The status of a task, from its registers alone: replicas that hold the same registers can't
 * disagree (safety rule 2). An ended status never changes back, but for `failed`, which a human
 * can reopen.
 */
export function statusOf(task: TaskRegisters): TaskStatus {
  // What is in git is a fact, so a merge outranks a cancellation that came too late.
  if (task.merge) return 'merged';
  if (task.cancelled) return 'cancelled';
  if (task.split) return 'split';
  if (task.failed) return 'failed';
  const last = task.attempts.at(-1);
  if (task.assignment && task.assignment.attempt > (last?.number ?? 0)) return 'assigned';
  if (!last) return 'open';
  switch (last.state.state) {
    case 'running':
      return 'running';
    case 'verifying':
      return 'verifying';
    case 'failed':
      return 'open';
    case 'passed': {
      if (last.state.commit === null) return 'done';
      if (last.state.needsReview === null) return 'merging';
      if (task.verdict?.attempt !== last.number) return 'review';
      return task.verdict.answer === 'approved' ? 'merging' : 'rejected';
    }
  }
}

/** Attempts that count against the limit: one that the node's end interrupted does not. */
export function countedAttempts(task: TaskRegisters): number {
  return task.attempts.filter((a) => !(a.state.state === 'failed' && a.state.failure.interrupted))
    .length;
}

/** How many attempts the task may have in all. */
export function attemptLimit(task: TaskRegisters, limits: Limits): number {
  return (task.spec.maxAttempts ?? limits.attemptsPerTask) + task.grantedAttempts;
}

/** A retry waits 2 s, 4 s, 8 s … up to 5 min, so that a broken environment is not hammered. */
const FIRST_BACKOFF_MS = 2_000;
const LONGEST_BACKOFF_MS = 300_000;

/** When the next attempt may start, ms since the epoch; 0 when the task has not failed yet. */
export function backoffUntilMs(task: TaskRegisters): number {
  const last = task.attempts.at(-1);
  if (last?.state.state !== 'failed' || last.endedAtMs === null) return 0;
  if (last.state.failure.interrupted) return last.endedAtMs;
  const delay = FIRST_BACKOFF_MS * 2 ** Math.min(20, countedAttempts(task) - 1);
  return last.endedAtMs + Math.min(LONGEST_BACKOFF_MS, delay);
}
