import { z } from 'zod';
import { AgentChoice, AgentRole } from '../agent.ts';
import { DiffStat, Failure, Verification } from '../attempt.ts';
import { CommitId, NodeId } from '../ids.ts';
import { attempt, project, task } from './subject.ts';

/** One agent at work in one role of an attempt. */
const agentRun = { task, project, attempt, role: AgentRole, choice: AgentChoice };

/** What becomes of one attempt of a task, and of the agents at work in it. */
export const attemptEvents = [
  z.strictObject({
    type: z.literal('attempt.started'),
    task,
    project,
    attempt,
    node: NodeId,
    executor: z.enum(['mechanic', 'command', 'agent', 'milestone']),
    base: CommitId.nullable(),
    prepareMs: z.number(),
    log: z.string().nullable(),
  }),
  /** Work in progress is safe under a ref: another attempt can go on from it (X8). */
  z.strictObject({
    type: z.literal('attempt.checkpointed'),
    task,
    project,
    attempt,
    commit: CommitId,
  }),
  /** It began with what an earlier attempt had left, be it on this node or on another. */
  z.strictObject({
    type: z.literal('attempt.continued'),
    task,
    project,
    attempt,
    commit: CommitId,
    from: z.strictObject({ attempt, node: NodeId }),
  }),
  /** Past its timeout but making progress, so it goes on. */
  z.strictObject({
    type: z.literal('attempt.overdue'),
    task,
    project,
    attempt,
    timeoutMs: z.number(),
    runningMs: z.number(),
  }),
  z.strictObject({
    type: z.literal('attempt.produced'),
    task,
    project,
    attempt,
    commit: CommitId,
    diff: DiffStat,
    durationMs: z.number(),
  }),
  z.strictObject({
    type: z.literal('attempt.verified'),
    task,
    project,
    attempt,
    verification: Verification,
  }),
  /** Checked and good. A commit waits for the merge, or for a human when `needsReview` says why. */
  z.strictObject({
    type: z.literal('attempt.passed'),
    task,
    project,
    attempt,
    commit: CommitId.nullable(),
    needsReview: z.string().nullable(),
    quality: z.number().nullable(),
    durationMs: z.number(),
  }),
  z.strictObject({
    type: z.literal('attempt.failed'),
    task,
    project,
    attempt,
    /** Whose attempt of this number; absent in older logs. */
    node: NodeId.optional(),
    failure: Failure,
    /** What the next attempt is told. */
    report: z.string(),
    durationMs: z.number(),
  }),
  /** The leader gives an attempt up because its node is gone; the task goes back to the queue (Q9). */
  z.strictObject({
    type: z.literal('attempt.abandoned'),
    task,
    project,
    attempt,
    node: NodeId,
    term: z.number().int().nonnegative(),
    reason: z.string(),
  }),
  /** What an agent was given, part by part; a part without bytes had no room. */
  z.strictObject({
    type: z.literal('context.built'),
    task,
    project,
    attempt,
    role: AgentRole,
    bytes: z.number().int().nonnegative(),
    parts: z.array(
      z.strictObject({ kind: z.string(), name: z.string(), bytes: z.number().int().nonnegative() }),
    ),
  }),
  z.strictObject({
    type: z.literal('agent.started'),
    ...agentRun,
    version: z.string().nullable(),
    session: z.string(),
    transcript: z.string(),
    /** From the start of its process to its session, ms. */
    startMs: z.number(),
  }),
  z.strictObject({
    type: z.literal('agent.ended'),
    ...agentRun,
    outcome: z.string(),
    detail: z.string(),
    toolCalls: z.number().int().nonnegative(),
    denied: z.array(z.string()),
    /** Its last words, cut to 2,000 characters. */
    summary: z.string(),
    durationMs: z.number(),
  }),
] as const;
