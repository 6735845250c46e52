import { Stack } from '@mantine/core';
import { useApprovals, useReviews } from '../../api/queries.ts';
import { Section } from '../../parts/Section.tsx';
import { ApprovalCard } from './ApprovalCard.tsx';
import { ReviewCard } from './ReviewCard.tsx';

/** Every question and every result that waits for a person; nothing where none does. */
export function WaitingForYou() {
  const approvals = useApprovals().data?.approvals ?? [];
  const reviews = useReviews().data?.reviews ?? [];
  if (approvals.length + reviews.length === 0) return null;
  return (
    <Section title="Waiting for you" count={approvals.length + reviews.length}>
      <Stack gap="sm">
        {approvals.map((approval) => (
          <ApprovalCard key={approval.id} approval={approval} />
        ))}
        {reviews.map((review) => (
          <ReviewCard key={review.task.id} review={review} />
        ))}
      </Stack>
    </Section>
  );
}
