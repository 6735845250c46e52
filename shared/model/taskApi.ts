import { z } from 'zod';
import { Attempt } from './attempt.ts';
import { PriorityTerms } from './decision.ts';
import { CommitId, ProjectId, TaskId } from './ids.ts';
import { Dependency, RiskTier, TaskSpec, TaskType } from './task.ts';

/** Shapes of the local API that concern tasks, their queue and their graph; stable as those of `api.ts`. */

export const Status = z.enum([
  'open',
  'assigned',
  'running',
  'verifying',
  'review',
  'merging',
  'merged',
  'done',
  'rejected',
  'cancelled',
  'failed',
  'split',
]);

/** One thing that keeps a task from starting, and until when; the first of a list binds. */
export const WaitView = z.object({
  kind: z.enum([
    'artifact',
    'soft',
    'ordering',
    'resource',
    'scope',
    'capability',
    'agent',
    'budget',
    'approval',
    'unfit',
    'away',
    'slot',
    'limit',
    'paused',
    'autonomy',
    'backoff',
    'project',
    'baseline',
    'node',
    'spec',
  ]),
  /** A sentence that a person can read without knowing the code. */
  text: z.string(),
  /** What has to happen, or who has to act. */
  until: z.string(),
  untilMs: z.number().nullable(),
  task: TaskId.nullable(),
});
export type WaitView = z.infer<typeof WaitView>;

export const TaskSummary = z.object({
  id: TaskId,
  project: ProjectId,
  title: z.string(),
  type: TaskType,
  executor: z.enum(['mechanic', 'command', 'agent', 'milestone']),
  status: Status,
  attempts: z.number().int(),
  risk: RiskTier,
  createdAtMs: z.number(),
  endedAtMs: z.number().nullable(),
  commit: CommitId.nullable(),
  quality: z.number().nullable(),
  /** What binds now; null when nothing does or the task has ended. */
  waiting: WaitView.nullable(),
  /** Why it failed, when it did. */
  failure: z.string().nullable(),
});
export type TaskSummary = z.infer<typeof TaskSummary>;

export const TaskDetail = TaskSummary.extend({
  spec: TaskSpec,
  dependencies: z.array(Dependency),
  waits: z.array(WaitView),
  priority: PriorityTerms.nullable(),
  history: z.array(Attempt),
});
export type TaskDetail = z.infer<typeof TaskDetail>;

export const QueueView = z.object({
  /** Position (`EventView.pos`) that this queue was derived from. */
  seq: z.number().int(),
  running: z.array(TaskSummary),
  ready: z.array(TaskSummary.extend({ priority: PriorityTerms })),
  review: z.array(TaskSummary),
  waiting: z.array(TaskSummary),
  /** How many tasks each part has, of which a `limit` shows the first. */
  totals: z.object({
    running: z.number().int(),
    ready: z.number().int(),
    review: z.number().int(),
    waiting: z.number().int(),
  }),
});
export type QueueView = z.infer<typeof QueueView>;

export const GraphView = z.object({
  tasks: z.array(TaskSummary.extend({ estimateMs: z.number(), onCriticalPath: z.boolean() })),
  edges: z.array(
    z.object({
      from: z.string(),
      to: TaskId,
      type: z.enum(['hard', 'soft', 'resource', 'ordering']),
      label: z.string(),
    }),
  ),
  criticalPathMs: z.number(),
});
export type GraphView = z.infer<typeof GraphView>;
