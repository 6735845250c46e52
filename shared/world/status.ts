import type { Attempt } from '../model/attempt.ts';
import type { TaskRegisters, TaskStatus } from '../model/registers.ts';
import type { Limits } from '../model/config.ts';

const ACTIVE: readonly TaskStatus[] = ['assigned', 'running', 'verifying', 'merging'];

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
  const current = currentAttempt(task);
  if (!current) return task.assignment && !isAbandoned(task) ? 'assigned' : 'open';
  switch (current.state.state) {
    case 'running':
    case 'verifying':
      return isAbandoned(task) ? 'open' : current.state.state;
    case 'failed':
      return 'open';
    case 'passed': {
      if (current.state.commit === null) return 'done';
      if (current.state.needsReview === null) return 'merging';
      if (!task.verdict || !isOf(task.verdict, current)) return 'review';
      return task.verdict.answer === 'approved' ? 'merging' : 'rejected';
    }
  }
}

/** Whether a task holds its resources and its scope. */
export function isActive(status: TaskStatus): boolean {
  return ACTIVE.includes(status);
}

/**
 * The attempt that counts: the one that the assignment speaks of, null before it has begun. What an
 * earlier leader assigned, or was given up and came back late, is there and does not count.
 */
export function currentAttempt({ assignment, attempts }: TaskRegisters): Attempt | null {
  const last = attempts.at(-1) ?? null;
  if (!assignment) return last;
  const { attempt: number, node } = assignment;
  const assigned = attempts.find((each) => each.number === number && each.node === node);
  return assigned ?? null;
}

/** Whether a human's answer is of this attempt's result, and not of another that two leaders gave the same number. */
export function isOf(
  { attempt, commit }: NonNullable<TaskRegisters['verdict']>,
  { number, state }: Attempt,
): boolean {
  const same = commit === undefined || (state.state === 'passed' && state.commit === commit);
  return attempt === number && same;
}

/** Whether the leader gave up what the assignment speaks of. A result that comes late all the same is taken. */
function isAbandoned({ assignment, abandoned }: TaskRegisters): boolean {
  return (
    !!assignment &&
    abandoned?.attempt === assignment.attempt &&
    abandoned.node === assignment.node &&
    abandoned.term >= assignment.term
  );
}

/** Attempts that count against the limit: one that the node's end interrupted, or that was given up, does not. */
export function countedAttempts(task: TaskRegisters): number {
  const current = currentAttempt(task);
  return task.attempts.filter(({ state }, index) =>
    state.state === 'failed' ? !state.failure.interrupted : task.attempts[index] === current,
  ).length;
}

/** How many attempts the task may have in all. */
export function attemptLimit(task: TaskRegisters, limits: Limits): number {
  return (task.spec.maxAttempts ?? limits.attemptsPerTask) + task.grantedAttempts;
}

/** A retry waits 2 s, 4 s, 8 s … up to 5 min, so that a broken environment is not hammered. */
const FIRST_BACKOFF_MS = 2_000;
const LONGEST_BACKOFF_MS = 300_000;

/**
 * When the next attempt may start, ms since the epoch; 0 when nothing has to be waited for. The attempt's end is
 * of its node's clock: one that lies further ahead than the wait itself tells of a clock that is wrong, and nobody
 * waits for that.
 */
export function backoffUntilMs(task: TaskRegisters, nowMs: number): number {
  const last = currentAttempt(task);
  if (last?.state.state !== 'failed' || last.endedAtMs === null) return 0;
  const times = last.state.failure.interrupted
    ? interruptionsInARow(task) - 1
    : countedAttempts(task);
  if (times < 1) return 0;
  const delay = Math.min(LONGEST_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** Math.min(20, times - 1));
  return last.endedAtMs > nowMs + delay ? 0 : last.endedAtMs + delay;
}

/** One interruption is bad luck; a node that gives a task back again and again is not to be asked every moment. */
function interruptionsInARow({ attempts }: TaskRegisters): number {
  const other = attempts.findLastIndex(
    ({ state }) => state.state !== 'failed' || !state.failure.interrupted,
  );
  return attempts.length - 1 - other;
}
