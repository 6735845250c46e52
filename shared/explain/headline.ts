import type { TaskSummary, WaitView } from '../model/taskApi.ts';
import { describeDiff } from './describeTask.ts';
import { count, duration, inline, score, shortCommit } from './format.ts';
import type { AttemptStory, TaskStory } from './story.ts';

/** Where a task stands and why, in one sentence or two. */
export function headlineOf(
  story: TaskStory,
  summary: TaskSummary,
  waits: readonly WaitView[],
  nowMs: number,
): string {
  const last = story.attempts.at(-1);
  switch (summary.status) {
    case 'open':
      return `${lastFailure(last)}${waits[0]?.text ?? 'Ready: it starts with the next decision.'}`;
    case 'assigned': {
      const round = story.rounds.at(-1);
      return round
        ? `Dispatched to ${round.body.assignment.node}; attempt ${round.body.assignment.attempt} is being prepared.`
        : 'Dispatched; the attempt is being prepared.';
    }
    case 'running':
      return `Running${last?.node ? ` on ${last.node}` : ''}, attempt ${last?.number ?? summary.attempts}${last && last.startedAtMs !== null ? `, for ${duration(nowMs - last.startedAtMs)} of an estimated ${duration(estimateOf(story))}` : ''}.`;
    case 'verifying':
      return `Attempt ${last?.number ?? summary.attempts} has made its change${last?.diff ? ` (${describeDiff(last.diff)})` : ''}, which is being checked.`;
    case 'review':
      return `Waits for a person: attempt ${last?.number ?? summary.attempts} passed its checks${last?.passed?.needsReview ? `, but needs a review (${inline(last.passed.needsReview)})` : ''}. Answer with vigil review approve ${summary.id} or vigil review reject ${summary.id}.`;
    case 'merging':
      return `Passed on attempt ${last?.number ?? summary.attempts} and is on its way into the integrated tree.`;
    case 'merged': {
      const merged = story.attempts.findLast((attempt) => attempt.merged !== null);
      const commit = merged?.merged ?? summary.commit;
      return `Merged${commit ? ` as ${shortCommit(commit)}` : ''} on attempt ${merged?.number ?? summary.attempts}${summary.quality === null ? '' : `, quality ${score(summary.quality)}`}.`;
    }
    case 'done':
      return `Done on attempt ${last?.number ?? summary.attempts}${last && last.durationMs !== null ? ` in ${duration(last.durationMs)}` : ''}; there was nothing to merge.`;
    case 'rejected':
      return story.answer
        ? `Rejected by ${story.answer.who}${reason(story.answer.reason)}.`
        : 'Rejected by a person.';
    case 'cancelled':
      return story.cancelled
        ? `Cancelled by ${story.cancelled.who}${reason(story.cancelled.reason)}.`
        : 'Cancelled.';
    case 'split':
      return story.split
        ? `Too large for one attempt: ${story.split.into.join(', ')} took its place${reason(story.split.reason)}.`
        : 'Other tasks took its place.';
    case 'failed': {
      const attempts = count(story.failed?.attempts ?? summary.attempts, 'attempt');
      const why = story.failed?.failure.reason ?? summary.failure;
      return `Failed for good after ${attempts}${why ? reason(why) : ''}.`;
    }
  }
}

/** What the engine reckoned with at the last dispatch, ms; before the first, the creator's guess. */
export function estimateOf(story: TaskStory): number {
  return story.rounds.at(-1)?.body.assignment.expected.durationMs ?? story.spec?.estimateMs ?? 0;
}

function lastFailure(last: AttemptStory | undefined): string {
  if (!last?.failure) return '';
  const how = last.failure.interrupted ? 'was interrupted' : 'failed';
  return `Attempt ${last.number} ${how}: ${inline(last.failure.reason)}. `;
}

function reason(text: string): string {
  return text.trim() === '' ? '' : `: ${inline(text)}`;
}
