import { waitsOf } from '../../../shared/decide/waiting.ts';
import { explainTask } from '../../../shared/explain/explain.ts';
import type { ExplanationView } from '../../../shared/model/explanationApi.ts';
import type { LoggedEvent } from '../../../shared/model/events.ts';
import type { TaskId } from '../../../shared/model/ids.ts';
import { statusOf } from '../../../shared/world/status.ts';
import type { Ledger } from '../ledger.ts';
import { findTask, summarise } from './tasks.ts';

/** The story of a task (V2), told from its events. Throws `not-found`. */
export function explainView(ledger: Ledger, id: TaskId): ExplanationView {
  const { store, world } = ledger;
  const nowMs = ledger.nowMs();
  const task = findTask(ledger, id);
  const events = store.read({ task: id });
  const { unblocked, waitingForIt } = dependents(ledger, id, nowMs);
  return explainTask({
    events,
    summary: summarise(ledger, task),
    waits: waitsOf(world, task, nowMs),
    related: { unblocked, waitingForIt },
    promotedCommits: wasPromoted(ledger, events),
    priority: world.graph.has(id) ? world.graph.priority(id, nowMs) : null,
    nowMs,
  });
}

/** What this task's end set free, and what still waits for it. */
function dependents(
  ledger: Ledger,
  id: TaskId,
  nowMs: number,
): { unblocked: TaskId[]; waitingForIt: TaskId[] } {
  const unblocked: TaskId[] = [];
  const waitingForIt: TaskId[] = [];
  for (const dependent of ledger.store.dependentsOf(id)) {
    const task = ledger.world.tasks.get(dependent);
    const waits =
      task !== undefined &&
      statusOf(task) === 'open' &&
      ledger.world.graph.waits(dependent, nowMs).some((wait) => 'task' in wait && wait.task === id);
    (waits ? waitingForIt : unblocked).push(dependent);
  }
  // Nothing was set free by a task that is still open: what runs already did not wait for it.
  return { unblocked: ledger.world.tasks.has(id) ? [] : unblocked, waitingForIt };
}

/** Whether a human has promoted the integrated tree since the task was merged. */
function wasPromoted({ store }: Ledger, events: readonly LoggedEvent[]): boolean {
  const merge = events.findLast((event) => event.body.type === 'merge.done');
  if (merge?.body.type !== 'merge.done') return false;
  const { project } = merge.body;
  const [promoted] = store.read({
    project,
    types: ['integration.promoted'],
    order: 'desc',
    limit: 1,
  });
  return promoted !== undefined && promoted.clock > merge.clock;
}
