import type { Command } from 'commander';
import { z } from 'zod';
import { ReviewView } from '../../../shared/model/reviewApi.ts';
import { TaskDetail } from '../../../shared/model/taskApi.ts';
import type { TaskId } from '../../../shared/model/ids.ts';
import { parseTaskId } from '../arguments.ts';
import { renderReview, renderReviews } from '../render/reviews.ts';
import { action, type Session } from '../session.ts';

const Reviews = z.object({ reviews: z.array(ReviewView) });

export function addReviewCommands(program: Command): void {
  const review = program.command('review').description('results that wait for your yes or no');
  review
    .command('list')
    .description('list them')
    .action(
      action(async (session) => {
        const client = await session.client();
        session.show(await client.call('GET', '/v1/reviews', Reviews), ({ reviews }, look) =>
          renderReviews(reviews, look),
        );
      }),
    );
  review
    .command('show')
    .description('show one with its checks and its diff')
    .argument('<task>', 'task id', parseTaskId)
    .action(
      action(async (session, id: TaskId) => {
        const client = await session.client();
        session.show(await client.call('GET', `/v1/reviews/${id}`, ReviewView), renderReview);
      }),
    );
  review
    .command('approve')
    .description('let it merge')
    .argument('<task>', 'task id', parseTaskId)
    .option('--reason <text>', 'why, for the log', '')
    .action(
      action((session, id: TaskId, options: { reason: string }) =>
        answer(session, id, 'approved', options.reason),
      ),
    );
  review
    .command('reject')
    .description('throw it away; the same gap is not proposed again for a while')
    .argument('<task>', 'task id', parseTaskId)
    .requiredOption('--reason <text>', 'why, so that it can be learned from')
    .action(
      action((session, id: TaskId, options: { reason: string }) =>
        answer(session, id, 'rejected', options.reason),
      ),
    );
}

async function answer(
  session: Session,
  id: TaskId,
  verdict: 'approved' | 'rejected',
  reason: string,
): Promise<void> {
  const client = await session.client();
  await client.call('POST', `/v1/reviews/${id}`, z.unknown(), { answer: verdict, reason });
  session.show(await client.call('GET', `/v1/tasks/${id}`, TaskDetail), (task) => [
    verdict === 'rejected'
      ? `${id} is rejected and will not merge.`
      : `${id} is approved${task.status === 'merged' ? ' and merged' : client.online ? ' and will merge now' : '; it merges when a node runs (`vigil up`)'}.`,
  ]);
}
