import { waitsAt, waitsOf } from '../../../shared/decide/waiting.ts';
import type { TaskDetail, TaskSummary } from '../../../shared/model/taskApi.ts';
import { VigilError } from '../../../shared/model/errors.ts';
import type { ProjectId, TaskId } from '../../../shared/model/ids.ts';
import { hasEnded, type TaskRegisters, type TaskStatus } from '../../../shared/model/registers.ts';
import type { TaskType } from '../../../shared/model/task.ts';
import { statusOf } from '../../../shared/world/status.ts';
import type { Ledger } from '../ledger.ts';
import { summaryOf, toSummary } from '../taskRow.ts';

/** The type of any task, as `findTask` but by its row alone; null when it is not known here. */
export function typeOfTask({ world, store }: Ledger, id: TaskId): TaskType | null {
  return world.tasks.get(id)?.spec.type ?? store.getTask(id)?.type ?? null;
}

/** The registers of any task: from memory while it is open, else from the store's view. Throws `not-found`. */
export function findTask(ledger: Ledger, id: TaskId): TaskRegisters {
  const live = ledger.world.tasks.get(id);
  if (live) return live;
  const row = ledger.store.getTask(id);
  if (!row) {
    throw new VigilError(
      'not-found',
      `there is no task ${id}`,
      '`vigil task list --all` shows every task.',
    );
  }
  return JSON.parse(row.json) as TaskRegisters;
}

export function summarise(ledger: Ledger, task: TaskRegisters): TaskSummary {
  const nowMs = ledger.nowMs();
  const status = statusOf(task);
  if (hasEnded(status)) {
    const row = ledger.store.getTask(task.spec.id);
    if (row && row.status === status) return toSummary(row, null);
  }
  const [waiting = null] = waitsOf(ledger.world, task, nowMs);
  return summaryOf(task, status, task.merge?.atMs ?? nowMs, waiting);
}

export function taskDetail(ledger: Ledger, id: TaskId): TaskDetail {
  const { world } = ledger;
  const task = findTask(ledger, id);
  const nowMs = ledger.nowMs();
  return {
    ...summarise(ledger, task),
    spec: task.spec,
    dependencies: [...task.spec.dependencies, ...task.addedDependencies],
    waits: waitsOf(world, task, nowMs),
    priority: world.graph.has(id) ? world.graph.priority(id, nowMs) : null,
    history: [...task.attempts],
  };
}

export interface TaskFilter {
  readonly project?: ProjectId;
  readonly statuses?: readonly TaskStatus[];
  /** Also tasks that have ended. */
  readonly all?: boolean;
  readonly limit?: number;
}

/** How many ended tasks a list shows unless more are asked for. */
const DEFAULT_LIMIT = 1_000;

/** Open tasks in order of their number and, on request, those that ended, the latest end first behind them. */
export function listTasks(ledger: Ledger, filter: TaskFilter): TaskSummary[] {
  const nowMs = ledger.nowMs();
  const waits = waitsAt(ledger.world, nowMs);
  const open = [...ledger.world.tasks.values()]
    .filter((task) => !filter.project || task.spec.project === filter.project)
    .filter((task) => !filter.statuses || filter.statuses.includes(statusOf(task)))
    .map((task) => summaryOf(task, statusOf(task), nowMs, waits(task)[0] ?? null));
  const endedWanted = filter.statuses ? filter.statuses.some(hasEnded) : filter.all;
  if (!endedWanted) return open;
  const statuses = (
    filter.statuses ?? ['merged', 'done', 'rejected', 'cancelled', 'failed', 'split']
  ).filter(hasEnded);
  const ended = ledger.store.listTasks({
    ...(filter.project ? { project: filter.project } : {}),
    statuses,
    order: 'ended',
    limit: filter.limit ?? DEFAULT_LIMIT,
  });
  const openIds = new Set(open.map((task) => task.id));
  return [
    ...open,
    ...ended.filter((row) => !openIds.has(row.id)).map((row) => toSummary(row, null)),
  ];
}
