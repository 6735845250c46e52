import { compareAssignments, type Attempt, type AttemptState } from '../model/attempt.ts';
import type { BodyOf, LoggedEvent } from '../model/events.ts';
import type { NodeId } from '../model/ids.ts';
import type { TaskRegisters } from '../model/registers.ts';
import type { TaskSpec } from '../model/task.ts';

/** The registers of a task that was just created. */
export function newTask(spec: TaskSpec): TaskRegisters {
  return {
    spec,
    addedDependencies: [],
    assignment: null,
    abandoned: null,
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

/** The registers after an event of this task, also of one with which it begins; undefined before any such. */
export function foldAny(
  task: TaskRegisters | undefined,
  event: Pick<LoggedEvent, 'body' | 'atMs' | 'node'>,
): TaskRegisters | undefined {
  const { body } = event;
  if (body.type === 'task.added') return newTask(body.spec);
  if (body.type === 'task.retried') return retriedTask(body);
  return task && foldTask(task, event);
}

/** The registers of a task to which a human gave more attempts. */
export function retriedTask(body: BodyOf<'task.retried'>): TaskRegisters {
  const { spec, addedDependencies, attempts, granted } = body;
  return { ...newTask(spec), addedDependencies, attempts, grantedAttempts: granted };
}

/** The registers after an event of this task: the one place that writes them. */
export function foldTask(
  task: TaskRegisters,
  { body, atMs, node }: Pick<LoggedEvent, 'body' | 'atMs' | 'node'>,
): TaskRegisters {
  switch (body.type) {
    case 'task.linked':
      return { ...task, addedDependencies: [...task.addedDependencies, body.dependency] };
    case 'task.amended':
      return { ...task, spec: body.spec };
    case 'task.split':
      return { ...task, split: body.into };
    case 'task.cancelled':
      return { ...task, cancelled: { who: body.who, reason: body.reason, atMs } };
    case 'task.dispatched': {
      const { assignment } = task;
      const older = assignment && compareAssignments(body.assignment, assignment) < 0;
      return older ? task : { ...task, assignment: body.assignment };
    }
    case 'attempt.abandoned': {
      const { attempt, node: lost, term, reason } = body;
      return { ...task, abandoned: { attempt, node: lost, term, reason, atMs } };
    }
    case 'attempt.started': {
      const attempt: Attempt = {
        number: body.attempt,
        node: body.node,
        startedAtMs: atMs,
        endedAtMs: null,
        state: { state: 'running' },
        report: null,
        ...(task.assignment?.term ? { term: task.assignment.term } : {}),
        ...(task.assignment?.route ? { route: task.assignment.route } : {}),
      };
      return { ...task, attempts: sortAttempts([...task.attempts, attempt]) };
    }
    case 'call.settled':
      return { ...task, attempts: task.attempts.map((a) => withCost(a, body, node)) };
    case 'attempt.produced':
      return withAttempt(task, body.attempt, node, {
        state: { state: 'verifying', commit: body.commit },
      });
    case 'attempt.verified':
      return { ...task, quality: body.verification.quality };
    case 'attempt.passed':
      return withAttempt(task, body.attempt, node, {
        state: { state: 'passed', commit: body.commit, needsReview: body.needsReview },
        endedAtMs: atMs,
      });
    case 'attempt.failed': {
      // A crash between dispatch and start leaves an assignment that never became an attempt.
      const started = attemptBy(task, body.attempt, node, body.node)
        ? task
        : {
            ...task,
            attempts: sortAttempts([
              ...task.attempts,
              {
                number: body.attempt,
                node: body.node ?? task.assignment?.node ?? task.spec.createdBy,
                startedAtMs: atMs,
                endedAtMs: null,
                state: { state: 'running' },
                report: null,
                ...(task.assignment?.term ? { term: task.assignment.term } : {}),
              },
            ]),
          };
      const change = {
        state: { state: 'failed' as const, failure: body.failure },
        endedAtMs: atMs,
        report: body.report,
      };
      return withAttempt(started, body.attempt, node, change, body.node);
    }
    case 'task.failed':
      return { ...task, failed: body.failure };
    case 'review.answered':
      return {
        ...task,
        verdict: {
          attempt: body.attempt,
          ...(body.commit === undefined ? {} : { commit: body.commit }),
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

/** What a task needs for itself alone while it runs. */
export function resourcesOf({ spec, addedDependencies }: TaskRegisters): string[] {
  return [...spec.dependencies, ...addedDependencies].flatMap((each) =>
    each.type === 'resource' ? [each.resource] : [],
  );
}

/** The number that the next attempt gets: also one that was assigned and never began has used its own. */
export function nextAttemptNumber({ assignment, attempts }: TaskRegisters): number {
  return Math.max(assignment?.attempt ?? 0, attempts.at(-1)?.number ?? 0) + 1;
}

/** By number; two of one number, which two leaders assigned, by term and node. */
export function sortAttempts(attempts: readonly Attempt[]): Attempt[] {
  return attempts.toSorted(
    (a, b) => a.number - b.number || (a.term ?? 0) - (b.term ?? 0) || (a.node < b.node ? -1 : 1),
  );
}

function withCost(
  attempt: Attempt,
  { attempt: number, costUsd }: BodyOf<'call.settled'>,
  node: NodeId,
): Attempt {
  if (attempt.number !== number || attempt.node !== node) return attempt;
  const { costUsd: before = 0 } = attempt;
  return { ...attempt, costUsd: before === null || costUsd === null ? null : before + costUsd };
}

/**
 * The attempt of this number that a node speaks of: the one of the node it names, else its own, or, where a
 * project's home speaks of another node's, the assigned one.
 */
function attemptBy(
  { assignment, attempts }: TaskRegisters,
  number: number,
  writer: NodeId,
  named?: NodeId,
): Attempt | undefined {
  const numbered = attempts.filter((attempt) => attempt.number === number);
  if (named !== undefined) return numbered.find(({ node }) => node === named);
  const own = numbered.find(({ node }) => node === writer);
  if (own || (assignment?.attempt === number && assignment.node === writer)) return own;
  return numbered.find(({ node }) => node === assignment?.node) ?? numbered.at(-1);
}

function withAttempt(
  task: TaskRegisters,
  number: number,
  writer: NodeId,
  change: { readonly state: AttemptState; readonly endedAtMs?: number; readonly report?: string },
  named?: NodeId,
): TaskRegisters {
  const target = attemptBy(task, number, writer, named);
  return {
    ...task,
    attempts: task.attempts.map((attempt) =>
      attempt === target ? { ...attempt, ...change } : attempt,
    ),
  };
}
