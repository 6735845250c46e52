import { CycleError } from '../graph/cycle.ts';
import { targetOf } from '../graph/node.ts';
import type { GraphTask, TaskGraph } from '../graph/taskGraph.ts';
import { taskNumber, type TaskId } from '../model/ids.ts';
import type { Dependency } from '../model/task.ts';

/**
 * Adds tasks that other nodes created. Each node refuses a cycle among what it knows, but two that did
 * not see each other can close one together: then the youngest task of the circle gives way and does
 * not wait for the others in it. `known` gives an open task as the graph takes it.
 */
export function enterGraph(
  graph: TaskGraph,
  tasks: readonly GraphTask[],
  known: (id: TaskId) => GraphTask | null,
): void {
  try {
    graph.add(tasks);
    return;
  } catch (error) {
    if (!(error instanceof CycleError)) throw error;
  }
  for (const task of tasks) enterOne(graph, task, known);
}

function enterOne(
  graph: TaskGraph,
  task: GraphTask,
  known: (id: TaskId) => GraphTask | null,
): void {
  try {
    graph.add([task]);
  } catch (error) {
    if (!(error instanceof CycleError)) throw error;
    const circle = new Set(error.cycle);
    const [youngest] = [...circle].toSorted((a, b) => taskNumber(b) - taskNumber(a));
    if (youngest === undefined || youngest === task.id) {
      enterOne(graph, without(task, circle), known);
      return;
    }
    const other = known(youngest);
    const running = graph.isRunning(youngest);
    graph.end(youngest);
    enterOne(graph, task, known);
    if (!other) return;
    enterOne(graph, without(other, circle), known);
    if (running) graph.start(youngest);
  }
}

/** What the task waits for outside the circle; an artifact it waits for in any case. */
function without(task: GraphTask, circle: ReadonlySet<TaskId>): GraphTask {
  const dependencies = task.dependencies.flatMap((each): Dependency[] => {
    const target = targetOf(each);
    if (target === null || !circle.has(target)) return [each];
    return each.type === 'hard' ? [{ type: 'hard', artifact: each.artifact }] : [];
  });
  return { ...task, dependencies };
}
