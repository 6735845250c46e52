import type { Failure, Verification, DiffStat } from '../model/attempt.ts';
import type { Decision } from '../model/decision.ts';
import type { BodyOf, EventType, LoggedEvent } from '../model/events.ts';
import type { CommitId, NodeId, TaskId } from '../model/ids.ts';
import type { TaskSpec } from '../model/task.ts';
import { duplicatesOf, mergedOf, type Effort, type Landed } from './duplicates.ts';

/** One attempt as its events tell it. */
export interface AttemptStory {
  readonly number: number;
  readonly node: NodeId;
  /** The order of history of its own end; null while it has none. */
  endClock: number | null;
  startedAtMs: number | null;
  durationMs: number | null;
  passed: BodyOf<'attempt.passed'> | null;
  failure: Failure | null;
  /** What the next attempt was told. */
  report: string | null;
  verification: Verification | null;
  diff: DiffStat | null;
  log: string | null;
  merged: CommitId | null;
  /** What it went on from; null where it began afresh. */
  continued: BodyOf<'attempt.continued'> | null;
  /** Its agents, one entry a role, in the order in which they began. */
  readonly agents: AgentStory[];
  /** What its agents were given. */
  readonly context: BodyOf<'context.built'>[];
  readonly spend: CallSum;
  /** The merged attempt, where this one did its work again. */
  duplicateOf: { readonly number: number; readonly node: NodeId } | null;
}

/** What the calls of an attempt came to. */
interface CallSum {
  calls: number;
  /** All tokens, also those read from a cache. */
  tokens: number;
  /** USD; null when a call was not paid in dollars or nobody knows. */
  costUsd: number | null;
}

/** One agent at work. */
interface AgentStory {
  readonly started: BodyOf<'agent.started'>;
  ended: BodyOf<'agent.ended'> | null;
}

/** One dispatch, with the decision that chose it where the log given holds it. */
export interface Round {
  readonly atMs: number;
  readonly body: BodyOf<'task.dispatched'>;
  readonly decision: Decision | null;
}

/** The events of a task, put in order by what they are about. */
export interface TaskStory {
  /** Null when the events hold neither its creation nor a retry. */
  spec: TaskSpec | null;
  readonly rounds: Round[];
  readonly attempts: AttemptStory[];
  cancelled: BodyOf<'task.cancelled'> | null;
  split: BodyOf<'task.split'> | null;
  failed: BodyOf<'task.failed'> | null;
  answer: BodyOf<'review.answered'> | null;
  /** Why predictions did not hold (D7). */
  readonly findings: string[];
  /** The events it was told from: those of the task and the decisions that selected it. */
  readonly events: LoggedEvent[];
}

/** An attempt makes dozens of these: their sum is what is told. */
const TOLD_IN_SUM: ReadonlySet<EventType> = new Set(['call.reserved', 'call.settled']);

