import { z } from 'zod';
import { ProjectId } from './ids.ts';
import { Executor, RiskTier, TaskType } from './task.ts';

/** One task of a task file (`vigil task add -f FILE`): YAML or JSON, one task or a list under `tasks`. */
export const TaskInput = z.strictObject({
  /** Names the task within the file, for the dependencies of the others. */
  key: z
    .string()
    .regex(/^[a-zA-Z][\w-]*$/)
    .optional(),
  project: ProjectId.optional(),
  title: z.string().min(1).max(200),
  type: TaskType.default('command'),
  instructions: z.string().max(20_000).default(''),
  acceptance: z.array(z.string()).default([]),
  deliverables: z.array(z.string()).default([]),
  references: z.array(z.string()).default([]),
  scope: z.array(z.string()).default([]),
  minQuality: z.number().min(0).max(1).optional(),
  estimateMinutes: z
    .number()
    .positive()
    .max(24 * 60)
    .optional(),
  weight: z.number().min(-1000).max(1000).default(0),
  capabilities: z.array(z.string()).default([]),
  risk: RiskTier.default('low'),
  review: z.boolean().default(false),
  maxAttempts: z.number().int().min(1).max(100).optional(),
  dependencies: z
    .array(
      z.discriminatedUnion('type', [
        z.strictObject({
          type: z.literal('hard'),
          artifact: z.string().min(1),
          task: z.string().optional(),
        }),
        z.strictObject({
          type: z.literal('soft'),
          task: z.string(),
          timeoutMinutes: z.number().positive().default(120),
          fallback: z.string().min(1),
        }),
        z.strictObject({ type: z.literal('resource'), resource: z.string().min(1) }),
        z.strictObject({ type: z.literal('ordering'), task: z.string() }),
      ]),
    )
    .default([]),
  /** A shell command; without it the task is for a coding agent, or a milestone. */
  run: z.string().min(1).optional(),
  executor: Executor.optional(),
});
export type TaskInput = z.infer<typeof TaskInput>;
