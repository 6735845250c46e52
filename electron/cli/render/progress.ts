import { count, duration, shortCommit } from '../../../shared/explain/format.ts';
import type { EventView } from '../../../shared/model/eventApi.ts';
import { EventBody } from '../../../shared/model/events.ts';
import type { ProjectId, TaskId } from '../../../shared/model/ids.ts';
import type { TestReport } from '../../../shared/model/project.ts';
import { baselineText } from './baseline.ts';
import type { Look } from './look.ts';
import { clean, cut } from './text.ts';

/** So many titles are kept, the newest: not every end of a task is heard here. */
const KEPT_TITLES = 10_000;

/** What `vigil up` knows of the work while it watches it, from the events that it has seen. */
export class Progress {
  /** Of tasks that have not ended, as far as was heard. */
  readonly titles = new Map<TaskId, string>();
  /** Attempts under way, by task: when they began and what they do. */
  readonly running = new Map<TaskId, { readonly sinceMs: number; readonly doing: string }>();
  /** Work that is no task: a scan, a baseline. Null when there is none. */
  chore: { readonly sinceMs: number; readonly doing: string } | null = null;
  /** What each project's tests said last: said again only when it changes. */
  readonly tests = new Map<ProjectId, string>();
  /** What the last audit found wrong; said again only when it changes. */
  audit = '';

  know(task: TaskId, title: string): void {
    this.titles.set(task, title);
    if (this.titles.size <= KEPT_TITLES) return;
    const [oldest] = this.titles.keys();
    if (oldest !== undefined) this.titles.delete(oldest);
  }

  ended(task: TaskId): void {
    this.titles.delete(task);
    this.running.delete(task);
  }
}

/** The event with its typed body; null for a type that this version does not know. */
function bodyOf(event: EventView): EventBody | null {
  const body = EventBody.safeParse({ ...event.body, type: event.type });
  return body.success ? body.data : null;
}

function auditText({ failures }: Extract<EventBody, { type: 'audit.finished' }>): string {
  return failures.map((failure) => failure.detail).join('; ');
}

/** Two runs that say the same failed in the same tests; how many tests there are may differ. */
function sayingOf({ outcome, failing }: TestReport): string {
  return [outcome, ...[...failing].sort()].join('\n');
}

/** Takes one event in; returns the line that a person should see, if any. */
export function follow(progress: Progress, event: EventView, look: Look): string | null {
  const body = bodyOf(event);
  if (body === null) return null;
  const line = lineOf(progress, body, look);
  fold(progress, body, event);
  return line;
}

function fold(progress: Progress, body: EventBody, { node, atMs }: EventView): void {
  const { running } = progress;
  switch (body.type) {
    case 'task.added':
    case 'task.retried':
      progress.know(body.task, body.spec.title);
      break;
    case 'task.dispatched':
      // Another node says itself when it starts.
      if (body.assignment.node === node)
        running.set(body.task, { sinceMs: atMs, doing: 'preparing' });
      break;
    case 'attempt.started':
      running.set(body.task, { sinceMs: atMs, doing: 'working' });
      break;
    case 'attempt.produced':
      goesOn(body.task, 'verifying');
      break;
    case 'attempt.passed':
      if (body.needsReview !== null) running.delete(body.task);
      else if (body.commit === null) progress.ended(body.task);
      else goesOn(body.task, 'merging');
      break;
    case 'attempt.failed':
    case 'attempt.abandoned':
      running.delete(body.task);
      break;
    case 'merge.done':
    case 'task.failed':
    case 'task.cancelled':
      progress.ended(body.task);
      break;
    case 'audit.finished':
      progress.audit = auditText(body);
      break;
    case 'baseline.recorded':
      progress.tests.set(body.project, sayingOf(body.baseline.tests));
      break;
    case 'project.added':
      progress.chore = { sinceMs: atMs, doing: `looking at ${body.project}` };
      break;
    case 'cycle.started':
      progress.chore = { sinceMs: atMs, doing: `looking for work in ${body.project}` };
      break;
    case 'cycle.finished':
    case 'project.troubled':
      progress.chore = null;
      break;
    default:
  }

  function goesOn(task: TaskId, doing: string): void {
    running.set(task, { sinceMs: running.get(task)?.sinceMs ?? atMs, doing });
  }
}

