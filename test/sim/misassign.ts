import { compareAssignments } from '../../shared/model/attempt.ts';
import type { TaskStatus } from '../../shared/model/registers.ts';
import { statusOf } from '../../shared/world/status.ts';
import { nextAttemptNumber } from '../../shared/world/tasks.ts';
import type { SimNode } from './node.ts';
import type { Simulation } from './simulation.ts';

const ASSIGNABLE: readonly TaskStatus[] = ['open', 'assigned', 'running'];

/**
 * What a leader that was cut off decided, as it arrives: `stale` in the term before the one that has begun, or
 * as a rival of the same term. It has not seen what the other leader assigned, nor what slots that took.
 */
export function misassign(
  sim: Simulation,
  by: SimNode,
  to: SimNode,
  { count, stale }: { readonly count: number; readonly stale: boolean },
): void {
  const { ledger, process } = by;
  if (!ledger || !by.ready || sim.hostile.has(by.id) || process?.frozenSinceMs !== null) return;
  sim.scheduler.after(0, process, () => {
    const { world } = ledger;
    const term = (world.leadership?.term ?? 0) - (stale ? 1 : 0);
    if (term < 1) return;
    const tasks = [...world.tasks.values()].filter((task) =>
      ASSIGNABLE.slice(0, stale ? 1 : undefined).includes(statusOf(task)),
    );
    for (const task of tasks.slice(0, count)) {
      const { spec, assignment } = task;
      const rival = statusOf(task) !== 'open' && assignment;
      const mine = {
        attempt: rival ? rival.attempt : nextAttemptNumber(task),
        node: to.id,
        term,
        by: by.id,
        atMs: ledger.nowMs(),
        timeoutMs: 60_000,
        fallbacks: [],
        expected: { pSuccess: 0.5, durationMs: spec.estimateMs },
      };
      // One that loses everywhere is of no interest, and a node never speaks twice of one attempt.
      if (assignment && (assignment.by === by.id || compareAssignments(mine, assignment) < 0))
        continue;
      ledger.record({
        type: 'task.dispatched',
        task: spec.id,
        project: spec.project,
        assignment: mine,
        score: 0,
        reason: 'decided before it heard of the other leader',
        priority: world.graph.priority(spec.id, ledger.nowMs()),
        alternatives: [],
      });
    }
    // As its engine would: what it gave to itself it begins.
    ledger.durable().then(
      () => tasks.forEach(({ spec }) => by.orders?.follow(spec.id)),
      (error: unknown) => by.fail(error, process),
    );
  });
}
