import { count, duration, shortCommit } from '../../../shared/explain/format.ts';
import type { EventView } from '../../../shared/model/api.ts';
import { EventBody } from '../../../shared/model/events.ts';
import type { ProjectId, TaskId } from '../../../shared/model/ids.ts';
import type { TestReport } from '../../../shared/model/project.ts';
import { baselineText } from './baseline.ts';
import type { Look } from './look.ts';
import { clean, cut } from './text.ts';

/** What `vigil up` knows of the work while it watches it: a fold over the events it has seen. */
export interface Progress {
  readonly titles: ReadonlyMap<TaskId, string>;
  /** Attempts under way, by task: when they began and what they do. */
  readonly running: ReadonlyMap<TaskId, { readonly sinceMs: number; readonly doing: string }>;
  /** Work that is no task: a scan, a baseline. Null when there is none. */
  readonly chore: { readonly sinceMs: number; readonly doing: string } | null;
  /** What each project's tests said last: said again only when it changes. */
  readonly tests: ReadonlyMap<ProjectId, string>;
  /** What the last audit found wrong; said again only when it changes. */
  readonly audit: string;
}

export const NO_PROGRESS: Progress = {
  titles: new Map(),
  running: new Map(),
  chore: null,
  tests: new Map(),
  audit: '',
};

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

/** Takes one event in; gives the new state and the line that a person should see, if any. */
export function follow(
  progress: Progress,
  event: EventView,
  look: Look,
): { progress: Progress; line: string | null } {
  const body = bodyOf(event);
  return body === null
    ? { progress, line: null }
    : { progress: fold(progress, body, event.atMs), line: lineOf(progress, body, look) };
}

function fold(progress: Progress, body: EventBody, atMs: number): Progress {
  const running = new Map(progress.running);
  switch (body.type) {
    case 'task.added':
    case 'task.retried':
      return { ...progress, titles: new Map(progress.titles).set(body.task, body.spec.title) };
    case 'task.dispatched':
      return {
        ...progress,
        running: running.set(body.task, { sinceMs: atMs, doing: 'preparing' }),
      };
    case 'attempt.started':
      return { ...progress, running: running.set(body.task, { sinceMs: atMs, doing: 'working' }) };
    case 'attempt.produced':
      return {
        ...progress,
        running: running.set(body.task, {
          sinceMs: running.get(body.task)?.sinceMs ?? atMs,
          doing: 'verifying',
        }),
      };
    case 'attempt.passed':
      if (body.commit !== null && body.needsReview === null) {
        return {
          ...progress,
          running: running.set(body.task, {
            sinceMs: running.get(body.task)?.sinceMs ?? atMs,
            doing: 'merging',
          }),
        };
      }
      running.delete(body.task);
      return { ...progress, running };
    case 'attempt.failed':
    case 'merge.done':
    case 'task.failed':
    case 'task.cancelled':
      running.delete(body.task);
      return { ...progress, running };
    case 'audit.finished':
      return { ...progress, audit: auditText(body) };
    case 'baseline.recorded':
      return {
        ...progress,
        tests: new Map(progress.tests).set(body.project, sayingOf(body.baseline.tests)),
      };
    case 'project.added':
      return { ...progress, chore: { sinceMs: atMs, doing: `looking at ${body.project}` } };
    case 'cycle.started':
      return {
        ...progress,
        chore: { sinceMs: atMs, doing: `looking for work in ${body.project}` },
      };
    case 'cycle.finished':
    case 'project.troubled':
      return { ...progress, chore: null };
    default:
      return progress;
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
