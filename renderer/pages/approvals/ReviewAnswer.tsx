import { Button, Group, Textarea } from '@mantine/core';
import { Trouble } from '../../parts/Trouble.tsx';
import { cameLate } from './Answered.tsx';
import type { ReviewAnswer as Answer } from './useReviewAnswer.ts';

/** The answers to a result, and the reason that goes with a no. */
export function ReviewAnswer({ of }: { of: Answer }) {
  const { answer, approve, reject, sendBack, reason, setReason, lacksReason, field } = of;
  return (
    <>
      <Textarea
        ref={field}
        mt="sm"
        label="Comment"
        description="Needed to send it back or to reject it. Sent back, the next attempt is told it; rejected, the task ends."
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
        <Button size="sm" variant="light" disabled={answer.isPending} onClick={sendBack}>
          Send back
        </Button>
        <Button size="sm" variant="default" disabled={answer.isPending} onClick={reject}>
          Reject
        </Button>
      </Group>
      <Trouble error={cameLate(answer.error) ? null : answer.error} />
    </>
  );
}
