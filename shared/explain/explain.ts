import type { ExplanationView } from '../model/explanationApi.ts';
import type { TaskSummary, WaitView } from '../model/taskApi.ts';
import type { PriorityTerms } from '../model/decision.ts';
import { VigilError } from '../model/errors.ts';
import type { LoggedEvent } from '../model/events.ts';
import type { TaskId } from '../model/ids.ts';
import { hasEnded } from '../model/registers.ts';
import type { Origin, TaskSpec } from '../model/task.ts';
import { describeEvent } from './describe.ts';
import { usd } from './describeAgents.ts';
import { describeAction } from './describeEngine.ts';
import { describeContinued, describeOrigin } from './describeTask.ts';
import { inline, shortCommit } from './format.ts';
import { estimateOf, headlineOf } from './headline.ts';
import { lessonOf } from './lesson.ts';
import { storyOf, type AttemptStory, type Round, type TaskStory } from './story.ts';

export interface ExplainInput {
  /** All events of the task and the decisions that selected it, in log order; others are passed over. */
  readonly events: readonly LoggedEvent[];
  readonly summary: TaskSummary;
  /** What keeps it from starting, most binding first. */
  readonly waits: readonly WaitView[];
  readonly related: {
    readonly unblocked: readonly TaskId[];
    readonly waitingForIt: readonly TaskId[];
  };
  /** Its merge has reached the target branch. */
  readonly promotedCommits: boolean;
  /** Its priority now, shown as long as no dispatch has recorded one. */
  readonly priority?: PriorityTerms | null;
  readonly nowMs: number;
}

/**
 * The story of a task in five sections (V2), from its events: where it comes from, why it ran where
 * it did or does not run, what its attempts did, how it ended, and what depended on it.
 * Throws `not-found` when the events hold neither the creation of the task nor a retry of it.
 */
export function explainTask(input: ExplainInput): ExplanationView {
  const { summary, nowMs } = input;
  const story = storyOf(summary.id, input.events);
  const spec = story.spec;
  if (!spec) {
    throw new VigilError(
      'not-found',
      `The log given holds no creation of ${summary.id}.`,
      'Run vigil doctor: a log without the beginning of a task is damaged.',
    );
  }
  const waits = hasEnded(summary.status) ? [] : [...input.waits];
  const last =
    story.attempts.find((attempt) => attempt.merged !== null) ??
    story.attempts.findLast((attempt) => attempt.durationMs !== null);
  return {
    task: summary,
    headline: headlineOf(story, summary, waits, nowMs),
    generation: generationOf(spec, story, input.priority ?? null),
    dispatch: { waits, rounds: story.rounds.map(roundOf) },
    execution: story.attempts.map((attempt) => ({
      attempt: attempt.number,
      node: attempt.node,
      duplicateOf: attempt.duplicateOf && {
        attempt: attempt.duplicateOf.number,
        node: attempt.duplicateOf.node,
      },
      startedAtMs: attempt.startedAtMs,
      durationMs: attempt.durationMs ?? runningMs(attempt, summary, nowMs),
      result: resultOf(attempt, summary),
      failure: attempt.failure
        ? { class: attempt.failure.class, reason: attempt.failure.reason }
        : null,
      verification: attempt.verification,
      diff: attempt.diff,
      log: attempt.log,
      ...agentsOf(attempt, story),
    })),
    outcome: {
      status: summary.status,
      durationMs: last?.durationMs ?? null,
      estimateMs: estimateOf(story),
      quality: summary.quality,
      commit: summary.commit,
      costUsd: costOf(story),
      lesson: lessonOf(story, summary),
    },
    impact: {
      unblocked: [...input.related.unblocked],
      waitingForIt: [...input.related.waitingForIt],
      promoted: input.promotedCommits,
    },
    toldBy: null,
    events: story.events.map((event) => ({
      node: event.node,
      seq: event.seq,
      pos: event.pos,
      atMs: event.atMs,
      type: event.body.type,
      text: describeEvent(event.body),
    })),
  };
}

function generationOf(
  spec: TaskSpec,
  story: TaskStory,
  priority: PriorityTerms | null,
): ExplanationView['generation'] {
  const { origin } = spec;
  return {
    source: describeOrigin(origin),
    trigger: triggerOf(origin),
    evidence: origin.kind === 'human' ? null : origin.evidence,
    atMs: spec.createdAtMs,
    priority: story.rounds[0]?.body.priority ?? priority,
    specificity: spec.scores.specificity,
    complexity: spec.scores.complexity,
  };
}

