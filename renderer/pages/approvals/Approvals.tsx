import { Text } from '@mantine/core';
import { useApprovals, useReviews } from '../../api/queries.ts';
import { PageTitle } from '../../parts/PageTitle.tsx';
import { Reading } from '../../parts/Reading.tsx';
import { WaitingForYou } from './WaitingForYou.tsx';

/** What only a person can decide. */
export default function Approvals() {
  const approvals = useApprovals();
  const reviews = useReviews();
  return (
    <>
      <PageTitle title="Approvals">What only you can decide. Unanswered means no.</PageTitle>
      <Reading of={approvals}>
        {(open) => (
          <Reading of={reviews}>
            {(results) =>
              open.approvals.length + results.reviews.length === 0 ? (
                <Text c="var(--vigil-soft)">Nothing waits for you.</Text>
              ) : (
                <WaitingForYou />
              )
            }
          </Reading>
        )}
      </Reading>
    </>
  );
}
