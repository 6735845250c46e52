import type { NodeId } from '../model/ids.ts';
import { hasEnded, type TaskRegisters } from '../model/registers.ts';
import { currentAttempt, statusOf } from './status.ts';

/** An attempt by its number and the node that it was given to. */
export interface AttemptPlace {
  readonly attempt: number;
  readonly node: NodeId;
}

/**
 * Attempts of a task that no longer count and may be at work all the same: their nodes were told to begin, and have
 * not told that they ended. A cancelled task's agent takes a moment to stop, and its node one to hear of it.
 */
export function leavingOf(task: TaskRegisters): AttemptPlace[] {
  const { assignment, attempts } = task;
  const places = attempts
    .filter(({ state }) => state.state === 'running' || state.state === 'verifying')
    .map(({ number, node }): AttemptPlace => ({ attempt: number, node }));
  const current = currentAttempt(task);
  const counting: AttemptPlace | null =
    assignment ?? (current && { attempt: current.number, node: current.node });
  if (assignment && !current) places.push({ attempt: assignment.attempt, node: assignment.node });
  const status = statusOf(task);
  if (status === 'open' || hasEnded(status)) return places;
  return places.filter(
    ({ attempt, node }) => attempt !== counting?.attempt || node !== counting.node,
  );
}
