import { z } from 'zod';
import { CommitId, NodeId } from './ids.ts';
import { TestReport } from './project.ts';
import { Route } from './route.ts';

/** Classes of failure (G4); each calls for a different next step. */
export const FailureClass = z.enum([
  'ambiguous-spec',
  'missing-context',
  'external',
  'too-complex',
  'model-limit',
  'infrastructure',
]);
export type FailureClass = z.infer<typeof FailureClass>;

export const Failure = z.strictObject({
  class: FailureClass,
  /** What happened, in one sentence. */
  reason: z.string(),
  /** The node died or was stopped under it: not the attempt's fault, and not counted against it. */
  interrupted: z.boolean(),
});
export type Failure = z.infer<typeof Failure>;

export const DiffStat = z.strictObject({
  files: z.array(z.string()),
  added: z.number().int().nonnegative(),
  removed: z.number().int().nonnegative(),
});
export type DiffStat = z.infer<typeof DiffStat>;

/** Something that a check of the security gate found in a line that the attempt wrote. Never a secret itself. */
export const Finding = z.strictObject({
  rule: z.string(),
  file: z.string(),
  line: z.number().int().positive(),
  message: z.string(),
  /** Whether the check fails by it; else it is worth a follow-up. */
  blocks: z.boolean(),
});
export type Finding = z.infer<typeof Finding>;

/** One check of the verification, in the order in which they are shown. */
export const Check = z.strictObject({
  name: z.enum([
    'deliverables',
    'scope',
    'secrets',
    'static',
    'dependencies',
    'tests',
    'lint',
    'quality',
    'review',
    'oversight',
  ]),
  /** `unknown` counts as failed wherever a yes is needed (safety rule 9). */
  verdict: z.enum(['passed', 'failed', 'unknown']),
  detail: z.string(),
  findings: z.array(Finding).optional(),
  /** What a person is to hear of once it is merged (oversight level `notify`). */
  tells: z.string().optional(),
});
export type Check = z.infer<typeof Check>;

/** One part of the quality score: `value` 0–1 counts with `weight`. */
export const QualityPart = z.strictObject({
  name: z.enum(['tests', 'lint', 'size', 'coverage']),
  value: z.number().min(0).max(1),
  weight: z.number().min(0).max(1),
  detail: z.string(),
});
export type QualityPart = z.infer<typeof QualityPart>;

export const Verification = z.strictObject({
  passed: z.boolean(),
  checks: z.array(Check),
  quality: z.number().min(0).max(1),
  parts: z.array(QualityPart),
  threshold: z.number().min(0).max(1),
  tests: TestReport.nullable(),
});
export type Verification = z.infer<typeof Verification>;

/** Written by the leader: who is to do the work. `compareAssignments` says which of two counts. */
export const Assignment = z.strictObject({
  attempt: z.number().int().positive(),
  node: NodeId,
  term: z.number().int().nonnegative(),
  /** The leader that assigned it. */
  by: NodeId,
  atMs: z.number(),
  timeoutMs: z.number().int().positive(),
  route: Route.optional(),
  /** Instructions of soft dependencies that timed out. */
  fallbacks: z.array(z.string()),
  /** What the leader expects: checked when the attempt ends (D6). */
  expected: z.strictObject({ pSuccess: z.number(), durationMs: z.number() }),
});
export type Assignment = z.infer<typeof Assignment>;

/**
 * Orders assignments of one task: by term, then by attempt, then by leader. Two leaders that did not
 * see each other may both assign a task, also in the same term; every node takes the greatest. Whoever has
 * seen an assignment gives the next attempt a greater number, so that what it assigns counts.
 */
export function compareAssignments(a: Assignment, b: Assignment): number {
  if (a.term !== b.term) return a.term - b.term;
  if (a.attempt !== b.attempt) return a.attempt - b.attempt;
  return a.by < b.by ? -1 : a.by > b.by ? 1 : 0;
}

/** The leader gives an attempt up because its node is gone; the task goes back to the queue (Q9). */
export const Abandonment = z.strictObject({
  attempt: z.number().int().positive(),
  node: NodeId,
  term: z.number().int().nonnegative(),
  reason: z.string(),
  atMs: z.number(),
});
export type Abandonment = z.infer<typeof Abandonment>;

/** Written by the executing node. */
export const AttemptState = z.discriminatedUnion('state', [
  z.strictObject({ state: z.literal('running') }),
  z.strictObject({ state: z.literal('verifying'), commit: CommitId }),
  /** Checked and good; `commit` is what will be merged, null when there is nothing to merge. */
  z.strictObject({
    state: z.literal('passed'),
    commit: CommitId.nullable(),
    needsReview: z.string().nullable(),
  }),
  z.strictObject({ state: z.literal('failed'), failure: Failure }),
]);
export type AttemptState = z.infer<typeof AttemptState>;

export const Attempt = z.strictObject({
  number: z.number().int().positive(),
  node: NodeId,
  /** The term under which it was assigned; absent where one node did all. */
  term: z.number().int().nonnegative().optional(),
  startedAtMs: z.number(),
  endedAtMs: z.number().nullable(),
  state: AttemptState,
  report: z.string().nullable(),
  /** Which agent did it and how it differed from the attempt before; absent where no agent worked. */
  route: Route.optional(),
  /** USD that its agents' calls cost; null when one was not paid in dollars. Absent: none was made. */
  costUsd: z.number().nullable().optional(),
});
export type Attempt = z.infer<typeof Attempt>;
