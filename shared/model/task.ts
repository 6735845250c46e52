import { z } from 'zod';
import { CommitId, NodeId, ProjectId, TaskId } from './ids.ts';

/** What kind of work a task is. Durations, capability and quality are learned by type. */
export const TaskType = z.enum([
  'implementation',
  'test',
  'fix',
  'refactor',
  'cleanup',
  'format',
  'docs',
  'dependency',
  'metadata',
  'research',
  'command',
  'milestone',
]);
export type TaskType = z.infer<typeof TaskType>;

/** How far a result may travel without a human: `high` waits for a review before it merges. */
export const RiskTier = z.enum(['low', 'medium', 'high']);
export type RiskTier = z.infer<typeof RiskTier>;

/** May start when the artifact exists in the integrated tree, whatever became of `task` (Q2). */
const HardDependency = z.strictObject({
  type: z.literal('hard'),
  artifact: z.string().min(1),
  task: TaskId.optional(),
});
/** Waits for the other task to end or for the timeout, then starts with the fallback (Q3). */
const SoftDependency = z.strictObject({
  type: z.literal('soft'),
  task: TaskId,
  timeoutMs: z.number().int().positive(),
  fallback: z.string().min(1),
});
/** Never runs at the same time as another task that names the resource (Q4). */
const ResourceDependency = z.strictObject({
  type: z.literal('resource'),
  resource: z.string().min(1),
});
/** Runs after the other task has ended, however it ended (Q5). */
const OrderingDependency = z.strictObject({ type: z.literal('ordering'), task: TaskId });

export const Dependency = z.discriminatedUnion('type', [
  HardDependency,
  SoftDependency,
  ResourceDependency,
  OrderingDependency,
]);
export type Dependency = z.infer<typeof Dependency>;

/** Any JSON value; `meta` says so to the API's description, which can't follow a recursive type. */
export const Json = z
  .json()
  .meta({ type: ['object', 'array', 'string', 'number', 'boolean', 'null'] });

/** What the mechanic is to do: one recipe, one small diff. */
export const MechanicRecipe = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('unused-file'), file: z.string() }),
  z.strictObject({
    kind: z.literal('unused-exports'),
    file: z.string(),
    names: z.array(z.string()),
  }),
  z.strictObject({
    kind: z.literal('unused-dependency'),
    manifest: z.string(),
    name: z.string(),
    section: z.enum([
      'dependencies',
      'devDependencies',
      'optionalDependencies',
      'peerDependencies',
    ]),
  }),
  z.strictObject({ kind: z.literal('lint-fix'), file: z.string(), rules: z.array(z.string()) }),
  z.strictObject({ kind: z.literal('format'), file: z.string() }),
  z.strictObject({
    kind: z.literal('metadata'),
    manifest: z.string(),
    field: z.string(),
    value: Json,
  }),
  /** Takes a merged task's changes back. */
  z.strictObject({ kind: z.literal('revert'), task: TaskId, commit: CommitId }),
]);
export type MechanicRecipe = z.infer<typeof MechanicRecipe>;

/** Who does the work. `milestone` does nothing: a point in the graph that others wait for. */
export const Executor = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('mechanic'), recipe: MechanicRecipe }),
  z.strictObject({ kind: z.literal('command'), run: z.string().min(1) }),
  z.strictObject({ kind: z.literal('agent') }),
  z.strictObject({ kind: z.literal('milestone') }),
]);
export type Executor = z.infer<typeof Executor>;

/**
 * What is learned is learned by kind of work, as `agent fix`: how long a mechanic takes for a fix, and
 * how well it does it, says nothing of an agent's.
 */
export type WorkKind = string;

export function workKind({ executor, type }: Pick<TaskSpec, 'executor' | 'type'>): WorkKind {
  return `${executor.kind} ${type}`;
}

/** Why a task exists. */
export const Origin = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('human'), who: z.string() }),
  z.strictObject({
    kind: z.literal('gap'),
    detector: z.string(),
    /** Identifies the gap across scans: the same gap is proposed once. */
    fingerprint: z.string(),
    evidence: z.string(),
    /** The generation cycle that proposed it. */
    cycle: z.number().int().nonnegative(),
    score: z.number(),
  }),
  /** Something that was noticed on the way of another task. */
  z.strictObject({
    kind: z.literal('follow-up'),
    of: TaskId,
    fingerprint: z.string(),
    evidence: z.string(),
  }),
]);
export type Origin = z.infer<typeof Origin>;

/** Scores of a spec before it may be dispatched (G4), each 0–1. */
export const SpecScores = z.strictObject({
  specificity: z.number().min(0).max(1),
  complexity: z.number().min(0).max(1),
  notes: z.array(z.string()),
});
export type SpecScores = z.infer<typeof SpecScores>;

/** A task as its creator wrote it, once. Everything that changes later is in other registers. */
export const TaskSpec = z.strictObject({
  id: TaskId,
  project: ProjectId,
  title: z.string().min(1).max(200),
  type: TaskType,
  instructions: z.string().max(20_000),
  acceptance: z.array(z.string()),
  /** Paths or globs that must exist after the work. */
  deliverables: z.array(z.string()),
  references: z.array(z.string()),
  /** Globs the diff may touch. Empty: anywhere in the project, and then nothing runs beside it. */
  scope: z.array(z.string()),
  minQuality: z.number().min(0).max(1).optional(),
  /** The creator's guess; history replaces it (Q8). */
  estimateMs: z.number().int().positive(),
  /** Declared weight added to the computed priority. */
  weight: z.number().min(-1000).max(1000),
  capabilities: z.array(z.string()),
  risk: RiskTier,
  /** A human approves the result before it merges. */
  review: z.boolean(),
  maxAttempts: z.number().int().positive().max(100).optional(),
  dependencies: z.array(Dependency),
  executor: Executor,
  origin: Origin,
  scores: SpecScores,
  /** How much a model put into it (G7); absent where none wrote it. */
  effort: z.enum(['minimal', 'standard', 'detailed']).optional(),
  createdBy: NodeId,
  createdAtMs: z.number(),
});
export type TaskSpec = z.infer<typeof TaskSpec>;
