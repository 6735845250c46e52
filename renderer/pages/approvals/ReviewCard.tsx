import { Button, Group, Spoiler, Text, TextInput } from '@mantine/core';
import { useRef, useState } from 'react';
import type { ReviewView } from '../../../shared/model/api.ts';
import { Card } from '../../parts/Card.tsx';
import { Checks } from '../../parts/Checks.tsx';
import { PlainDiff } from '../../parts/PlainDiff.tsx';
import { TaskLink } from '../../parts/TaskLink.tsx';
import { Trouble } from '../../parts/Trouble.tsx';
import { useAct } from '../../parts/useAct.ts';

/** A result that waits for a person: why, its checks, its diff, and the two answers. */
export function ReviewCard({ review }: { review: ReviewView }) {
  const { task, why, verification, diff } = review;
  const [reason, setReason] = useState('');
  const [lacksReason, setLacksReason] = useState(false);
  const field = useRef<HTMLInputElement>(null);
  const answer = useAct<'approved' | 'rejected'>((api, verdict) =>
    api.send('POST', `/v1/reviews/${task.id}`, { answer: verdict, reason: reason.trim() }),
  );
  const reject = () => {
    const isEmpty = reason.trim() === '';
    setLacksReason(isEmpty);
    if (isEmpty) field.current?.focus();
    else answer.mutate('rejected');
  };
  return (
    <Card role="article" aria-label={`Review of ${task.id}`}>
      <Text fw={500}>
        <TaskLink id={task.id} /> {task.title}
      </Text>
      <Text size="sm" c="var(--vigil-soft)">
        {why}
      </Text>
      {verification && <Checks verification={verification} />}
      {diff !== null && (
        <Spoiler maxHeight={160} showLabel="Show the whole diff" hideLabel="Show less" mt="xs">
          <PlainDiff text={diff} />
        </Spoiler>
      )}
      <form
        onSubmit={(event) => {
          event.preventDefault();
          answer.mutate('approved');
        }}
      >
        <TextInput
          ref={field}
          mt="sm"
          label="Reason"
          placeholder="needed to reject"
          autoComplete="off"
          value={reason}
          onChange={({ currentTarget }) => setReason(currentTarget.value)}
          error={
            lacksReason
              ? 'Say why: the reason keeps the same work from being proposed again.'
              : undefined
          }
        />
        <Group gap="xs" mt="sm">
          <Button size="xs" type="submit" loading={answer.isPending}>
            Approve
          </Button>
          <Button size="xs" variant="default" disabled={answer.isPending} onClick={reject}>
            Reject
          </Button>
        </Group>
      </form>
      <Trouble error={answer.error} />
    </Card>
  );
}
