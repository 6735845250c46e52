import type { GraphTask } from '../../../shared/graph/taskGraph.ts';
import { ProjectId, taskId, type TaskId } from '../../../shared/model/ids.ts';
import type { Dependency } from '../../../shared/model/task.ts';

/** Tasks in a few words. */

export const MINUTE = 60_000;
export const app = ProjectId.parse('app');
export const T = taskId;

export function task(number: number, changes: Partial<GraphTask> = {}): GraphTask {
  return {
    id: taskId(number),
    project: app,
    dependencies: [],
    scope: [`src/${number}/**`],
    exclusive: true,
    estimateMs: MINUTE,
    weight: 0,
    createdAtMs: 0,
    ...changes,
  };
}

export const after = (number: number): Dependency => ({ type: 'ordering', task: taskId(number) });
export const needs = (artifact: string, number?: number): Dependency => ({
  type: 'hard',
  artifact,
  ...(number === undefined ? {} : { task: taskId(number) }),
});
export const hopesFor = (number: number, timeoutMs: number): Dependency => ({
  type: 'soft',
  task: taskId(number),
  timeoutMs,
  fallback: `do without T-${number}`,
});
export const uses = (resource: string): Dependency => ({ type: 'resource', resource });

/** The task that a dependency waits for. */
export function targetOf(dependency: Dependency): TaskId | null {
  return dependency.type === 'resource' ? null : (dependency.task ?? null);
}
