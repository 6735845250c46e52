import { z } from 'zod';
import { Adaptation } from '../adaptation.ts';
import { Decision } from '../decision.ts';
import { TaskId } from '../ids.ts';
import { attempt, project, task } from './subject.ts';

/** What the engine decides and learns, and what stops it. */
export const engineEvents = [
  z.strictObject({ type: z.literal('decision.made'), decision: Decision }),
  z.strictObject({
    type: z.literal('prediction.checked'),
    task,
    project,
    attempt,
    expected: z.strictObject({ pSuccess: z.number(), durationMs: z.number() }),
    actual: z.strictObject({ success: z.boolean(), durationMs: z.number() }),
    held: z.boolean(),
    /** Why it did not hold, as far as the evidence goes (D7). */
    finding: z.string(),
    confidence: z.number(),
  }),
  /** The engine does something otherwise from now on, by itself; `cause` is the task that tipped it. */
  z.strictObject({
    type: z.literal('engine.adapted'),
    project,
    cause: TaskId,
    change: Adaptation,
  }),
  z.strictObject({
    type: z.literal('limit.reached'),
    limit: z.string(),
    subject: z.string(),
    value: z.number(),
    max: z.number(),
    /** When it frees itself; null when only a human can. */
    untilMs: z.number().nullable(),
  }),
  z.strictObject({ type: z.literal('limit.cleared'), limit: z.string(), subject: z.string() }),
  z.strictObject({
    type: z.literal('builds.paused'),
    by: z.enum(['human', 'engine']),
    who: z.string(),
    reason: z.string(),
    untilMs: z.number().nullable(),
  }),
  z.strictObject({
    type: z.literal('builds.resumed'),
    by: z.enum(['human', 'engine']),
    who: z.string(),
    reason: z.string(),
  }),
] as const;
