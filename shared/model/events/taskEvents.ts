import { z } from 'zod';
import { Assignment, Attempt, Failure } from '../attempt.ts';
import { Action, PriorityTerms } from '../decision.ts';
import { CommitId, NodeId, TaskId } from '../ids.ts';
import { Dependency, Origin, TaskSpec } from '../task.ts';
import { attempt, project, task } from './subject.ts';

/** What becomes of a task, from its beginning to its merge or its end. */
export const taskEvents = [
  z.strictObject({ type: z.literal('task.added'), task, project, spec: TaskSpec }),
  z.strictObject({ type: z.literal('task.linked'), task, project, dependency: Dependency }),
  z.strictObject({
    type: z.literal('task.refused'),
    project,
    title: z.string(),
    reason: z.string(),
    /** Task ids or keys along the cycle, when that was the reason (Q6). */
    cycle: z.array(z.string()).nullable(),
    origin: Origin,
  }),
  /** Its creator, a model or a diagnosis said more precisely what is wanted; the task is the same. */
  z.strictObject({
    type: z.literal('task.amended'),
    task,
    project,
    spec: TaskSpec,
    by: z.enum(['human', 'model', 'healing']),
    reason: z.string(),
  }),
  /** Too large for one attempt: other tasks take its place. */
  z.strictObject({
    type: z.literal('task.split'),
    task,
    project,
    into: z.array(TaskId).min(1),
    reason: z.string(),
  }),
  z.strictObject({
    type: z.literal('task.cancelled'),
    task,
    project,
    who: z.string(),
    reason: z.string(),
  }),
  /** A human granted more attempts. The task had left the live document, so the event brings it back whole. */
  z.strictObject({
    type: z.literal('task.retried'),
    task,
    project,
    who: z.string(),
    granted: z.number().int().positive(),
    spec: TaskSpec,
    addedDependencies: z.array(Dependency),
    attempts: z.array(Attempt),
  }),
  z.strictObject({
    type: z.literal('task.dispatched'),
    task,
    project,
    assignment: Assignment,
    score: z.number(),
    reason: z.string(),
    priority: PriorityTerms,
    alternatives: z.array(
      z.strictObject({ action: Action, score: z.number(), reason: z.string() }),
    ),
  }),
  /** No attempts are left, or none can help. */
  z.strictObject({
    type: z.literal('task.failed'),
    task,
    project,
    failure: Failure,
    attempts: z.number().int(),
    /** What a person can do about it, as the diagnosis has it (L5). */
    recommendation: z.string().optional(),
  }),
  z.strictObject({
    type: z.literal('review.answered'),
    task,
    project,
    attempt,
    /** The result that the human saw: two nodes may each have made one of this number. Absent in old logs. */
    commit: CommitId.nullable().optional(),
    answer: z.enum(['approved', 'rejected']),
    who: z.string(),
    reason: z.string(),
  }),
  z.strictObject({
    type: z.literal('merge.done'),
    task,
    project,
    attempt,
    /** Whose attempt it was: two leaders may have assigned one number to two nodes. Absent in old logs. */
    node: NodeId.optional(),
    commit: CommitId,
    parent: CommitId,
    /** The attempt was moved onto work that merged meanwhile, and verified again. */
    rebased: z.boolean(),
    /** A restart found the merge already in git. */
    recovered: z.boolean(),
  }),
] as const;
