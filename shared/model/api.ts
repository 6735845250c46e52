import { z } from 'zod';
import { AgentId, AgentRole, ProviderId, SpendCategory } from './agent.ts';
import { Attempt, FailureClass, Verification } from './attempt.ts';
import { Autonomy, PriorityTerms } from './decision.ts';
import { Baseline, Project } from './project.ts';
import { CommitId, NodeId, ProjectId, TaskId } from './ids.ts';
import { Rung } from './route.ts';
import { Fitness, Senses } from './senses.ts';
import { Dependency, Executor, Json, RiskTier, TaskSpec, TaskType } from './task.ts';

/**
 * The shapes of the local API, of every `--json` output, and of what the page reads.
 * They are stable: fields may be added, none is renamed or removed within version 1.
 * Times ending in `Ms` are milliseconds, `…AtMs` since the epoch.
 */

export const Status = z.enum([
  'open',
  'assigned',
  'running',
  'verifying',
  'review',
  'merging',
  'merged',
  'done',
  'rejected',
  'cancelled',
  'failed',
  'split',
]);

/** One thing that keeps a task from starting, and until when; the first of a list binds. */
export const WaitView = z.object({
  kind: z.enum([
    'artifact',
    'soft',
    'ordering',
    'resource',
    'scope',
    'capability',
    'agent',
    'budget',
    'approval',
    'unfit',
    'away',
    'slot',
    'limit',
    'paused',
    'autonomy',
    'backoff',
    'project',
    'baseline',
    'node',
    'spec',
  ]),
  /** A sentence that a person can read without knowing the code. */
  text: z.string(),
  /** What has to happen, or who has to act. */
  until: z.string(),
  untilMs: z.number().nullable(),
  task: TaskId.nullable(),
});
export type WaitView = z.infer<typeof WaitView>;

export const TaskSummary = z.object({
  id: TaskId,
  project: ProjectId,
  title: z.string(),
  type: TaskType,
  executor: z.enum(['mechanic', 'command', 'agent', 'milestone']),
  status: Status,
  attempts: z.number().int(),
  risk: RiskTier,
  createdAtMs: z.number(),
  endedAtMs: z.number().nullable(),
  commit: CommitId.nullable(),
  quality: z.number().nullable(),
  /** What binds now; null when nothing does or the task has ended. */
  waiting: WaitView.nullable(),
  /** Why it failed, when it did. */
  failure: z.string().nullable(),
});
export type TaskSummary = z.infer<typeof TaskSummary>;

export const TaskDetail = TaskSummary.extend({
  spec: TaskSpec,
  dependencies: z.array(Dependency),
  waits: z.array(WaitView),
  priority: PriorityTerms.nullable(),
  history: z.array(Attempt),
});
export type TaskDetail = z.infer<typeof TaskDetail>;

export const QueueView = z.object({
  /** Position (`EventView.pos`) that this queue was derived from. */
  seq: z.number().int(),
  running: z.array(TaskSummary),
  ready: z.array(TaskSummary.extend({ priority: PriorityTerms })),
  review: z.array(TaskSummary),
  waiting: z.array(TaskSummary),
  /** How many tasks each part has, of which a `limit` shows the first. */
  totals: z.object({
    running: z.number().int(),
    ready: z.number().int(),
    review: z.number().int(),
    waiting: z.number().int(),
  }),
});
export type QueueView = z.infer<typeof QueueView>;

export const GraphView = z.object({
  tasks: z.array(TaskSummary.extend({ estimateMs: z.number(), onCriticalPath: z.boolean() })),
  edges: z.array(
    z.object({
      from: z.string(),
      to: TaskId,
      type: z.enum(['hard', 'soft', 'resource', 'ordering']),
      label: z.string(),
    }),
  ),
  criticalPathMs: z.number(),
});
export type GraphView = z.infer<typeof GraphView>;

export const LimitView = z.object({
  limit: z.string(),
  subject: z.string(),
  value: z.number(),
  max: z.number(),
  reached: z.boolean(),
  /** Times it was reached since the log began. */
  hits: z.number().int(),
  untilMs: z.number().nullable(),
});
export type LimitView = z.infer<typeof LimitView>;

export const StatusView = z.object({
  node: NodeId,
  version: z.string(),
  home: z.string(),
  pid: z.number().int().nullable(),
  /** Address of the page; null when the node is not running. */
  url: z.string().nullable(),
  running: z.boolean(),
  /** One word for a glance. `parked`: a limit or the engine itself stopped the work, and says why. */
  state: z.enum(['working', 'idle', 'parked', 'paused', 'stopped']),
  /** The sentence behind the state. */
  summary: z.string(),
  /** What a human has to do, most urgent first. */
  attention: z.array(z.string()),
  /** Questions to a human that nobody has answered. */
  approvals: z.number().int(),
  /** USD in the last 24 hours; null when nothing was paid in dollars. */
  spentTodayUsd: z.number().nullable(),
  confidence: z.number(),
  autonomy: Autonomy,
  counts: z.object({
    open: z.number(),
    waitingForAgent: z.number(),
    running: z.number(),
    review: z.number(),
    merged: z.number(),
    done: z.number(),
    failed: z.number(),
    rejected: z.number(),
    cancelled: z.number(),
  }),
  slots: z.object({
    agent: z.object({ used: z.number(), max: z.number() }),
    cheap: z.object({ used: z.number(), max: z.number() }),
  }),
  limits: z.array(LimitView),
  projects: z.array(
    z.object({
      id: ProjectId,
      path: z.string().nullable(),
      open: z.number(),
      merged: z.number(),
      trouble: z.string().nullable(),
    }),
  ),
  /** Position (`EventView.pos`) of the last event here: a stream goes on from it. */
  seq: z.number().int(),
});
export type StatusView = z.infer<typeof StatusView>;

