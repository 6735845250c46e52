import type { EventBody } from '../../../shared/model/events.ts';
import { NodeId, ProjectId, taskId } from '../../../shared/model/ids.ts';
import type { TaskRow } from '../../../electron/store/tasks.ts';

export const node = NodeId.parse('n-test');
const demo = ProjectId.parse('demo');

export function cancelled(number: number, reason = 'not needed', project = demo): EventBody {
  return { type: 'task.cancelled', task: taskId(number), project, who: 'ana', reason };
}

export function paused(reason: string): EventBody {
  return { type: 'builds.paused', by: 'human', who: 'ana', reason, untilMs: null };
}

/** A decision that dispatched the first tasks and passed over the others. */
export function decided(dispatched: number[], others: number[] = []): EventBody {
  return {
    type: 'decision.made',
    decision: {
      trigger: 'tick',
      worldHash: 'w',
      atMs: 1_000,
      confidence: 1,
      autonomy: 'full',
      openTasks: 3,
      readyTasks: 3,
      freeSlots: 2,
      candidates: [...dispatched, ...others].map((number) => ({
        action: { kind: 'dispatch', task: taskId(number), node },
        score: 1,
        pSuccess: 0.9,
        value: 1,
        cost: 1,
        selected: dispatched.includes(number),
        reason: 'longest path',
      })),
      omitted: 0,
      latencyUs: 80,
    },
  };
}

export function taskRow(number: number, change: Partial<TaskRow> = {}): TaskRow {
  return {
    id: taskId(number),
    project: demo,
    status: 'open',
    title: `Task ${number}`,
    type: 'command',
    executor: 'command',
    risk: 'low',
    attempts: 0,
    createdAtMs: 1_000,
    endedAtMs: null,
    commit: null,
    quality: null,
    failure: null,
    json: '{}',
    ...change,
  };
}
