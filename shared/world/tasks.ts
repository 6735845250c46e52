import type { Attempt, AttemptState } from '../model/attempt.ts';
import type { BodyOf, EventBody } from '../model/events.ts';
import type { TaskRegisters } from '../model/registers.ts';
import type { TaskSpec } from '../model/task.ts';

/** The registers of a task that was just created. */
export function newTask(spec: TaskSpec): TaskRegisters {
  return {
    spec,
    addedDependencies: [],
    assignment: null,
    attempts: [],
    merge: null,
    quality: null,
    verdict: null,
    cancelled: null,
    failed: null,
    split: null,
    grantedAttempts: 0,
  };
}

/** The registers after an event of this task: the one place that writes them. */
export function foldTask(task: TaskRegisters, body: EventBody, atMs: number): TaskRegisters {
  switch (body.type) {
    case 'task.linked':
      return { ...task, addedDependencies: [...task.addedDependencies, body.dependency] };
    case 'task.amended':
      return { ...task, spec: body.spec };
    case 'task.split':
      return { ...task, split: body.into };
    case 'task.cancelled':
      return { ...task, cancelled: { who: body.who, reason: body.reason, atMs } };
    case 'task.dispatched':
      return { ...task, assignment: body.assignment };
    case 'attempt.started': {
      const attempt: Attempt = {
        number: body.attempt,
        node: body.node,
        startedAtMs: atMs,
        endedAtMs: null,
        state: { state: 'running' },
        report: null,
        ...(task.assignment?.route ? { route: task.assignment.route } : {}),
      };
      return { ...task, attempts: [...task.attempts, attempt] };
    }
    case 'call.settled':
      return { ...task, attempts: task.attempts.map((a) => withCost(a, body)) };
    case 'attempt.produced':
      return withAttempt(
        task,
        body.attempt,
        { state: 'verifying', commit: body.commit },
        null,
        null,
      );
    case 'attempt.verified':
      return { ...task, quality: body.verification.quality };
    case 'attempt.passed':
      return withAttempt(
        task,
        body.attempt,
        { state: 'passed', commit: body.commit, needsReview: body.needsReview },
        atMs,
        null,
      );
    case 'attempt.failed': {
      const known = task.attempts.some((a) => a.number === body.attempt);
      // A crash between dispatch and start leaves an assignment that never became an attempt.
      const started = known
        ? task
        : {
            ...task,
            attempts: [
              ...task.attempts,
              {
                number: body.attempt,
                node: task.assignment?.node ?? task.spec.createdBy,
                startedAtMs: atMs,
                endedAtMs: null,
                state: { state: 'running' },
                report: null,
              } satisfies Attempt,
            ],
          };
      return withAttempt(
        started,
        body.attempt,
        { state: 'failed', failure: body.failure },
        atMs,
        body.report,
      );
    }
    case 'task.failed':
      return { ...task, failed: body.failure };
    case 'review.answered':
      return {
        ...task,
        verdict: {
          attempt: body.attempt,
          answer: body.answer,
          who: body.who,
          reason: body.reason,
          atMs,
        },
      };
    case 'merge.done':
      return { ...task, merge: { attempt: body.attempt, commit: body.commit, atMs } };
    default:
      return task;
  }
}

function withCost(attempt: Attempt, { attempt: number, costUsd }: BodyOf<'call.settled'>): Attempt {
  if (attempt.number !== number) return attempt;
  const { costUsd: before = 0 } = attempt;
  return { ...attempt, costUsd: before === null || costUsd === null ? null : before + costUsd };
}

function withAttempt(
  task: TaskRegisters,
  number: number,
  state: AttemptState,
  endedAtMs: number | null,
  report: string | null,
): TaskRegisters {
  return {
    ...task,
    attempts: task.attempts.map((a) =>
      a.number === number
        ? { ...a, state, endedAtMs: endedAtMs ?? a.endedAtMs, report: report ?? a.report }
        : a,
    ),
  };
}
