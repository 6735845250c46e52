import { Text } from '@mantine/core';
import { useMemo, useState } from 'react';
import { count } from '../../../shared/explain/format.ts';
import type { ReviewView } from '../../../shared/model/reviewApi.ts';
import { Diff } from '../../parts/diff/Diff.tsx';
import { parseDiff } from '../../parts/diff/parseDiff.ts';
import { TaskLink } from '../../parts/TaskLink.tsx';
import { visible } from '../../parts/visible.ts';
import { AnswerCard } from './AnswerCard.tsx';
import { Answered } from './Answered.tsx';
import { ReviewAnswer } from './ReviewAnswer.tsx';
import { ReviewChecks } from './ReviewChecks.tsx';
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
  const size = useMemo(() => (diff === null ? '' : sizeOf(diff)), [diff]);
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
      {verification && <ReviewChecks verification={verification} />}
      {diff === null && commit !== null && (
        <Text size="sm" c="var(--vigil-soft)">
          The diff has not arrived from the node that made it yet.
        </Text>
      )}
      {diff !== null && (
        <details
          className={classes.fold}
          open={isOpen}
          onToggle={({ currentTarget }) => setOpen(currentTarget.open)}
        >
          <summary>
            <span>Diff</span>
            <Text span inherit fw={400} c="var(--vigil-soft)">
              {size}
            </Text>
          </summary>
          {isOpen && (
            <Diff text={diff} cutAtBytes={diff.length > MAX_DIFF_BYTES ? MAX_DIFF_BYTES : null} />
          )}
        </details>
      )}
      <ReviewAnswer of={answer} />
    </AnswerCard>
  );
}

/** How much is to be read; nothing of a diff that was cut, as what was counted would be too little. */
function sizeOf(diff: string): string {
  if (diff.length > MAX_DIFF_BYTES) return '';
  const files = parseDiff(diff);
  const sum = (what: 'added' | 'removed') => files.reduce((all, file) => all + file[what], 0);
  return `, ${count(files.length, 'file')}, +${sum('added')} −${sum('removed')}`;
}
