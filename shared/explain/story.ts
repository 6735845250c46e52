import type { Failure, Verification, DiffStat } from '../model/attempt.ts';
import type { Decision } from '../model/decision.ts';
import type { BodyOf, EventType, LoggedEvent } from '../model/events.ts';
import type { CommitId, NodeId, TaskId } from '../model/ids.ts';
import type { TaskSpec } from '../model/task.ts';

/** One attempt as its events tell it. */
export interface AttemptStory {
  readonly number: number;
  node: NodeId | null;
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
  for (const event of events) {
    const { body, atMs } = event;
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
        const attempt = attemptOf(story, body.attempt);
        attempt.node = body.node;
        attempt.startedAtMs = atMs;
        attempt.log = body.log;
        break;
      }
      case 'attempt.continued':
        attemptOf(story, body.attempt).continued = body;
        break;
      case 'agent.started':
        attemptOf(story, body.attempt).agents.push({ started: body, ended: null });
        break;
      case 'agent.ended': {
        const agent = attemptOf(story, body.attempt).agents.findLast(
          ({ started, ended }) => started.role === body.role && ended === null,
        );
        if (agent) agent.ended = body;
        break;
      }
      case 'context.built':
        attemptOf(story, body.attempt).context.push(body);
        break;
      case 'call.settled':
        if (body.attempt !== null) addCall(attemptOf(story, body.attempt).spend, body);
        break;
      case 'attempt.produced':
        attemptOf(story, body.attempt).diff = body.diff;
        break;
      case 'attempt.verified':
        attemptOf(story, body.attempt).verification = body.verification;
        break;
      case 'attempt.passed': {
        const attempt = attemptOf(story, body.attempt);
        attempt.passed = body;
        attempt.failure = null;
        attempt.durationMs = body.durationMs;
        break;
      }
      case 'attempt.failed': {
        const attempt = attemptOf(story, body.attempt);
        attempt.failure = body.failure;
        // It had passed and then could not be merged: the later word holds.
        attempt.passed = null;
        attempt.report = body.report;
        attempt.durationMs = body.durationMs;
        break;
      }
      case 'attempt.abandoned': {
        const attempt = attemptOf(story, body.attempt);
        attempt.failure ??= { class: 'infrastructure', reason: body.reason, interrupted: true };
        break;
      }
      case 'merge.done':
        attemptOf(story, body.attempt).merged = body.commit;
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

function attemptOf(story: TaskStory, number: number): AttemptStory {
  const known = story.attempts.find((attempt) => attempt.number === number);
  if (known) return known;
  const attempt: AttemptStory = {
    number,
    node: null,
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
  };
  story.attempts.push(attempt);
  return attempt;
}
