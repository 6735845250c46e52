import { z } from 'zod';
import { AgentRole, SpendCategory } from './agent.ts';
import { FailureClass } from './attempt.ts';
import { NodeId, TaskId } from './ids.ts';
import { Rung } from './route.ts';
import { LimitView } from './statusApi.ts';
import { TaskType } from './task.ts';

const cost = {
  /** Null when no call was paid in dollars: unknown, not free. */
  usd: z.number().nullable(),
  /** Calls whose cost in USD is not known: subscriptions and local models. */
  unpricedCalls: z.number().int(),
  calls: z.number().int(),
  /** Input, output and cache-write tokens. */
  tokens: z.number().int(),
};

/** `share` is of all dollars of the period, 0–1; null where none are known. */
const costRow = { ...cost, share: z.number().nullable() };

const FirstAttempts = z.object({
  /** Tasks whose first attempt by an agent ended in the period. */
  tasks: z.number().int(),
  firstAttemptSuccess: z.number().nullable(),
});

export const ReportView = z.object({
  sinceMs: z.number(),
  untilMs: z.number(),
  generated: z.number(),
  merged: z.number(),
  done: z.number(),
  failed: z.number(),
  rejected: z.number(),
  attempts: z.number(),
  firstAttemptSuccess: z.number().nullable(),
  meanQuality: z.number().nullable(),
  /** Share of the time that slots were in use. */
  utilisation: z.number().nullable(),
  /**
   * Attempts that did a task again that another attempt's merge finished, as when two nodes that were cut off
   * from each other took it: what they took and cost. It is part of `cost` too.
   */
  duplicates: z.object({
    durationMs: z.number(),
    ...cost,
    attempts: z.array(
      z.object({
        task: TaskId,
        attempt: z.number().int(),
        node: NodeId,
        durationMs: z.number(),
        ...cost,
        /** Whose merge landed. */
        merged: z.object({ attempt: z.number().int(), node: NodeId }),
      }),
    ),
  }),
  interventions: z.number(),
  /** Longest stretch of work without a human's act, ms. */
  longestStreakMs: z.number(),
  decisions: z.object({
    count: z.number(),
    meanLatencyMs: z.number().nullable(),
    p99LatencyMs: z.number().nullable(),
  }),
  failures: z.array(z.object({ class: FailureClass, count: z.number() })),
  limits: z.array(LimitView),
  byType: z.array(
    z.object({
      type: TaskType,
      merged: z.number(),
      failed: z.number(),
      p75Ms: z.number().nullable(),
      meanQuality: z.number().nullable(),
    }),
  ),
  /** What the calls of models cost that ended in the period (C3). */
  cost: z.object({
    ...cost,
    /** Mean of the tasks whose every call was paid in dollars. */
    perTaskUsd: z.number().nullable(),
    /** All dollars, also those of what failed, over the merged tasks that paid in dollars. */
    perMergedUsd: z.number().nullable(),
    byCategory: z.array(z.object({ category: SpendCategory, ...costRow })),
    /** Null: the engine's own calls. */
    byRole: z.array(z.object({ role: AgentRole.nullable(), ...costRow })),
    byProvider: z.array(z.object({ provider: z.string(), ...costRow })),
    /** As `provider/model`. */
    byModel: z.array(z.object({ model: z.string(), ...costRow })),
  }),
  /** How tasks of agents fared; null where there is no data. */
  agents: FirstAttempts.extend({
    /** A tester wrote tests before the writer began. */
    withTestsFirst: FirstAttempts,
    withoutTestsFirst: FirstAttempts,
    /** Share of the tasks that failed at least once and ended in the period that are merged or done. */
    afterHealing: z.number().nullable(),
    /** By rung of the ladder: attempts that answered a failure and ended, and those of them that passed. */
    heals: z.array(z.object({ rung: Rung, tried: z.number().int(), worked: z.number().int() })),
  }),
});
export type ReportView = z.infer<typeof ReportView>;
