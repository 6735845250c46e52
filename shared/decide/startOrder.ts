import type { OpenTask, TaskGraph } from '../graph/taskGraph.ts';
import type { TaskId } from '../model/ids.ts';
import { MOST_PLANNED, planOrder, type PlanTask } from './lookahead.ts';

/** A task that has outrun its estimate is taken to need this share of it still. */
const OVERRUN_SHARE = 0.05;

/** The slots that ready tasks compete for, and what is known of the tasks that hold them. */
export interface Contest {
  readonly freeSlots: number;
  /** For how long a running task has run, ms. */
  elapsedMs(running: TaskId): number;
  /** Whether a running task holds a slot of the kind that is contested. */
  holdsSlot(running: TaskId): boolean;
  /** Whether a task that does not run could ever start on such a slot as things are now. */
  mayStart(idle: TaskId): boolean;
}

/**
 * The ready tasks in the order in which they should start: by a plan of what lies ahead where the
 * order matters and planning is quick, else in the graph's own order. Tasks that the plan leaves out
 * come last. Without a contest (null) it is the graph's order. The graph must not change meanwhile.
 */
export function* startOrder(graph: TaskGraph, contest: Contest | null): Generator<TaskId> {
  const planned = new Set(contest ? planOf(graph, contest) : []);
  yield* planned;
  for (const id of graph.ready()) if (!planned.has(id)) yield id;
}

/** Ready tasks by planned start; empty where the graph's order should stand. */
function planOf(graph: TaskGraph, contest: Contest): readonly TaskId[] {
  const { freeSlots } = contest;
  // With room for every ready task the order changes nothing.
  if (freeSlots === 0 || graph.readyCount <= freeSlots) return [];
  if (graph.size - graph.runningCount > MOST_PLANNED) return [];
  const open = graph.openTasks();
  const running = open
    .filter((task) => task.running)
    .map((task) => ({ ...task, estimateMs: remainingMs(task, contest.elapsedMs(task.id)) }));
  const taken = running.filter((task) => contest.holdsSlot(task.id)).map((task) => task.estimateMs);
  const slots = [...taken, ...Array.from({ length: freeSlots }, () => 0)];
  const plan = planOrder([...running, ...withinReach(open, contest)], slots);
  if (!plan) return [];
  const ready = new Set(open.flatMap((task) => (task.ready ? [task.id] : [])));
  return plan.order.filter((id) => ready.has(id));
}

function remainingMs({ estimateMs }: OpenTask, elapsedMs: number): number {
  return Math.max(estimateMs - elapsedMs, OVERRUN_SHARE * estimateMs);
}

/**
 * The idle tasks whose turn will come by the end of others alone. What waits for a person, for a
 * missing artifact or for a slot that nobody has is left out, with all that waits for it.
 */
function withinReach(open: readonly OpenTask[], contest: Contest): PlanTask[] {
  const tasks = new Map(open.map((task) => [task.id, task]));
  const reach = new Map<TaskId, boolean>();
  const reachable = (task: OpenTask): boolean => {
    const known = reach.get(task.id);
    if (known !== undefined) return known;
    const waits = task.dependencies.length > 0;
    const result =
      task.running ||
      (contest.mayStart(task.id) &&
        (task.ready ||
          (waits &&
            task.dependencies.every((id) => {
              const other = tasks.get(id);
              return !other || reachable(other);
            }))));
    reach.set(task.id, result);
    return result;
  };
  return open
    .filter((task) => !task.running && reachable(task))
    .map((task) => (task.ready ? { ...task, dependencies: [] } : task));
}