function triggerOf(origin: Origin): string {
  switch (origin.kind) {
    case 'human':
      return 'a person asked for it';
    case 'gap':
      return `generation cycle ${origin.cycle} found the gap`;
    case 'follow-up':
      return `a check warned of it when ${origin.of} merged`;
  }
}

function roundOf({ atMs, body, decision }: Round): ExplanationView['dispatch']['rounds'][number] {
  // The dispatch records what it was chosen over; an older log may only have it in the decision.
  const others =
    body.alternatives.length > 0 || !decision
      ? body.alternatives
      : decision.candidates.filter(
          ({ action }) =>
            action.kind !== 'dispatch' ||
            action.task !== body.task ||
            action.node !== body.assignment.node,
        );
  return {
    attempt: body.assignment.attempt,
    node: body.assignment.node,
    atMs,
    score: body.score,
    reason: body.reason,
    pSuccess: body.assignment.expected.pSuccess,
    priority: body.priority,
    alternatives: others.map(({ action, score, reason }) => ({
      text: describeAction(action),
      score,
      reason,
    })),
  };
}

/** Who worked on an attempt, with what, and what it cost. */
function agentsOf(
  attempt: AttemptStory,
  story: TaskStory,
): Pick<
  ExplanationView['execution'][number],
  'agents' | 'route' | 'context' | 'calls' | 'tokens' | 'costUsd'
> {
  const route = story.rounds.findLast(
    ({ body: { assignment } }) =>
      assignment.attempt === attempt.number && assignment.node === attempt.node,
  )?.body.assignment.route;
  return {
    agents: attempt.agents.map(({ started, ended }) => ({
      role: started.role,
      agent: started.choice.agent,
      model: started.choice.target.model,
      provider: started.choice.target.provider,
      outcome: ended?.outcome ?? null,
      toolCalls: ended?.toolCalls ?? null,
      denied: ended?.denied ?? [],
      durationMs: ended?.durationMs ?? null,
      transcript: started.transcript,
    })),
    route:
      [route?.reason, attempt.continued && `it ${describeContinued(attempt.continued)}`]
        .filter(Boolean)
        .join('; ') || null,
    context: attempt.context.flatMap(({ role, parts }) =>
      parts.map(({ kind, name, bytes }) => ({ role, kind, name, bytes })),
    ),
    calls: attempt.spend.calls,
    tokens: attempt.spend.tokens,
    costUsd: attempt.spend.calls === 0 ? null : attempt.spend.costUsd,
  };
}

/** What all calls for the task cost, USD; null when there were none or one has no price in dollars. */
function costOf({ attempts }: TaskStory): number | null {
  const called = attempts.filter(({ spend }) => spend.calls > 0);
  if (called.length === 0) return null;
  return called.reduce<number | null>(
    (sum, { spend }) => (sum === null || spend.costUsd === null ? null : sum + spend.costUsd),
    0,
  );
}

function resultOf(attempt: AttemptStory, summary: TaskSummary): string {
  if (attempt.merged) return `merged as ${shortCommit(attempt.merged)}`;
  if (attempt.duplicateOf) return duplicateText(attempt, attempt.duplicateOf);
  if (attempt.failure) {
    return `${attempt.failure.interrupted ? 'interrupted' : 'failed'}: ${inline(attempt.failure.reason)}`;
  }
  if (attempt.passed) {
    if (attempt.passed.commit === null) return 'passed, nothing to merge';
    if (summary.status === 'rejected') return 'passed, rejected by a person';
    return summary.status === 'review' ? 'passed, waits for a review' : 'passed';
  }
  // A task that was cancelled under it leaves an attempt without an end of its own.
  if (hasEnded(summary.status)) return 'stopped';
  return attempt.diff ? 'being checked' : 'running';
}

/** Work that was done twice, as two nodes that do not see each other may: whose merge landed, and what it came to. */
function duplicateText(
  { passed, spend }: AttemptStory,
  merged: NonNullable<AttemptStory['duplicateOf']>,
): string {
  const end = passed ? 'passed' : 'stopped';
  const costs =
    spend.calls === 0
      ? ''
      : `; it cost ${spend.costUsd === null ? `${spend.tokens} tokens` : usd(spend.costUsd)}`;
  return `${end}, a duplicate: attempt ${merged.number} of ${merged.node} is the one that merged${costs}`;
}

/** How long an attempt that has not ended has run; null for one that never will. */
function runningMs(attempt: AttemptStory, summary: TaskSummary, nowMs: number): number | null {
  if (attempt.startedAtMs === null || hasEnded(summary.status)) return null;
  return Math.max(0, nowMs - attempt.startedAtMs);
}