/** Reads the story of a task out of a log, in log order; what is not about the task is passed over. */
export function storyOf(task: TaskId, events: readonly LoggedEvent[]): TaskStory {
  const story: TaskStory = {
    spec: null,
    rounds: [],
    attempts: [],
    cancelled: null,
    split: null,
    failed: null,
    answer: null,
    findings: [],
    events: [],
  };
  let decision: Decision | null = null;
  let landed: (Landed & { readonly commit: CommitId }) | null = null;
  for (const event of events) {
    const { body, atMs, node, clock } = event;
    const attemptOf = (number: number): AttemptStory => toldOf(story, number, node);
    if (body.type === 'decision.made') {
      if (!selects(body.decision, task)) continue;
      decision = body.decision;
      story.events.push(event);
      continue;
    }
    if (!('task' in body) || body.task !== task) continue;
    if (!TOLD_IN_SUM.has(body.type)) story.events.push(event);
    switch (body.type) {
      case 'task.added':
        story.spec = body.spec;
        break;
      case 'task.retried':
        story.spec ??= body.spec;
        story.failed = null;
        break;
      case 'task.dispatched':
        story.rounds.push({ atMs, body, decision });
        decision = null;
        break;
      case 'attempt.started': {
        const attempt = attemptBy(story, body.attempt, body.node);
        attempt.startedAtMs = atMs;
        attempt.log = body.log;
        break;
      }
      case 'attempt.continued':
        attemptOf(body.attempt).continued = body;
        break;
      case 'agent.started':
        attemptOf(body.attempt).agents.push({ started: body, ended: null });
        break;
      case 'agent.ended': {
        const agent = attemptOf(body.attempt).agents.findLast(
          ({ started, ended }) => started.role === body.role && ended === null,
        );
        if (agent) agent.ended = body;
        break;
      }
      case 'context.built':
        attemptOf(body.attempt).context.push(body);
        break;
      case 'call.settled':
        if (body.attempt !== null) addCall(attemptOf(body.attempt).spend, body);
        break;
      case 'attempt.produced':
        attemptOf(body.attempt).diff = body.diff;
        break;
      case 'attempt.verified':
        attemptOf(body.attempt).verification = body.verification;
        break;
      case 'attempt.passed': {
        const attempt = attemptOf(body.attempt);
        attempt.passed = body;
        attempt.failure = null;
        attempt.durationMs = body.durationMs;
        if (attempt.node === node) attempt.endClock = clock;
        break;
      }
      case 'attempt.failed': {
        const attempt = body.node
          ? attemptBy(story, body.attempt, body.node)
          : attemptOf(body.attempt);
        attempt.failure = body.failure;
        // It had passed and then could not be merged: the later word holds.
        attempt.passed = null;
        attempt.report = body.report;
        attempt.durationMs = body.durationMs;
        if (attempt.node === node) attempt.endClock = clock;
        break;
      }
      case 'attempt.abandoned': {
        const attempt = attemptBy(story, body.attempt, body.node);
        attempt.failure ??= { class: 'infrastructure', reason: body.reason, interrupted: true };
        break;
      }
      case 'merge.done':
        landed = { attempt: body.attempt, node: body.node, home: node, commit: body.commit };
        break;
      case 'task.split':
        story.split = body;
        break;
      case 'task.amended':
        story.spec = body.spec;
        break;
      case 'task.cancelled':
        story.cancelled = body;
        break;
      case 'task.failed':
        story.failed = body;
        break;
      case 'review.answered':
        story.answer = body;
        break;
      case 'prediction.checked':
        if (!body.held) story.findings.push(body.finding);
        break;
      case 'approval.asked':
      case 'approval.answered':
      case 'attempt.checkpointed':
      case 'budget.granted':
      case 'call.refused':
      case 'call.reserved':
      case 'spec.written':
      case 'task.linked':
      case 'attempt.overdue':
        // They are in the list of events; no section is told from them.
        break;
    }
  }
  if (landed) settle(story, landed);
  return story;
}

function selects(decision: Decision, task: TaskId): boolean {
  return decision.candidates.some(
    (candidate) =>
      candidate.selected && candidate.action.kind === 'dispatch' && candidate.action.task === task,
  );
}

function addCall(sum: CallSum, { usage, costUsd }: BodyOf<'call.settled'>): void {
  sum.calls += 1;
  if (usage !== null) sum.tokens += usage.input + usage.output + usage.cacheRead + usage.cacheWrite;
  sum.costUsd = sum.costUsd === null || costUsd === null ? null : sum.costUsd + costUsd;
}

/** The attempt of this number that a node speaks of: its own, or, where another node made it, the assigned one. */
function toldOf(story: TaskStory, number: number, writer: NodeId): AttemptStory {
  const numbered = story.attempts.filter((attempt) => attempt.number === number);
  const own = numbered.find(({ node }) => node === writer);
  if (own) return own;
  const assigned = story.rounds.findLast(({ body }) => body.assignment.attempt === number)?.body
    .assignment.node;
  const [first] = numbered;
  return (
    numbered.find(({ node }) => node === assigned) ??
    first ??
    attemptBy(story, number, assigned ?? writer)
  );
}

function attemptBy(story: TaskStory, number: number, node: NodeId): AttemptStory {
  const known = story.attempts.find(
    (attempt) => attempt.number === number && attempt.node === node,
  );
  if (known) return known;
  const attempt: AttemptStory = {
    number,
    node,
    endClock: null,
    startedAtMs: null,
    durationMs: null,
    passed: null,
    failure: null,
    report: null,
    verification: null,
    diff: null,
    log: null,
    merged: null,
    continued: null,
    agents: [],
    context: [],
    spend: { calls: 0, tokens: 0, costUsd: 0 },
    duplicateOf: null,
  };
  story.attempts.push(attempt);
  return attempt;
}

/** Says of the attempts which one merged, and which did the same work again. */
function settle(story: TaskStory, landed: Landed & { readonly commit: CommitId }): void {
  const efforts = story.attempts.map((attempt) => ({ ...effortOf(attempt), attempt }));
  const merged = mergedOf(efforts, landed);
  if (!merged) {
    attemptBy(story, landed.attempt, landed.node ?? landed.home).merged = landed.commit;
    return;
  }
  merged.attempt.merged = landed.commit;
  for (const { attempt } of duplicatesOf(efforts, merged))
    attempt.duplicateOf = { number: merged.number, node: merged.node };
}

function effortOf({ number, node, endClock, passed, failure, durationMs }: AttemptStory): Effort {
  const lost = failure?.interrupted === true && (durationMs ?? 0) > 0;
  const end: Effort['end'] = passed ? 'passed' : failure ? (lost ? 'lost' : 'failed') : null;
  return { number, node, endClock, end };
}
