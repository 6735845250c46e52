import type { DiffStat, Verification } from '../model/attempt.ts';
import type { BodyOf, EventBody } from '../model/events.ts';
import type { Dependency, Origin } from '../model/task.ts';
import type { AgentEvent } from './describeAgents.ts';
import { bytes, count, duration, inline, percent, score, shortCommit } from './format.ts';

export type TaskEvent = Exclude<Extract<EventBody, { task: unknown }>, AgentEvent>;

/** An event of one task in one plain line. */
export function describeTaskEvent(body: TaskEvent): string {
  switch (body.type) {
    case 'task.added':
      return `${body.task} added by ${describeOrigin(body.spec.origin)}: ${body.spec.title}`;
    case 'task.linked':
      return `${body.task} now also ${describeDependency(body.dependency)}`;
    case 'task.cancelled':
      return `${body.task} cancelled by ${body.who}${because(body.reason)}`;
    case 'task.retried':
      return `${body.task} given ${count(body.granted, 'more attempt')} by ${body.who}`;
    case 'task.amended':
      return `${body.task} said more precisely by ${body.by === 'model' ? 'a model' : body.by === 'healing' ? 'a diagnosis' : 'a person'}${because(body.reason)}`;
    case 'task.split':
      return `${body.task} split into ${body.into.join(', ')}${because(body.reason)}`;
    case 'attempt.checkpointed':
      return `${body.task} attempt ${body.attempt}: its work so far is safe as ${shortCommit(body.commit)}`;
    case 'attempt.continued':
      return `${body.task} attempt ${body.attempt} ${describeContinued(body)}`;
    case 'context.built':
      return `${body.task} attempt ${body.attempt}: the ${body.role} was given ${count(body.parts.filter((part) => part.bytes > 0).length, 'part')}, ${bytes(body.bytes)}`;
    case 'task.dispatched':
      return `${body.task} dispatched to ${body.assignment.node}, attempt ${body.assignment.attempt}, score ${score(body.score)}${because(body.reason)}`;
    case 'attempt.abandoned':
      return `attempt ${body.attempt} of ${body.task} on ${body.node} given up: ${inline(body.reason)}`;
    case 'attempt.started':
      return `${body.task} attempt ${body.attempt} started on ${body.node} (${body.executor}), ready after ${duration(body.prepareMs)}`;
    case 'attempt.overdue':
      return `${body.task} attempt ${body.attempt} is past its timeout of ${duration(body.timeoutMs)} after ${duration(body.runningMs)}, but makes progress and goes on`;
    case 'attempt.produced':
      return `${body.task} attempt ${body.attempt} produced ${shortCommit(body.commit)} in ${duration(body.durationMs)}: ${describeDiff(body.diff)}`;
    case 'attempt.verified':
      return `${body.task} attempt ${body.attempt} ${describeVerification(body.verification)}`;
    case 'attempt.passed':
      return `${body.task} attempt ${body.attempt} passed in ${duration(body.durationMs)}${quality(body.quality)}${body.needsReview === null ? '' : `, waits for a review: ${inline(body.needsReview)}`}`;
    case 'attempt.failed':
      return body.failure.interrupted
        ? `${body.task} attempt ${body.attempt} was interrupted after ${duration(body.durationMs)} and does not count: ${inline(body.failure.reason)}`
        : `${body.task} attempt ${body.attempt} failed after ${duration(body.durationMs)} (${body.failure.class}): ${inline(body.failure.reason)}`;
    case 'task.failed':
      return `${body.task} failed for good after ${count(body.attempts, 'attempt')} (${body.failure.class}): ${inline(body.failure.reason)}`;
    case 'review.answered':
      return `${body.task} attempt ${body.attempt} ${body.answer} by ${body.who}${because(body.reason)}`;
    case 'merge.done':
      return `${body.task} merged as ${shortCommit(body.commit)} on attempt ${body.attempt}${body.rebased ? ', moved onto what merged meanwhile' : ''}${body.recovered ? ', found in git after a restart' : ''}`;
    case 'prediction.checked':
      return `${body.task} attempt ${body.attempt}: expected ${percent(body.expected.pSuccess)} in ${duration(body.expected.durationMs)}, was ${body.actual.success ? 'success' : 'failure'} in ${duration(body.actual.durationMs)}; ${body.held ? 'the prediction held' : `the prediction failed: ${inline(body.finding)}`}; confidence ${score(body.confidence)}`;
  }
}

/** `goes on from 1a2b3c4, which attempt 1 left on n-7k2m9p`. */
export function describeContinued({
  commit,
  from,
}: Pick<BodyOf<'attempt.continued'>, 'commit' | 'from'>): string {
  return `goes on from ${shortCommit(commit)}, which attempt ${from.attempt} left on ${from.node}`;
}

/** Who or what a task comes from: `alex`, `the unused-file detector in cycle 3`. */
export function describeOrigin(origin: Origin): string {
  switch (origin.kind) {
    case 'human':
      return origin.who;
    case 'gap':
      return `the ${origin.detector} detector in cycle ${origin.cycle}`;
    case 'follow-up':
      return `a warning in ${origin.of}`;
  }
}

/** What a change touches: `2 files, +10 −3`. */
export function describeDiff(diff: DiffStat): string {
  return `${count(diff.files.length, 'file')}, +${diff.added} −${diff.removed}`;
}

function describeDependency(dependency: Dependency): string {
  switch (dependency.type) {
    case 'hard':
      return `needs ${dependency.artifact}${dependency.task ? ` from ${dependency.task}` : ''}`;
    case 'soft':
      return `waits for ${dependency.task}, for ${duration(dependency.timeoutMs)} at most`;
    case 'resource':
      return `needs the resource ${dependency.resource} for itself`;
    case 'ordering':
      return `runs after ${dependency.task}`;
  }
}

function describeVerification(verification: Verification): string {
  const bad = verification.checks.filter((check) => check.verdict !== 'passed');
  const verdict = verification.passed
    ? 'passed its checks'
    : `did not pass: ${bad.map((check) => `${check.name} ${check.verdict} (${inline(check.detail)})`).join('; ') || 'no check said why'}`;
  return `${verdict}; quality ${score(verification.quality)} of at least ${score(verification.threshold)}`;
}

function quality(value: number | null): string {
  return value === null ? '' : `, quality ${score(value)}`;
}

function because(reason: string): string {
  return reason.trim() === '' ? '' : `: ${inline(reason)}`;
}