/** What the log says of a node, and what it says it from. */
export const ProfileLine = z.object({
  kind: z.enum(['strength', 'weakness', 'reliability', 'duration']),
  text: z.string(),
  /** How many, and when: `9 of 10 attempts, 2026-11-01 to 2026-11-20`. */
  evidence: z.string(),
});
export type ProfileLine = z.infer<typeof ProfileLine>;

export const NodeView = z.object({
  id: NodeId,
  /** What people call the machine. */
  name: z.string(),
  /** The node that answers. */
  self: z.boolean(),
  up: z.boolean(),
  leads: z.boolean(),
  draining: z.boolean(),
  version: z.string(),
  fitness: Fitness,
  /** Null while nothing is known, as of a node that is away. */
  senses: Senses.nullable(),
  running: z.array(TaskId),
  slots: z.object({
    agent: z.object({ used: z.number().int(), max: z.number().int() }),
    cheap: z.object({ used: z.number().int(), max: z.number().int() }),
  }),
  capabilities: z.array(z.string()),
  profile: z.array(ProfileLine),
  /** What does not work there as it should, in sentences. */
  notes: z.array(z.string()),
});
export type NodeView = z.infer<typeof NodeView>;

export const ProjectView = Project.extend({
  /** The node that has the repository: there it is merged and promoted. */
  home: NodeId,
  baseline: Baseline.nullable(),
  integration: CommitId.nullable(),
  /** Commits on the integrated tree that `promote` would bring to the target branch. */
  ahead: z.number().int().nullable(),
  trouble: z.object({ reason: z.string(), help: z.string() }).nullable(),
  counts: z.object({ open: z.number(), merged: z.number(), failed: z.number() }),
});
export type ProjectView = z.infer<typeof ProjectView>;

export const EventView = z.object({
  node: NodeId,
  /** Its place in the log of that node. */
  seq: z.number().int(),
  /** (clock, node, seq) is the order of history, the same on every node. */
  clock: z.number().int(),
  /** Its place in the order of arrival on the node that was asked: what `after`, `before` and `at` take. */
  pos: z.number().int(),
  atMs: z.number(),
  hash: z.string(),
  type: z.string(),
  /** The event in one line. */
  text: z.string(),
  body: z.record(z.string(), Json).meta({ type: 'object' }),
});
export type EventView = z.infer<typeof EventView>;

export const ReviewView = z.object({
  task: TaskSummary,
  attempt: z.number().int(),
  why: z.string(),
  commit: CommitId.nullable(),
  verification: Verification.nullable(),
  /** Unified diff, cut at 200 kB; null without a commit, and until the commit has arrived here. */
  diff: z.string().nullable(),
});
export type ReviewView = z.infer<typeof ReviewView>;

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

export const DoctorView = z.object({
  ok: z.boolean(),
  checks: z.array(
    z.object({
      name: z.string(),
      verdict: z.enum(['ok', 'failed', 'unknown']),
      detail: z.string(),
      help: z.string().nullable(),
    }),
  ),
});
export type DoctorView = z.infer<typeof DoctorView>;

/** One task of a task file (`vigil task add -f FILE`): YAML or JSON, one task or a list under `tasks`. */
export const TaskInput = z.strictObject({
  /** Names the task within the file, for the dependencies of the others. */
  key: z
    .string()
    .regex(/^[a-zA-Z][\w-]*$/)
    .optional(),
  project: ProjectId.optional(),
  title: z.string().min(1).max(200),
  type: TaskType.default('command'),
  instructions: z.string().max(20_000).default(''),
  acceptance: z.array(z.string()).default([]),
  deliverables: z.array(z.string()).default([]),
  references: z.array(z.string()).default([]),
  scope: z.array(z.string()).default([]),
  minQuality: z.number().min(0).max(1).optional(),
  estimateMinutes: z
    .number()
    .positive()
    .max(24 * 60)
    .optional(),
  weight: z.number().min(-1000).max(1000).default(0),
  capabilities: z.array(z.string()).default([]),
  risk: RiskTier.default('low'),
  review: z.boolean().default(false),
  maxAttempts: z.number().int().min(1).max(100).optional(),
  dependencies: z
    .array(
      z.discriminatedUnion('type', [
        z.strictObject({
          type: z.literal('hard'),
          artifact: z.string().min(1),
          task: z.string().optional(),
        }),
        z.strictObject({
          type: z.literal('soft'),
          task: z.string(),
          timeoutMinutes: z.number().positive().default(120),
          fallback: z.string().min(1),
        }),
        z.strictObject({ type: z.literal('resource'), resource: z.string().min(1) }),
        z.strictObject({ type: z.literal('ordering'), task: z.string() }),
      ]),
    )
    .default([]),
  /** A shell command; without it the task is for a coding agent, or a milestone. */
  run: z.string().min(1).optional(),
  executor: Executor.optional(),
});
export type TaskInput = z.infer<typeof TaskInput>;

export const ApiError = z.object({
  error: z.object({ code: z.string(), message: z.string(), help: z.string() }),
});
export type ApiError = z.infer<typeof ApiError>;
