import { z } from 'zod';
import { Adaptation } from './adaptation.ts';
import {
  AgentChoice,
  AgentRole,
  AgentState,
  Billing,
  ModelTarget,
  ProviderConfig,
  ProviderId,
  SpendCategory,
  TokenUsage,
} from './agent.ts';
import { ApprovalSubject } from './approval.ts';
import { Budget, CapReached } from './budget.ts';
import { Assignment, Attempt, DiffStat, Failure, Verification } from './attempt.ts';
import { DeviceId } from './device.ts';
import { Decision, Action, PriorityTerms } from './decision.ts';
import { ApprovalId, CommitId, NodeId, ProjectId, TaskId } from './ids.ts';
import { Baseline, Project, ProjectProfile } from './project.ts';
import { Dependency, Origin, TaskSpec } from './task.ts';
import { Concurrency, Limits } from './config.ts';
import { NoticeChannel, NoticeId, NoticeLevel } from './notice.ts';
import { Fitness } from './senses.ts';

const task = TaskId;
const project = ProjectId;
const attempt = z.number().int().positive();

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

/** One agent at work in one role of an attempt. */
const agentRun = { task, project, attempt, role: AgentRole, choice: AgentChoice };

/** What is wrong, or right again, with the log of a node. */
const logTrouble = {
  node: NodeId,
  seq: z.number().int().nonnegative(),
  what: z.string(),
  from: NodeId.nullable(),
};

