import { Button, Group, Text } from '@mantine/core';
import { relative } from '../../../shared/explain/format.ts';
import type { ApprovalView } from '../../../shared/model/agentApi.ts';
import { Trouble } from '../../parts/Trouble.tsx';
import { useAct } from '../../parts/useAct.ts';
import { useNow } from '../../parts/useNow.ts';
import { visible } from '../../parts/visible.ts';
import { ShowButton } from './ShowButton.tsx';
import classes from './popover.module.css';

/** A question with its two answers; the whole of it is on the page. */
export function Question({ approval }: { approval: ApprovalView }) {
  const { id, text, reason, task, askedAtMs } = approval;
  const nowMs = useNow();
  const answer = useAct<'approved' | 'denied'>((api, verdict) =>
    api.send('POST', `/v1/approvals/${id}`, {
      answer: verdict,
      reason: 'answered in the menu bar',
    }),
  );
  return (
    <article className={classes.card} aria-label={`Question ${id}`}>
      <Text size="sm" fw={500} lineClamp={3}>
        {visible(text)}
      </Text>
      <Text size="xs" c="var(--vigil-soft)" lineClamp={2}>
        {task === null ? '' : `${task}, `}
        {relative(askedAtMs, Math.max(askedAtMs, nowMs))}: {visible(reason)}
      </Text>
      <Group gap={6} mt={8}>
        <Button
          size="compact-sm"
          loading={answer.isPending}
          onClick={() => answer.mutate('approved')}
        >
          Approve
        </Button>
        <Button
          size="compact-sm"
          variant="default"
          disabled={answer.isPending}
          onClick={() => answer.mutate('denied')}
        >
          Deny
        </Button>
        <span className={classes.space} />
        <ShowButton id={id} />
      </Group>
      <Trouble error={answer.error} />
    </article>
  );
}
