import type { EventBody } from '../../shared/model/events.ts';
import { currentAttempt, statusOf } from '../../shared/world/status.ts';
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
  await ledger.commit(
    ...interrupted.map((task): EventBody => ({
      type: 'attempt.failed',
      task: task.spec.id,
      project: task.spec.project,
      attempt: Math.max(task.assignment?.attempt ?? 0, task.attempts.at(-1)?.number ?? 0, 1),
      failure,
      report: '',
      durationMs: 0,
    })),
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