/** Everything that can happen. What a view, a metric or an explanation shows is a fold over these. */
export const EventBody = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('node.started'),
    node: NodeId,
    version: z.string(),
    concurrency: Concurrency,
    capabilities: z.array(z.string()),
    limits: Limits,
  }),
  z.strictObject({ type: z.literal('node.stopped'), node: NodeId, reason: z.string() }),
  /** This node founded a mesh or joined one. Its numbers lie above the floor, in the blocks of its slot. */
  z.strictObject({
    type: z.literal('mesh.entered'),
    name: z.string(),
    slot: z.number().int().min(0).max(63),
    floor: z.number().int().nonnegative(),
    /** Who invited it; null for the founder. */
    inviter: NodeId.nullable(),
  }),
  z.strictObject({
    type: z.literal('mesh.left'),
    reason: z.string(),
    /** Other nodes put it out; absent when it left by itself. */
    revoked: z.literal(true).optional(),
  }),
  /** What this node knows of another, recorded when something changes that decisions look at. */
  z.strictObject({
    type: z.literal('peer.changed'),
    peer: NodeId,
    name: z.string(),
    version: z.string(),
    concurrency: Concurrency,
    capabilities: z.array(z.string()),
    fitness: Fitness.nullable(),
    draining: z.boolean(),
    /** Agents that are ready there, each with a model that it can call. */
    choices: z.array(AgentChoice),
  }),
  z.strictObject({ type: z.literal('peer.lost'), peer: NodeId, reason: z.string() }),
  /** A node belongs to the mesh from here on, by this node's word or another's. */
  z.strictObject({
    type: z.literal('member.admitted'),
    peer: NodeId,
    name: z.string(),
    device: DeviceId,
    slot: z.number().int().min(0).max(63).nullable(),
  }),
  /** A node is out for good: by itself, or by these. Its log counts up to `cut`. */
  z.strictObject({
    type: z.literal('member.revoked'),
    peer: NodeId,
    name: z.string(),
    cut: z.number().int().nonnegative(),
    by: z.array(NodeId),
  }),
  z.strictObject({ type: z.literal('link.opened'), peer: NodeId, address: z.string() }),
  z.strictObject({ type: z.literal('link.closed'), peer: NodeId, reason: z.string() }),
  /** Somebody without a member's key was turned away at the mesh's port, so often since the last such event. */
  z.strictObject({
    type: z.literal('stranger.refused'),
    address: z.string(),
    reason: z.string(),
    count: z.number().int().positive(),
  }),
  /** A second machine uses the key of this node: one home was copied. */
  z.strictObject({ type: z.literal('peer.doubled'), peer: NodeId, address: z.string() }),
  /** Events of a log are not as their writer signed them; `from` null: in the copy on this node. */
  z.strictObject({ type: z.literal('log.broken'), ...logTrouble }),
  /** Its writer signed two histories: nothing more of it is taken. */
  z.strictObject({ type: z.literal('log.forked'), ...logTrouble }),
  z.strictObject({ type: z.literal('log.repaired'), ...logTrouble }),
  /** A peer has more of this node's own log than the node, as after the restore of a backup. */
  z.strictObject({ type: z.literal('log.behind'), ...logTrouble }),
  /** Something in the document that no node should have written was passed over. */
  z.strictObject({ type: z.literal('register.refused'), peer: NodeId, reason: z.string() }),
  /** Two versions can't understand each other; null for a node that is no member yet. */
  z.strictObject({
    type: z.literal('peer.incompatible'),
    peer: NodeId.nullable(),
    reason: z.string(),
    help: z.string(),
  }),
  /** Whom this node takes for the leader now; null while it can't tell. */
  z.strictObject({
    type: z.literal('leader.changed'),
    leader: NodeId.nullable(),
    term: z.number().int().nonnegative(),
    reason: z.string(),
  }),
  /** What the node may take has changed; each sample is not worth an event. */
  z.strictObject({
    type: z.literal('node.sensed'),
    node: NodeId,
    fitness: Fitness,
    /** What it felt, in words. */
    senses: z.string(),
  }),
  /** A human told it to take nothing new, or to take work again. */
  z.strictObject({
    type: z.literal('node.drained'),
    node: NodeId,
    who: z.string(),
    drain: z.boolean(),
  }),
  /** Labels that the node found to be true of itself, beside those that its user declared. */
  z.strictObject({
    type: z.literal('capabilities.found'),
    node: NodeId,
    capabilities: z.array(z.string()),
  }),

  z.strictObject({
    type: z.literal('project.added'),
    project,
    definition: Project,
    /** Highest task number found in the repository's history: new ids start above it. */
    taskFloor: z.number().int().nonnegative(),
  }),
  z.strictObject({
    type: z.literal('project.profiled'),
    project,
    profile: ProjectProfile,
    target: z.string(),
    /** Absent: as it was. */
    remote: z.string().nullable().optional(),
  }),
  z.strictObject({ type: z.literal('project.removed'), project }),
  z.strictObject({
    type: z.literal('project.troubled'),
    project,
    reason: z.string(),
    help: z.string(),
  }),
  z.strictObject({ type: z.literal('project.recovered'), project }),
  z.strictObject({ type: z.literal('baseline.recorded'), project, baseline: Baseline }),
  z.strictObject({
    type: z.literal('artifact.observed'),
    project,
    artifact: z.string(),
    exists: z.boolean(),
    commit: CommitId,
  }),
  /** The integrated tree took over what the user committed to the target branch. */
  z.strictObject({
    type: z.literal('integration.synced'),
    project,
    commit: CommitId,
    target: CommitId,
  }),
  z.strictObject({
    type: z.literal('integration.promoted'),
    project,
    branch: z.string(),
    from: CommitId,
    to: CommitId,
    who: z.string(),
  }),

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

  z.strictObject({
    type: z.literal('agents.found'),
    node: NodeId,
    agents: z.array(AgentState),
  }),
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

  /** Something that a human has to allow (O1). Unanswered means no. */
  z.strictObject({
    type: z.literal('approval.asked'),
    approval: ApprovalId,
    task: TaskId.nullable(),
    project: ProjectId.nullable(),
    subject: ApprovalSubject,
    reason: z.string(),
  }),
  z.strictObject({
    type: z.literal('approval.answered'),
    approval: ApprovalId,
    task: TaskId.nullable(),
    project: ProjectId.nullable(),
    answer: z.enum(['approved', 'denied']),
    who: z.string(),
    reason: z.string(),
  }),

  /** The local API did not answer: another site's page, a foreign name, no token. Told of at most hourly. */
  z.strictObject({
    type: z.literal('request.refused'),
    reason: z.enum(['host', 'origin', 'token']),
    /** As it was sent, cut. */
    host: z.string(),
    origin: z.string(),
    count: z.number().int().min(1),
  }),

  /** A human was told; what waits for them is told again after a while. */
  z.strictObject({
    type: z.literal('notice.shown'),
    notice: NoticeId,
    level: NoticeLevel,
    title: z.string(),
    channel: NoticeChannel,
  }),
  /** A channel did not take it; `next` says in words what is tried now. */
  z.strictObject({
    type: z.literal('notice.failed'),
    notice: NoticeId,
    level: NoticeLevel,
    title: z.string(),
    channel: NoticeChannel,
    reason: z.string(),
    next: z.string(),
  }),
  /** A human has read news, on whichever machine. */
  z.strictObject({ type: z.literal('notice.dismissed'), notice: NoticeId, who: z.string() }),

  /** A model was asked to make a spec of a gap, a roadmap item or a vague task. */
  z.strictObject({
    type: z.literal('spec.written'),
    project,
    task: TaskId.nullable(),
    subject: z.string(),
    effort: z.enum(['minimal', 'standard', 'detailed']),
    asked: z.number().int().nonnegative(),
    /** Why the spec is the plain one nevertheless; null when the model's was taken. */
    trouble: z.string().nullable(),
  }),

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
    type: z.literal('cycle.started'),
    project,
    cycle: z.number().int(),
    trigger: z.string(),
  }),
  z.strictObject({
    type: z.literal('cycle.finished'),
    project,
    cycle: z.number().int(),
    commit: CommitId,
    found: z.number().int(),
    proposed: z.array(TaskId),
    dropped: z.array(z.strictObject({ fingerprint: z.string(), reason: z.string() })),
    /** Gaps that were open before and that this scan no longer sees. */
    closed: z.array(z.string()),
    troubles: z.array(z.string()),
    durationMs: z.number(),
  }),
  z.strictObject({
    type: z.literal('audit.finished'),
    project: ProjectId.nullable(),
    failures: z.array(z.strictObject({ check: z.string(), detail: z.string(), help: z.string() })),
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

  /** What a newer version wrote on another node, as this one reads it. It is kept and passed on as it is; nobody records it. */
  z.strictObject({
    type: z.literal('unknown'),
    /** The type that it has there. */
    name: z.string(),
    json: z.string(),
  }),
]);
export type EventBody = z.infer<typeof EventBody>;
export type EventType = EventBody['type'];
export type BodyOf<T extends EventType> = Extract<EventBody, { type: T }>;

/** An event in a node's log: `hash` covers everything before it through `prev` (safety rule 6). */
export interface LoggedEvent {
  readonly node: NodeId;
  /** 1, 2, 3 … without gaps within one node's log. */
  readonly seq: number;
  /**
   * Lamport clock: greater than that of every event its writer had seen. (clock, node, seq) is the order of
   * history, the same on every node.
   */
  readonly clock: number;
  /** Order of arrival among the events of all nodes *here*: the cursor of local streams, folds and snapshots. Of a lone node it is the seq. */
  readonly pos: number;
  /** Wall clock of the node, for people; nothing is ordered by it. */
  readonly atMs: number;
  readonly prev: string;
  readonly hash: string;
  readonly body: EventBody;
}

/** The task that an event belongs to, if any. */
export function taskOf(body: EventBody): TaskId | null {
  return 'task' in body ? body.task : null;
}

/** The project that an event belongs to, if any. */
export function projectOf(body: EventBody): ProjectId | null {
  return 'project' in body ? body.project : null;
}
