import { z } from 'zod';
import {
  AgentId,
  AgentRole,
  AgentState,
  Billing,
  Price,
  ProviderConfig,
  ProviderId,
} from './agent.ts';
import { ApprovalSubject } from './approval.ts';
import { Budget } from './budget.ts';
import { ApprovalId, NodeId, ProjectId, TaskId } from './ids.ts';

/** Shapes of the local API that concern agents, models and money; stable as those of `api.ts`. */

export const AgentView = AgentState.extend({
  node: NodeId,
  /** Models that it can call through the gateway, as `provider/model`. */
  models: z.array(z.string()),
});
export type AgentView = z.infer<typeof AgentView>;

/** What a real start of an agent said. */
export const AgentCheckView = z.object({
  agent: AgentId,
  ok: z.boolean(),
  detail: z.string(),
  startMs: z.number().nullable(),
});
export type AgentCheckView = z.infer<typeof AgentCheckView>;

/** Where transcripts of agents hold a text, newest first. */
export const TranscriptSearchView = z.object({
  hits: z.array(
    z.object({
      task: TaskId,
      attempt: z.number().int(),
      role: AgentRole,
      atMs: z.number(),
      /** What the entry is: `prompt`, `message`, `tool` … */
      kind: z.string(),
      /** What stands around the text, in one line. */
      excerpt: z.string(),
    }),
  ),
  /** Which bound ended the search before everything was read; null when none did. */
  cut: z.enum(['hits', 'bytes', 'time']).nullable(),
});
export type TranscriptSearchView = z.infer<typeof TranscriptSearchView>;

export const ProviderView = ProviderConfig.extend({
  id: ProviderId,
  /** Where the key was found, never the key. */
  key: z.enum(['environment', 'keychain', 'file', 'none']),
});
export type ProviderView = z.infer<typeof ProviderView>;

export const ProviderCheckView = z.object({
  provider: ProviderId,
  ok: z.boolean(),
  detail: z.string(),
  latencyMs: z.number().nullable(),
});
export type ProviderCheckView = z.infer<typeof ProviderCheckView>;

export const ProviderInput = z.strictObject({
  config: ProviderConfig,
  /** Kept in the keychain or a file of its own; absent: the one that is there stays. */
  key: z.string().min(1).max(4_096).optional(),
});
export type ProviderInput = z.infer<typeof ProviderInput>;

export const ModelView = z.object({
  provider: ProviderId,
  model: z.string(),
  billing: Billing,
  /** USD per million tokens; null where dollars are not what is paid, or nobody knows the price. */
  price: Price.nullable(),
  contextTokens: z.number().int().nullable(),
  outputTokens: z.number().int().nullable(),
  calls: z.number().int(),
  tokens: z.number().int(),
  usd: z.number(),
  /** By kind of work: the share of tasks that routing gives it, and why. */
  routes: z.array(
    z.object({
      kind: z.string(),
      agent: AgentId,
      weight: z.number(),
      success: z.number().nullable(),
      latencyMs: z.number().nullable(),
      why: z.string(),
    }),
  ),
});
export type ModelView = z.infer<typeof ModelView>;

const SumView = z.object({
  calls: z.number().int(),
  tokens: z.number().int(),
  usd: z.number(),
  /** Calls whose cost in USD is not known: subscriptions and local models. */
  unpriced: z.number().int(),
});

export const BudgetView = z.object({
  budget: Budget,
  spent: z.object({ hourUsd: z.number(), dayUsd: z.number(), monthUsd: z.number() }),
  reservedUsd: z.number(),
  /** What stands where: every cap with what is used of it, and what happens when it is reached. */
  caps: z.array(
    z.object({
      cap: z.string(),
      used: z.number(),
      max: z.number(),
      unit: z.enum(['USD', 'tokens', 'calls']),
      then: z.string(),
    }),
  ),
  month: z.string(),
  by: z.object({
    category: z.record(z.string(), SumView),
    provider: z.record(z.string(), SumView),
    model: z.record(z.string(), SumView),
    project: z.record(z.string(), SumView),
    role: z.record(z.string(), SumView),
    node: z.record(z.string(), SumView),
  }),
  /** Open tasks that have called a model. */
  tasks: z.array(SumView.extend({ task: TaskId, title: z.string() })),
});
export type BudgetView = z.infer<typeof BudgetView>;

/** The answer to a wish for other caps: set, or asked for. */
export const BudgetChangeView = z.object({
  set: z.boolean(),
  /** The question that has to be answered first, when a cap rises. */
  approval: ApprovalId.nullable(),
  budget: Budget,
});
export type BudgetChangeView = z.infer<typeof BudgetChangeView>;

export const ApprovalView = z.object({
  id: ApprovalId,
  task: TaskId.nullable(),
  project: ProjectId.nullable(),
  subject: ApprovalSubject,
  /** What a yes allows, in words. */
  text: z.string(),
  reason: z.string(),
  askedAtMs: z.number(),
});
export type ApprovalView = z.infer<typeof ApprovalView>;
