import { Text } from '@mantine/core';
import { useState } from 'react';
import type { ReviewView } from '../../../shared/model/reviewApi.ts';
import { Checks } from '../../parts/Checks.tsx';
import { Diff } from '../../parts/diff/Diff.tsx';
import { TaskLink } from '../../parts/TaskLink.tsx';
import { visible } from '../../parts/visible.ts';
import { AnswerCard } from './AnswerCard.tsx';
import { Answered } from './Answered.tsx';
import { ReviewAnswer } from './ReviewAnswer.tsx';
import { useReviewAnswer } from './useReviewAnswer.ts';
import classes from './review.module.css';

interface Props {
  readonly review: ReviewView;
  readonly isGone: boolean;
}

/** The node cuts the diff of a review there, bytes. */
const MAX_DIFF_BYTES = 200_000;

/** A result that waits for a person: why, its checks, its diff, and the two answers. */
export function ReviewCard({ review, isGone }: Props) {
  const { task, why, commit, verification, diff } = review;
  const answer = useReviewAnswer(review);
  const [isOpen, setOpen] = useState(false);
  if (isGone) return <Answered name={task.id} answer={answer.answer} />;
  return (
    <AnswerCard
      id={task.id}
      label={`Review of ${task.id}`}
      onApprove={answer.approve}
      onRefuse={answer.reject}
    >
      <Text fw={500}>
        <TaskLink id={task.id} /> {visible(task.title)}
      </Text>
      <Text size="sm" c="var(--vigil-soft)">
        {visible(why)}
      </Text>
      {verification && <Checks verification={verification} />}
      {diff === null && commit !== null && (
        <Text size="sm" c="var(--vigil-soft)">
          The diff has not arrived from the node that made it yet.
        </Text>
      )}
      {diff !== null && (
        <details
          className={classes.diff}
          open={isOpen}
          onToggle={({ currentTarget }) => setOpen(currentTarget.open)}
        >
          <summary>Diff</summary>
          {isOpen && (
            <Diff text={diff} cutAtBytes={diff.length > MAX_DIFF_BYTES ? MAX_DIFF_BYTES : null} />
          )}
        </details>
      )}
      <ReviewAnswer of={answer} />
    </AnswerCard>
  );
}
