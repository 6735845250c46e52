import { Button, Group, Textarea } from '@mantine/core';
import { Trouble } from '../../parts/Trouble.tsx';
import { cameLate } from './Answered.tsx';
import type { ReviewAnswer as Answer } from './useReviewAnswer.ts';

/** The two answers to a result, and the reason that goes with a no. */
export function ReviewAnswer({ of }: { of: Answer }) {
  const { answer, approve, reject, reason, setReason, lacksReason, field } = of;
  return (
    <>
      <Textarea
        ref={field}
        mt="sm"
        label="Comment"
        description="Needed to reject; it is kept with the task and told to whoever works on this next."
        autosize
        minRows={1}
        maxRows={6}
        autoComplete="off"
        value={reason}
        onChange={({ currentTarget }) => setReason(currentTarget.value)}
        error={
          lacksReason
            ? 'Say why: the reason keeps the same work from being proposed again.'
            : undefined
        }
        errorProps={{ role: 'alert' }}
      />
      <Group gap="xs" mt="sm">
        <Button size="sm" loading={answer.isPending} onClick={approve}>
          Approve
        </Button>
        <Button size="sm" variant="default" disabled={answer.isPending} onClick={reject}>
          Reject
        </Button>
      </Group>
      <Trouble error={cameLate(answer.error) ? null : answer.error} />
    </>
  );
}
