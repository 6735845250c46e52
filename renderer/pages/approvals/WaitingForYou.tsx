import { Stack } from '@mantine/core';
import { useRef } from 'react';
import type { ApprovalView } from '../../../shared/model/agentApi.ts';
import type { ReviewView } from '../../../shared/model/reviewApi.ts';
import { useApprovals, useReviews } from '../../api/queries.ts';
import { Section } from '../../parts/Section.tsx';
import { ApprovalCard } from './ApprovalCard.tsx';
import { Place } from './Place.tsx';
import { ReviewCard } from './ReviewCard.tsx';
import { useFocusNext } from './useFocusNext.ts';
import { useLingering } from './useLingering.ts';

type Question =
  | { readonly kind: 'approval'; readonly approval: ApprovalView }
  | { readonly kind: 'review'; readonly review: ReviewView };

const NONE: readonly never[] = [];

/** Every question and every result that waits for a person; nothing where none does. */
export function WaitingForYou() {
  const approvals = useApprovals().data?.approvals ?? NONE;
  const reviews = useReviews().data?.reviews ?? NONE;
  const questions: Question[] = [
    ...approvals.map((approval): Question => ({ kind: 'approval', approval })),
    ...reviews.map((review): Question => ({ kind: 'review', review })),
  ];
  const list = useRef<HTMLDivElement>(null);
  const shown = useLingering(questions, idOf, list);
  useFocusNext(list, questions.length);
  if (shown.length === 0) return null;
  return (
    <Section title="Waiting for you" count={questions.length} empty={null} keepsContent>
      <Stack gap="sm" ref={list}>
        {shown.map(({ item, isGone }) => (
          <Place key={idOf(item)} isGone={isGone}>
            {item.kind === 'approval' ? (
              <ApprovalCard approval={item.approval} isGone={isGone} />
            ) : (
              <ReviewCard review={item.review} isGone={isGone} />
            )}
          </Place>
        ))}
      </Stack>
    </Section>
  );
}

/** A task may come to review more than once. */
function idOf(question: Question): string {
  return question.kind === 'approval'
    ? question.approval.id
    : `${question.review.task.id}/${question.review.attempt}`;
}
