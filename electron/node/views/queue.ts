import type { GraphView, QueueView, TaskSummary } from '../../../shared/model/api.ts';
import type { ProjectId, TaskId } from '../../../shared/model/ids.ts';
import type { TaskRegisters } from '../../../shared/model/registers.ts';
import { statusOf } from '../../../shared/world/status.ts';
import type { World } from '../../../shared/world/world.ts';
import { waitsAt } from '../../../shared/decide/waiting.ts';
import { VigilError } from '../../../shared/model/errors.ts';
import type { Ledger } from '../ledger.ts';
import { summaryOf } from '../taskRow.ts';

/** The queue as it is now, or as it was after event `at`: the log replayed to that point (V1). */
export function queueView(ledger: Ledger, project?: ProjectId, at?: number): QueueView {
  if (at === undefined) return queueOf(ledger.world, ledger.nowMs(), project);
  if (at > ledger.store.pos) {
    throw new VigilError(
      'not-found',
      `the log has no event ${at}; the last one is ${ledger.store.pos}`,
      'Give a position that `vigil events` shows.',
    );
  }
  const { world, atMs } = ledger.worldAt(at);
  return queueOf(world, atMs, project);
}

/** The queue of a world at a time, each part in the order in which it will move. */
export function queueOf(world: World, nowMs: number, project?: ProjectId): QueueView {
  const view: QueueView = { seq: world.seq, running: [], ready: [], review: [], waiting: [] };
  const seen = new Set<TaskId>();
  const waits = waitsAt(world, nowMs);
  const summary = (task: TaskRegisters): TaskSummary =>
    summaryOf(task, statusOf(task), nowMs, waits(task)[0] ?? null);
  const wanted = (task: TaskRegisters | undefined): task is TaskRegisters =>
    task !== undefined && (project === undefined || task.spec.project === project);

  for (const id of world.graph.ready()) {
    const task = world.tasks.get(id);
    if (!wanted(task) || statusOf(task) !== 'open') continue;
    const row = summary(task);
    // A busy slot is the ordinary state of a queue; anything else that holds a task is worth its own list.
    if (row.waiting && row.waiting.kind !== 'slot') continue;
    seen.add(id);
    view.ready.push({ ...row, priority: world.graph.priority(id, nowMs) });
  }
  for (const task of world.tasks.values()) {
    if (!wanted(task) || seen.has(task.spec.id)) continue;
    const status = statusOf(task);
    if (status === 'open') view.waiting.push(summary(task));
    else if (status === 'review') view.review.push(summary(task));
    else view.running.push(summary(task));
  }
  return view;
}

/** The open tasks as a graph, with the critical path marked. */
export function graphView(ledger: Ledger, project?: ProjectId): GraphView {
  const { world } = ledger;
  const nowMs = ledger.nowMs();
  const path = world.graph.criticalPath();
  const critical = new Set(path.tasks);
  const tasks = [...world.tasks.values()].filter(
    (task) => !project || task.spec.project === project,
  );
  const waits = waitsAt(world, nowMs);
  return {
    tasks: tasks.map((task) => ({
      ...summaryOf(task, statusOf(task), nowMs, waits(task)[0] ?? null),
      estimateMs: world.plannedMs(task.spec),
      onCriticalPath: critical.has(task.spec.id),
    })),
    edges: tasks.flatMap((task) =>
      [...task.spec.dependencies, ...task.addedDependencies].map((dependency) => {
        const to = task.spec.id;
        switch (dependency.type) {
          case 'hard':
            return {
              from: dependency.task ?? dependency.artifact,
              to,
              type: dependency.type,
              label: dependency.artifact,
            };
          case 'resource':
            return {
              from: dependency.resource,
              to,
              type: dependency.type,
              label: dependency.resource,
            };
          case 'soft':
            return { from: dependency.task, to, type: dependency.type, label: 'soft' };
          case 'ordering':
            return { from: dependency.task, to, type: dependency.type, label: 'after' };
        }
      }),
    ),
    criticalPathMs: path.lengthMs,
  };
}
