import { stepAfterFailure } from '../../shared/decide/route.ts';
import type { Failure } from '../../shared/model/attempt.ts';
import type { TaskId } from '../../shared/model/ids.ts';
import { attemptLimit, countedAttempts } from '../../shared/world/status.ts';
import type { Ledger } from './ledger.ts';

/** The attempt limit: past it a task is parked as failed and the human is told. */
export async function giveUpIfSpent(ledger: Ledger, id: TaskId, failure: Failure): Promise<void> {
  const { world, store } = ledger;
  const task = world.tasks.get(id);
  const limits = world.nodes.get(store.node)?.limits;
  if (!task || !limits) return;
  const counted = countedAttempts(task);
  // One that its node gave back at once brought nothing down.
  const begun = task.attempts.filter(({ startedAtMs, endedAtMs }) => startedAtMs !== endedAtMs);
  const interrupted = begun.length - counted;
  const limit = attemptLimit(task, limits);
  const [name, value, max] =
    counted >= limit
      ? (['attemptsPerTask', counted, limit] as const)
      : (['interruptionsPerTask', interrupted, limits.interruptionsPerTask] as const);
  const { project, executor } = task.spec;
  const step =
    executor.kind === 'agent' && !failure.interrupted
      ? stepAfterFailure(world, task, store.node)
      : null;
  if (value < max && step?.rung !== 'human') return;
  const reached = { limit: name, subject: id, value, max, untilMs: null };
  await ledger.commit(...(value < max ? [] : [{ type: 'limit.reached' as const, ...reached }]), {
    type: 'task.failed',
    task: id,
    project,
    failure,
    attempts: task.attempts.length,
    ...(step?.recommendation ? { recommendation: step.recommendation } : {}),
  });
}
