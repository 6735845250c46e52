import type { EventBody } from '../../shared/model/events.ts';
import { leavingOf } from '../../shared/world/leaving.ts';
import { currentAttempt, statusOf } from '../../shared/world/status.ts';
import type { TaskRegisters } from '../../shared/model/registers.ts';
import { classifyFailure } from '../../shared/policy/failure.ts';
import { giveUpIfSpent } from './giveUp.ts';
import type { Ledger } from './ledger.ts';

/**
 * Brings the log in step with what a crash left: says of every attempt that was under way that it was
 * interrupted, so that it goes back into the queue (Q9). Results that had passed stay: the integrator
 * finds out from git whether they were merged. Returns how many attempts were interrupted.
 */
export async function recover(ledger: Ledger): Promise<number> {
  const { world } = ledger;
  const failure = classifyFailure({
    kind: 'interrupted',
    reason: 'the node ended while it was at work',
  });
  const { node } = ledger.store;
  const interrupted = [...world.tasks.values()].filter(
    (task) =>
      (task.assignment?.node ?? node) === node &&
      ['assigned', 'running', 'verifying'].includes(statusOf(task)),
  );
  const toFailed = ({ spec }: TaskRegisters, attempt: number): EventBody => ({
    ...{ type: 'attempt.failed', task: spec.id, project: spec.project, attempt, node },
    ...{ failure, report: '', durationMs: 0 },
  });
  // Of what no longer counted others wait to hear that it has ended.
  const left = [...world.leaving.values()].flatMap((task) =>
    leavingOf(task)
      .filter((place) => place.node === node)
      .map(({ attempt }) => toFailed(task, attempt)),
  );
  await ledger.commit(
    ...left,
    ...interrupted.map((task) =>
      toFailed(task, Math.max(task.assignment?.attempt ?? 0, task.attempts.at(-1)?.number ?? 0, 1)),
    ),
  );
  // A crash may also have come between the last attempt's end and the verdict on its task.
  for (const id of [...world.retrying]) {
    const task = world.tasks.get(id);
    const last = task && currentAttempt(task);
    if (last?.node === node && last.state.state === 'failed')
      await giveUpIfSpent(ledger, id, last.state.failure);
  }
  return interrupted.length;
}
