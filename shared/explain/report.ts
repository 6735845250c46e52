import type { LimitView } from '../model/statusApi.ts';
import type { FailureClass } from '../model/attempt.ts';
import type { BodyOf, EventBody, LoggedEvent } from '../model/events.ts';
import type { NodeId, TaskId } from '../model/ids.ts';
import type { TaskType } from '../model/task.ts';
import { NO_DURATIONS, observeDuration, type Durations } from '../learn/durations.ts';
import { newHistogram, record, type Histogram } from './histogram.ts';
import { isHumanAct } from './humanActs.ts';
import { emptyAgents, foldAgents, type AgentTally } from './reportAgents.ts';
import { foldDuplicates, type DuplicateTally } from './reportDuplicates.ts';
import { callSettled, costMerged, emptyCost, type CostTally } from './reportCost.ts';

interface TypeTally {
  merged: number;
  failed: number;
  qualities: number;
  qualitySum: number;
}

interface RunningAttempt {
  readonly attempt: number;
  readonly node: NodeId;
  readonly startedAtMs: number;
}

/**
 * What a report counts. It is updated in place, because a report is folded over up to millions of
 * events; nothing else may hold it.
 */
export interface ReportState {
  readonly sinceMs: number;
  /** Types of the tasks that were added in the window and have not ended. */
  readonly types: Map<TaskId, TaskType>;
  readonly byType: Map<TaskType, TypeTally>;
  readonly failures: Map<FailureClass, number>;
  readonly limits: Map<string, LimitView>;
  /** Attempts that run now; two nodes that are cut off from each other may both be at one task. */
  readonly running: Map<TaskId, readonly RunningAttempt[]>;
  /** Tasks whose attempts so far were all interrupted: their next one is still their first. */
  readonly interruptedFirst: Set<TaskId>;
  /** Attempts that passed and are not merged yet; `first`: counted as a first success. */
  readonly unmerged: Map<TaskId, { attempt: number; first: boolean }>;
  readonly latenciesUs: Histogram;
  readonly cost: CostTally;
  readonly agents: AgentTally;
  readonly duplicates: DuplicateTally;
  durations: Durations;
  generated: number;
  merged: number;
  done: number;
  failed: number;
  rejected: number;
  attempts: number;
  firstAttempts: number;
  firstSuccesses: number;
  qualities: number;
  qualitySum: number;
  busyMs: number;
  interventions: number;
  /** First and last moment of work since a human last acted. */
  streak: { fromMs: number; toMs: number } | null;
  longestStreakMs: number;
}

export function emptyReport(sinceMs: number): ReportState {
  return {
    sinceMs,
    types: new Map(),
    byType: new Map(),
    failures: new Map(),
    limits: new Map(),
    running: new Map(),
    interruptedFirst: new Set(),
    unmerged: new Map(),
    latenciesUs: newHistogram(),
    cost: emptyCost(),
    agents: emptyAgents(),
    duplicates: new Map(),
    durations: NO_DURATIONS,
    generated: 0,
    merged: 0,
    done: 0,
    failed: 0,
    rejected: 0,
    attempts: 0,
    firstAttempts: 0,
    firstSuccesses: 0,
    qualities: 0,
    qualitySum: 0,
    busyMs: 0,
    interventions: 0,
    streak: null,
    longestStreakMs: 0,
  };
}

/**
 * Takes an event of the window into the report, and returns the same state. `typeOf` knows the type
 * of a task that was added before the window; without an answer it counts in the totals only.
 */
export function foldReport(
  state: ReportState,
  event: LoggedEvent,
  typeOf: (task: TaskId) => TaskType | null = () => null,
): ReportState {
  const { body, atMs } = event;
  if (isHumanAct(body)) {
    state.interventions += 1;
    endStreak(state);
  } else if (isWork(body)) {
    state.streak = { fromMs: state.streak?.fromMs ?? atMs, toMs: atMs };
  }
  foldAgents(state.agents, body);
  foldDuplicates(state.duplicates, event);
  switch (body.type) {
    case 'task.added':
    case 'task.retried':
      if (body.type === 'task.added' && body.spec.origin.kind !== 'human') state.generated += 1;
      state.types.set(body.task, body.spec.type);
      break;
    case 'attempt.started':
      state.running.set(body.task, [
        ...(state.running.get(body.task) ?? []),
        { attempt: body.attempt, node: body.node, startedAtMs: atMs },
      ]);
      break;
    case 'attempt.passed':
      passed(state, body, event, typeOf);
      break;
    case 'attempt.failed':
      attemptFailed(state, body, event);
      break;
    case 'merge.done': {
      state.merged += 1;
      costMerged(state.cost, body.task);
      const tally = tallyOf(state, body.task, typeOf);
      if (tally) tally.merged += 1;
      taskEnded(state, body.task);
      break;
    }
    case 'task.failed': {
      state.failed += 1;
      const tally = tallyOf(state, body.task, typeOf);
      if (tally) tally.failed += 1;
      taskEnded(state, body.task);
      break;
    }
    case 'review.answered':
      if (body.answer === 'rejected') {
        state.rejected += 1;
        taskEnded(state, body.task);
      }
      break;
    case 'task.cancelled':
      cancelled(state, body.task, atMs);
      taskEnded(state, body.task);
      break;
    case 'call.settled':
      callSettled(state.cost, body);
      break;
    case 'decision.made':
      record(state.latenciesUs, body.decision.latencyUs);
      break;
    case 'limit.reached': {
      const { limit, subject, value, max, untilMs } = body;
      const hits = (state.limits.get(`${limit} ${subject}`)?.hits ?? 0) + 1;
      state.limits.set(`${limit} ${subject}`, {
        limit,
        subject,
        value,
        max,
        reached: true,
        hits,
        untilMs,
      });
      break;
    }
    case 'limit.cleared': {
      const known = state.limits.get(`${body.limit} ${body.subject}`);
      if (known)
        state.limits.set(`${body.limit} ${body.subject}`, {
          ...known,
          reached: false,
          untilMs: null,
        });
      break;
    }
    default:
      break;
  }
  return state;
}

