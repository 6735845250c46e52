import { z } from 'zod';
import { NodeId, ProjectId, TaskId } from './ids.ts';

/** What the engine may do next (D1). */
export const Action = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('dispatch'), task: TaskId, node: NodeId }),
  /** The node gives the task back at a checkpoint, for another to go on with. */
  z.strictObject({ kind: z.literal('move'), task: TaskId, from: NodeId, to: NodeId }),
  z.strictObject({ kind: z.literal('generate'), project: ProjectId }),
  z.strictObject({ kind: z.literal('quiesce'), node: NodeId }),
  z.strictObject({ kind: z.literal('pause-builds') }),
  z.strictObject({ kind: z.literal('resume-builds') }),
  z.strictObject({ kind: z.literal('escalate'), subject: z.string() }),
]);
export type Action = z.infer<typeof Action>;

/** Score = pSuccess · value − (1 − pSuccess) · cost (D2). */
export const Candidate = z.strictObject({
  action: Action,
  score: z.number(),
  pSuccess: z.number().min(0).max(1),
  value: z.number(),
  cost: z.number(),
  selected: z.boolean(),
  /** Why it was chosen, or the one thing that kept it from being chosen. */
  reason: z.string(),
});
export type Candidate = z.infer<typeof Candidate>;

/** How much the engine trusts its own picture, and what it lets itself do because of it (D6). */
export const Autonomy = z.enum(['full', 'cautious', 'observant', 'paused']);
export type Autonomy = z.infer<typeof Autonomy>;

/** The terms of a task's priority (Q7), each shown in the explanation. */
export const PriorityTerms = z.strictObject({
  /** Remaining critical path from this task on, in minutes: what orders first. */
  pathMinutes: z.number(),
  /** 2.0 per transitive dependent. */
  dependents: z.number(),
  /** +5 on the critical path. */
  criticalPath: z.number(),
  /** +3 / estimate in minutes. */
  brevity: z.number(),
  /** 0.5 · ln(minutes waiting). */
  waiting: z.number(),
  weight: z.number(),
  total: z.number(),
});
export type PriorityTerms = z.infer<typeof PriorityTerms>;

export const Decision = z.strictObject({
  /** What made the engine decide now: the type of the event, or `tick`. */
  trigger: z.string(),
  /**
   * Hash of the world state it decided on (D4): the head of the log whose fold the world is. With
   * `atMs` and the trigger it determines the decision; a replay to this point gives the same one.
   */
  worldHash: z.string(),
  atMs: z.number(),
  confidence: z.number().min(0).max(1),
  autonomy: Autonomy,
  openTasks: z.number().int(),
  readyTasks: z.number().int(),
  freeSlots: z.number().int(),
  /** Selected ones and the best of the others, best first. */
  candidates: z.array(Candidate),
  /** How many more candidates there were; replaying the log to this point shows them. */
  omitted: z.number().int().nonnegative(),
  latencyUs: z.number().nonnegative(),
});
export type Decision = z.infer<typeof Decision>;
