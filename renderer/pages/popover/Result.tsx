import { Button, Group, Text, TextInput } from '@mantine/core';
import { useState, type FormEvent } from 'react';
import type { TaskSummary } from '../../../shared/model/taskApi.ts';
import { useReview } from '../../api/queries.ts';
import { Trouble } from '../../parts/Trouble.tsx';
import { useAct } from '../../parts/useAct.ts';
import { visible } from '../../parts/visible.ts';
import { ShowButton } from './ShowButton.tsx';
import classes from './popover.module.css';

interface Verdict {
  readonly answer: 'approved' | 'rejected';
  readonly reason: string;
}

/** A result that waits for a human, with its two answers: a no goes with its reason. */
export function Result({ task: { id, title } }: { task: TaskSummary }) {
  const review = useReview(id).data;
  const [isDenying, setDenying] = useState(false);
  const [reason, setReason] = useState('');
  const answer = useAct<Verdict>((api, verdict) =>
    api.send('POST', `/v1/reviews/${id}`, {
      ...verdict,
      // The result that was seen, not one that came meanwhile.
      commit: review?.commit ?? undefined,
    }),
  );
  const deny = (event: FormEvent) => {
    event.preventDefault();
    if (reason.trim() !== '') answer.mutate({ answer: 'rejected', reason: reason.trim() });
  };
  return (
    <article className={classes.card} aria-label={`Review of ${id}`}>
      <Text size="sm" fw={500} lineClamp={2}>
        {visible(title)}
      </Text>
      <Text size="xs" c="var(--vigil-soft)" lineClamp={2}>
        {id} is done{review && `: ${visible(review.why)}`}
      </Text>
      {isDenying ? (
        <form onSubmit={deny}>
          <TextInput
            mt={8}
            size="xs"
            label="Why not?"
            autoComplete="off"
            autoFocus
            value={reason}
            onChange={({ currentTarget }) => setReason(currentTarget.value)}
          />
          <Group gap={6} mt={8}>
            <Button
              type="submit"
              size="compact-sm"
              color="danger"
              loading={answer.isPending}
              disabled={reason.trim() === ''}
            >
              Deny
            </Button>
            <Button size="compact-sm" variant="default" onClick={() => setDenying(false)}>
              Back
            </Button>
          </Group>
        </form>
      ) : (
        <Group gap={6} mt={8}>
          <Button
            size="compact-sm"
            loading={answer.isPending}
            disabled={review === undefined}
            onClick={() =>
              answer.mutate({ answer: 'approved', reason: 'answered in the menu bar' })
            }
          >
            Approve
          </Button>
          <Button
            size="compact-sm"
            variant="default"
            disabled={answer.isPending || review === undefined}
            onClick={() => setDenying(true)}
          >
            Deny…
          </Button>
          <span className={classes.space} />
          <ShowButton id={id} />
        </Group>
      )}
      <Trouble error={answer.error} />
    </article>
  );
}
