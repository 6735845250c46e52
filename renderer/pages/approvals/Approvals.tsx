import { Kbd, Text } from '@mantine/core';
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
            {(results) => (
              <>
                {open.approvals.length + results.reviews.length === 0 ? (
                  <Text c="var(--vigil-soft)">
                    Nothing waits for you. Questions about money, acts that Vigil keeps for people,
                    and results that need a look come here.
                  </Text>
                ) : (
                  <Text size="xs" c="var(--vigil-soft)" visibleFrom="sm">
                    On a card: <Kbd size="xs">a</Kbd> approve, <Kbd size="xs">d</Kbd> deny or
                    reject, <Kbd size="xs">j</Kbd> <Kbd size="xs">k</Kbd> next and previous.
                  </Text>
                )}
                <WaitingForYou />
              </>
            )}
          </Reading>
        )}
      </Reading>
    </>
  );
}