function lineOf(progress: Progress, body: EventBody, look: Look): string | null {
  const { green, red, yellow, cyan, dim } = look.colours;
  const line = (mark: string, text: string) =>
    cut(`${mark} ${clean(text)}`, look.width).replace(mark, paintOf(mark));
  const paintOf = (mark: string) =>
    mark === '✓'
      ? green(mark)
      : mark === '✗'
        ? red(mark)
        : mark === '!'
          ? yellow(mark)
          : mark === '+'
            ? cyan(mark)
            : dim(mark);
  const named = (task: TaskId) => `${task} ${progress.titles.get(task) ?? ''}`.trimEnd();
  switch (body.type) {
    case 'project.added':
      return [
        line('·', `watching ${body.project} (${body.definition.path ?? 'on another node'})`),
        ...body.definition.profile.notes.map((note) => line('·', `${body.project}: ${note}`)),
      ].join('\n');
    case 'project.troubled':
      return line('!', `${body.project}: ${body.reason} ${body.help}`);
    case 'project.recovered':
      return line('✓', `${body.project} can be worked on again`);
    case 'baseline.recorded': {
      const { tests } = body.baseline;
      const before = progress.tests.get(body.project);
      if (before === sayingOf(tests)) return null;
      const text = baselineText(tests);
      if (before !== undefined) return line('·', `${body.project}: now ${text}`);
      const rule = tests.outcome === 'failed' ? '; only new failures count' : '';
      return line('·', `${body.project}: as it is, ${text}${rule} (${duration(tests.durationMs)})`);
    }
    case 'cycle.finished':
      return [
        line(
          '·',
          `${body.project}: found ${count(body.found, 'gap')}, ${count(body.proposed.length, 'new task')} (${duration(body.durationMs)})`,
        ),
        ...body.troubles.map((trouble) =>
          line('!', `${body.project}: not all could be looked at: ${trouble}`),
        ),
      ].join('\n');
    case 'task.added':
      return line('+', `${body.task} ${body.spec.title}`);
    case 'task.refused':
      return line('!', `refused “${body.title}”: ${body.reason}`);
    case 'task.cancelled':
      return line('·', `${named(body.task)} is cancelled: ${body.reason}`);
    case 'attempt.started':
      // A terminal shows this in its updating line; a pipe has none.
      return look.width === Infinity
        ? line('·', `${named(body.task)} started, attempt ${body.attempt}`)
        : null;
    case 'attempt.overdue':
      return line('!', `${named(body.task)} is past its time but makes progress, so it goes on`);
    case 'attempt.passed':
      if (body.needsReview !== null)
        return line('!', `${named(body.task)} waits for your review: ${body.needsReview}`);
      return body.commit === null
        ? line('✓', `${named(body.task)} is done (${duration(body.durationMs)})`)
        : null;
    case 'attempt.failed':
      return line('✗', `${named(body.task)}, attempt ${body.attempt}: ${body.failure.reason}`);
    case 'task.failed':
      return line(
        '✗',
        `${named(body.task)} failed for good (${body.failure.class}): ${body.failure.reason}`,
      );
    case 'merge.done':
      return line('✓', `${named(body.task)} is merged as ${shortCommit(body.commit)}`);
    case 'integration.promoted':
      return line('✓', `${body.branch} of ${body.project} is now at ${shortCommit(body.to)}`);
    case 'limit.reached':
      return line(
        '!',
        `limit ${body.limit} of ${body.subject} is reached: ${body.value} of ${body.max}`,
      );
    case 'builds.paused':
      return line(
        '!',
        `paused by ${body.by === 'human' ? body.who : 'the engine'}: ${body.reason}`,
      );
    case 'builds.resumed':
      return line(
        '·',
        `resumed by ${body.by === 'human' ? body.who : 'the engine'}: ${body.reason}`,
      );
    case 'audit.finished':
      if (auditText(body) === progress.audit) return null;
      return body.failures.length === 0
        ? line('✓', 'audit: all is well again')
        : line('!', `audit: ${auditText(body)}`);
    default:
      return null;
  }
}

/** The updating line: what is under way now, and for how long. Null when nothing is. */
export function renderProgress(progress: Progress, look: Look): string | null {
  const work = [...progress.running].map(
    ([task, { sinceMs, doing }]) =>
      `${doing} on ${task} ${clean(progress.titles.get(task) ?? '')} ${duration(seconds(look.nowMs - sinceMs))}`,
  );
  const chore =
    progress.chore === null
      ? []
      : [`${progress.chore.doing} ${duration(seconds(look.nowMs - progress.chore.sinceMs))}`];
  const all = [...work, ...chore];
  return all.length === 0 ? null : `  ${all.join(' · ')}`;
}

/** Whole seconds, so that the line changes once a second and not more. */
function seconds(ms: number): number {
  const SECOND = 1000;
  return Math.max(SECOND, Math.floor(ms / SECOND) * SECOND);
}
