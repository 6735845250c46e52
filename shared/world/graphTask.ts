import type { GraphTask } from '../graph/taskGraph.ts';
import type { TaskRegisters } from '../model/registers.ts';

/** What the graph needs to know of a task. */
export function toGraphTask(task: TaskRegisters, estimateMs: number): GraphTask {
  const { spec } = task;
  return {
    id: spec.id,
    project: spec.project,
    dependencies: [...spec.dependencies, ...task.addedDependencies],
    scope: spec.scope,
    exclusive: spec.executor.kind !== 'milestone',
    estimateMs,
    weight: spec.weight,
    createdAtMs: spec.createdAtMs,
  };
}
