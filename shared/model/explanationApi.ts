import { z } from 'zod';
import { AgentId, AgentRole, ProviderId } from './agent.ts';
import { FailureClass, Verification } from './attempt.ts';
import { PriorityTerms } from './decision.ts';
import { CommitId, NodeId, TaskId } from './ids.ts';
import { Status, TaskSummary, WaitView } from './taskApi.ts';

/** The five sections of `explain` (V2). Every value comes from events. */
export const ExplanationView = z.object({
  task: TaskSummary,
  /** One sentence: where it stands, and why. */
  headline: z.string(),
  generation: z.object({
    source: z.string(),
    trigger: z.string(),
    evidence: z.string().nullable(),
    atMs: z.number(),
    priority: PriorityTerms.nullable(),
    specificity: z.number(),
    complexity: z.number(),
  }),
  dispatch: z.object({
    /** Why it is not running, most binding first; empty once it has run to its end. */
    waits: z.array(WaitView),
    rounds: z.array(
      z.object({
        attempt: z.number().int(),
        node: NodeId,
        atMs: z.number(),
        score: z.number(),
        reason: z.string(),
        pSuccess: z.number(),
        priority: PriorityTerms,
        alternatives: z.array(
          z.object({ text: z.string(), score: z.number(), reason: z.string() }),
        ),
      }),
    ),
  }),
  /** By number and node: two leaders that did not see each other may have given one number twice. */
  execution: z.array(
    z.object({
      attempt: z.number().int(),
      node: NodeId,
      /** The attempt that merged, where this one did the same work again; else null. */
      duplicateOf: z.object({ attempt: z.number().int(), node: NodeId }).nullable(),
      startedAtMs: z.number().nullable(),
      durationMs: z.number().nullable(),
      result: z.string(),
      failure: z.object({ class: FailureClass, reason: z.string() }).nullable(),
      verification: Verification.nullable(),
      diff: z
        .object({ files: z.array(z.string()), added: z.number(), removed: z.number() })
        .nullable(),
      log: z.string().nullable(),
      /** Who worked, by which model; empty where no agent did. */
      agents: z.array(
        z.object({
          role: AgentRole,
          agent: AgentId,
          model: z.string(),
          provider: ProviderId,
          outcome: z.string().nullable(),
          toolCalls: z.number().int().nullable(),
          denied: z.array(z.string()),
          durationMs: z.number().nullable(),
          /** File of the transcript on the node that ran it. */
          transcript: z.string(),
        }),
      ),
      /** Why this agent, and how this attempt differs from the one before; null where no agent works. */
      route: z.string().nullable(),
      context: z.array(
        z.object({ role: AgentRole, kind: z.string(), name: z.string(), bytes: z.number().int() }),
      ),
      calls: z.number().int(),
      tokens: z.number().int(),
      /** USD; null when a call was not paid in dollars, or nobody knows. */
      costUsd: z.number().nullable(),
    }),
  ),
  outcome: z.object({
    status: Status,
    durationMs: z.number().nullable(),
    estimateMs: z.number(),
    quality: z.number().nullable(),
    commit: CommitId.nullable(),
    /** USD. Null: nothing metered this task; a mechanic or a command costs no model money. */
    costUsd: z.number().nullable(),
    lesson: z.string(),
  }),
  impact: z.object({
    unblocked: z.array(TaskId),
    waitingForIt: z.array(TaskId),
    promoted: z.boolean(),
  }),
  /** The node that told it, while this one still copies the logs; null: this node did, from its own copies. */
  toldBy: NodeId.nullable(),
  /** The events it was told from; `pos` is their place at the node that told it. */
  events: z.array(
    z.object({
      node: NodeId,
      seq: z.number().int(),
      pos: z.number().int(),
      atMs: z.number(),
      type: z.string(),
      text: z.string(),
    }),
  ),
});
export type ExplanationView = z.infer<typeof ExplanationView>;
