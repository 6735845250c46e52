import type { TaskSummary } from '../model/taskApi.ts';
import type { FailureClass } from '../model/attempt.ts';
import { count, duration, inline, percent } from './format.ts';
import { estimateOf } from './headline.ts';
import type { AttemptStory, TaskStory } from './story.ts';

/** Within a third of the estimate either way it was about right: timeouts are twice the estimate. */
const ABOUT_RIGHT = 1 / 3;

/** What the task taught, from its events alone: duration against estimate, retries, what would help. */
export function lessonOf(story: TaskStory, summary: TaskSummary): string {
  const sentences = [...ending(story, summary), ...surprises(story)];
  return sentences.length === 0 ? 'Nothing yet: no attempt has ended.' : sentences.join(' ');
}

function ending(story: TaskStory, summary: TaskSummary): string[] {
  const passed = story.attempts.findLast((attempt) => attempt.passed !== null);
  switch (summary.status) {
    case 'failed': {
      const failure = story.failed?.failure;
      return failure
        ? [...failures(story.attempts), help(failure.class)]
        : failures(story.attempts);
    }
    case 'cancelled':
      return [
        ...failures(story.attempts),
        'It was not wanted any more, which says nothing of the work.',
      ];
    case 'rejected':
      return [
        `It passed its checks and a person still did not want it${story.answer?.reason.trim() ? ` (${inline(story.answer.reason)})` : ''}: the checks do not see what that person saw.`,
      ];
    default:
      return passed
        ? [...failures(story.attempts), success(story, passed)]
        : failures(story.attempts);
  }
}

function success(story: TaskStory, passed: AttemptStory): string {
  const failed = story.attempts.filter(
    (attempt) => attempt.failure !== null && !attempt.failure.interrupted,
  );
  const changed = failed.length === 0 ? '' : ` ${whatChanged(failed.at(-1), passed)}`;
  const first =
    failed.length === 0
      ? 'The first attempt that ran to its end passed.'
      : `Attempt ${passed.number} passed.`;
  return `${first}${changed} ${againstEstimate(passed.durationMs ?? 0, estimateOf(story))}`;
}

/** The one thing that made the difference, as far as the diffs and the report show it. */
function whatChanged(before: AttemptStory | undefined, after: AttemptStory): string {
  if (before?.diff && after.diff && before.diff.files.length !== after.diff.files.length) {
    return `It changed ${count(after.diff.files.length, 'file')} where attempt ${before.number} had changed ${before.diff.files.length}.`;
  }
  const told = before?.report?.trim();
  return told
    ? 'It was told why the one before had failed.'
    : 'The same work passed when it was tried again.';
}

function againstEstimate(durationMs: number, estimateMs: number): string {
  if (estimateMs <= 0) return `It took ${duration(durationMs)}.`;
  const ratio = durationMs / estimateMs;
  const took = `It took ${duration(durationMs)}, ${percent(ratio)} of the estimate of ${duration(estimateMs)}`;
  if (ratio > 1 + ABOUT_RIGHT) return `${took}: tasks of this type take longer than was thought.`;
  if (ratio < 1 - ABOUT_RIGHT) return `${took}: tasks of this type take less than was thought.`;
  return `${took}, which was about right.`;
}

function failures(attempts: readonly AttemptStory[]): string[] {
  const interrupted = attempts.filter((attempt) => attempt.failure?.interrupted).length;
  const ways = new Map<string, number[]>();
  for (const { number, failure } of attempts) {
    if (!failure || failure.interrupted) continue;
    const way = `(${failure.class}): ${inline(failure.reason)}.`;
    ways.set(way, [...(ways.get(way) ?? []), number]);
  }
  const told = [...ways].map(([way, numbers]) =>
    numbers.length === 1
      ? `Attempt ${numbers[0]} failed ${way}`
      : `Attempts ${numbers.join(', ')} failed in the same way ${way}`,
  );
  return interrupted === 0
    ? told
    : [
        ...told,
        `${count(interrupted, 'attempt')} ${interrupted === 1 ? 'was' : 'were'} interrupted, which does not count.`,
      ];
}

function surprises(story: TaskStory): string[] {
  return [...new Set(story.findings.map(inline))]
    .filter((finding) => finding !== '')
    .map((finding) => `A prediction failed: ${finding}.`);
}

/** What would help next time, by the class of the failure (G4). */
function help(failureClass: FailureClass): string {
  switch (failureClass) {
    case 'ambiguous-spec':
      return 'Clearer instructions and acceptance criteria would help.';
    case 'missing-context':
      return 'Naming the files it has to know as references would help.';
    case 'external':
      return 'Something outside the project has to be there first: try it again when it is.';
    case 'too-complex':
      return 'Splitting it into smaller tasks, each with one deliverable, would help.';
    case 'model-limit':
      return 'A stronger coding agent, or a smaller task, would help.';
    case 'infrastructure':
      return 'The machine or its tools were at fault: vigil doctor shows what to repair before it is tried again.';
  }
}
