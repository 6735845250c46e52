import type { TaskId } from '../../../shared/model/ids.ts';
import type { Lesson } from '../../generate/retrieval/repositoryIndex.ts';
import type { Ledger } from '../ledger.ts';

/** Characters of one report in a lesson. */
const MAX_REPORT = 2_000;

/** What an agent's task taught, from its events: how it ended, its reports, and what humans said. */
export function lessonFrom({ store }: Ledger, id: TaskId): Lesson | null {
  const row = store.getTask(id);
  if (!row) return null;
  const told = store
    .read({ task: id, types: ['attempt.failed', 'review.answered', 'agent.ended'] })
    .flatMap(({ body }): string[] => {
      if (body.type === 'attempt.failed' && !body.failure.interrupted)
        return [`failed: ${body.failure.reason}`, body.report.slice(0, MAX_REPORT)];
      if (body.type === 'review.answered' && body.reason !== '')
        return [`${body.answer} by a person: ${body.reason}`];
      if (body.type === 'agent.ended' && body.role === 'writer') return [body.summary];
      return [];
    });
  const text = told.filter((line) => line.trim() !== '').join('\n');
  return { task: id, title: row.title, outcome: row.status, text };
}
