import type { GraphView, QueueView, TaskSummary } from '../../../shared/model/taskApi.ts';
import type { ProjectId, TaskId } from '../../../shared/model/ids.ts';
import type { TaskRegisters } from '../../../shared/model/registers.ts';
import { statusOf } from '../../../shared/world/status.ts';
import type { World } from '../../../shared/world/world.ts';
import { reasonsAt, waitsAt } from '../../../shared/decide/waiting.ts';
import { describeWait, type Wait } from '../../../shared/explain/waits.ts';
import { VigilError } from '../../../shared/model/errors.ts';
import type { Ledger } from '../ledger.ts';
import { summaryOf } from '../taskRow.ts';

/** What of the queue is wanted. */
export interface QueueQuery {
  readonly project?: ProjectId | undefined;
  /** As it was after this event: the log replayed to that point (V1). */
  readonly at?: number | undefined;
  /** Rows of each part at most; its total tells of the others. */
  readonly limit?: number | undefined;
  /** In the number, title, wait or failure of a task, in any case. */
  readonly text?: string | undefined;
}

/** The queue as it is now, or as it was after event `at`. */
export function queueView(ledger: Ledger, query: QueueQuery = {}): QueueView {
  const { at } = query;
  if (at === undefined) return queueOf(ledger.world, ledger.nowMs(), query);
  if (at > ledger.store.pos) {
    throw new VigilError(
      'not-found',
      `the log has no event ${at}; the last one is ${ledger.store.pos}`,
      'Give a position that `vigil events` shows.',
    );
  }
  const { world, atMs } = ledger.worldAt(at);
  return queueOf(world, atMs, query);
}

type Part = keyof QueueView['totals'];

/** The queue of a world at a time, each part in the order in which it will move. */
export function queueOf(world: World, nowMs: number, query: QueueQuery = {}): QueueView {
  const { project, limit = Infinity, text = '' } = query;
  const view: QueueView = {
    ...{ seq: world.seq, running: [], ready: [], review: [], waiting: [] },
    totals: { running: 0, ready: 0, review: 0, waiting: 0 },
  };
  const wanted = text.trim().toLocaleLowerCase();
  const seen = new Set<TaskId>();
  const reasons = reasonsAt(world, nowMs);
  const summary = (task: TaskRegisters, why = reasons(task)[0]): TaskSummary =>
    summaryOf(task, statusOf(task), nowMs, why ? describeWait(why, nowMs) : null);
  const isOfProject = (task: TaskRegisters | undefined): task is TaskRegisters =>
    task !== undefined && (project === undefined || task.spec.project === project);
  /** Counts a task; why one beyond the limit waits is not put into words. */
  const put = (part: Part, task: TaskRegisters, why?: Wait) => {
    const found = wanted === '' ? null : summary(task, why);
    if (found && !holds(found, wanted)) return;
    view.totals[part] += 1;
    if (view[part].length >= limit) return;
    const row = found ?? summary(task, why);
    if (part === 'ready')
      view.ready.push({ ...row, priority: world.graph.priority(row.id, nowMs) });
    else view[part].push(row);
  };

  for (const id of world.graph.ready()) {
    const task = world.tasks.get(id);
    if (!isOfProject(task) || statusOf(task) !== 'open') continue;
    const [why] = reasons(task);
    // A busy slot is the ordinary state of a queue; anything else that holds a task is worth its own list.
    if (why && why.kind !== 'slot') continue;
    seen.add(id);
    put('ready', task, why);
  }
  for (const task of world.tasks.values()) {
    if (!isOfProject(task) || seen.has(task.spec.id)) continue;
    const status = statusOf(task);
    put(status === 'open' ? 'waiting' : status === 'review' ? 'review' : 'running', task);
  }
  return view;
}

function holds({ id, title, waiting, failure }: TaskSummary, wanted: string): boolean {
  return (
    wanted === '' ||
    [id, title, waiting?.text, failure].some((text) => text?.toLocaleLowerCase().includes(wanted))
  );
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