function passed(
  state: ReportState,
  body: BodyOf<'attempt.passed'>,
  event: LoggedEvent,
  typeOf: (task: TaskId) => TaskType | null,
): void {
  const node = attemptEnded(state, body, event);
  const first = firstAttempt(state, body.task, body.attempt, true);
  if (body.commit !== null) state.unmerged.set(body.task, { attempt: body.attempt, first });
  const type = state.types.get(body.task) ?? typeOf(body.task);
  const tally = tallyOf(state, body.task, typeOf);
  if (type)
    state.durations = observeDuration(state.durations, { type, node, durationMs: body.durationMs });
  if (body.quality !== null) {
    state.qualities += 1;
    state.qualitySum += body.quality;
    if (tally) {
      tally.qualities += 1;
      tally.qualitySum += body.quality;
    }
  }
  if (body.commit === null) {
    state.done += 1;
    taskEnded(state, body.task);
  }
}

function attemptFailed(
  state: ReportState,
  body: BodyOf<'attempt.failed'>,
  event: LoggedEvent,
): void {
  const passedBefore = state.unmerged.get(body.task);
  state.unmerged.delete(body.task);
  const { interrupted } = body.failure;
  if (passedBefore?.attempt === body.attempt) {
    // It passed and then could not be merged: one attempt, and no success after all.
    if (passedBefore.first) state.firstSuccesses -= 1;
  } else {
    attemptEnded(state, body, event);
    if (!interrupted) firstAttempt(state, body.task, body.attempt, false);
    else if (body.attempt === 1) state.interruptedFirst.add(body.task);
  }
  if (interrupted) return;
  state.failures.set(body.failure.class, (state.failures.get(body.failure.class) ?? 0) + 1);
}

/** Counts the end of a task's first attempt, and says whether it was that. */
function firstAttempt(
  state: ReportState,
  task: TaskId,
  attempt: number,
  success: boolean,
): boolean {
  if (attempt !== 1 && !state.interruptedFirst.delete(task)) return false;
  state.firstAttempts += 1;
  if (success) state.firstSuccesses += 1;
  return true;
}

/** Books the busy time of an attempt, if it was running, and says where it ran. */
function attemptEnded(
  state: ReportState,
  { task, attempt, durationMs }: BodyOf<'attempt.passed'> | BodyOf<'attempt.failed'>,
  { atMs, node }: Pick<LoggedEvent, 'atMs' | 'node'>,
): NodeId | null {
  const running = state.running.get(task) ?? [];
  const numbered = running.filter((each) => each.attempt === attempt);
  const ended = numbered.find((each) => each.node === node) ?? numbered[0];
  state.attempts += 1;
  // An interrupted attempt is closed at the restart: the node's downtime was not work.
  book(state, ended, durationMs, atMs);
  keep(
    state,
    task,
    running.filter((each) => each !== ended),
  );
  return ended?.node ?? null;
}

/** What still runs of a cancelled task is stopped, and counts as no attempt. */
function cancelled(state: ReportState, task: TaskId, atMs: number): void {
  for (const each of state.running.get(task) ?? []) book(state, each, Infinity, atMs);
  state.running.delete(task);
}

function book(
  state: ReportState,
  ended: RunningAttempt | undefined,
  atMostMs: number,
  atMs: number,
): void {
  const fromMs = Math.max(ended?.startedAtMs ?? 0, state.sinceMs);
  state.busyMs += Math.max(0, Math.min(atMostMs, atMs - fromMs));
}

function keep(state: ReportState, task: TaskId, running: readonly RunningAttempt[]): void {
  if (running.length > 0) state.running.set(task, running);
  else state.running.delete(task);
}

function taskEnded(state: ReportState, task: TaskId): void {
  state.types.delete(task);
  state.interruptedFirst.delete(task);
  state.unmerged.delete(task);
}

function tallyOf(
  state: ReportState,
  task: TaskId,
  typeOf: (task: TaskId) => TaskType | null,
): TypeTally | null {
  const type = state.types.get(task) ?? typeOf(task);
  if (!type) return null;
  const known = state.byType.get(type);
  if (known) return known;
  const tally: TypeTally = { merged: 0, failed: 0, qualities: 0, qualitySum: 0 };
  state.byType.set(type, tally);
  return tally;
}

function isWork(body: EventBody): boolean {
  return (
    body.type.startsWith('attempt.') || body.type.startsWith('cycle.') || body.type === 'merge.done'
  );
}

function endStreak(state: ReportState): void {
  if (state.streak)
    state.longestStreakMs = Math.max(
      state.longestStreakMs,
      state.streak.toMs - state.streak.fromMs,
    );
  state.streak = null;
}
