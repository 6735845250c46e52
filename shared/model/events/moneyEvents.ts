import { z } from 'zod';
import {
  AgentRole,
  Billing,
  ModelTarget,
  ProviderConfig,
  ProviderId,
  SpendCategory,
  TokenUsage,
} from '../agent.ts';
import { Budget, CapReached } from '../budget.ts';
import { ApprovalId, ProjectId, TaskId } from '../ids.ts';
import { attempt, project, task } from './subject.ts';

/** Whom a model call was for; all null for a call of the engine's own that concerns no task. */
const callPurpose = {
  /** Unique within the node's log. */
  call: z.string(),
  task: TaskId.nullable(),
  project: ProjectId.nullable(),
  attempt: attempt.nullable(),
  category: SpendCategory,
  role: AgentRole.nullable(),
};

/** The models that agents call, what may be spent on them, and what each call cost. */
export const moneyEvents = [
  z.strictObject({ type: z.literal('provider.set'), provider: ProviderId, config: ProviderConfig }),
  z.strictObject({ type: z.literal('provider.removed'), provider: ProviderId }),
  z.strictObject({
    type: z.literal('budget.set'),
    budget: Budget,
    who: z.string(),
    /** The question whose yes set it. */
    approval: ApprovalId.optional(),
  }),
  /** A human gave a task more than the cap of all tasks. */
  z.strictObject({
    type: z.literal('budget.granted'),
    task,
    project,
    who: z.string(),
    /** The question whose yes granted it; absent in logs from before there was a mesh. */
    approval: ApprovalId.optional(),
    tokens: z.number().int().nonnegative(),
    calls: z.number().int().nonnegative(),
  }),
  /** Before a call is sent: the most that it can cost, so that calls side by side can't pass a cap together. */
  z.strictObject({
    type: z.literal('call.reserved'),
    ...callPurpose,
    target: ModelTarget,
    billing: Billing,
    maxTokens: z.number().int().nonnegative(),
    /** USD; null where dollars are not what is paid. */
    maxCostUsd: z.number().nonnegative().nullable(),
  }),
  /** What it did cost, by the provider's own word. Once per reserved call. */
  z.strictObject({
    type: z.literal('call.settled'),
    ...callPurpose,
    target: ModelTarget,
    billing: Billing,
    outcome: z.enum(['ok', 'refused', 'error', 'cut']),
    usage: TokenUsage.nullable(),
    costUsd: z.number().nonnegative().nullable(),
    /** The provider did not say, so the most that it can have been is counted. */
    estimated: z.boolean(),
    detail: z.string(),
    latencyMs: z.number(),
    firstByteMs: z.number().nullable(),
    retries: z.number().int().nonnegative(),
  }),
  /** A cap kept a call from being sent. */
  z.strictObject({
    type: z.literal('call.refused'),
    ...callPurpose,
    target: ModelTarget,
    reached: CapReached,
    maxTokens: z.number().int().nonnegative(),
    maxCostUsd: z.number().nonnegative().nullable(),
  }),
] as const;
