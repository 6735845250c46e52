import { Button, Code, Group, Text } from '@mantine/core';
import { relative } from '../../../shared/explain/format.ts';
import type { ApprovalView } from '../../../shared/model/agentApi.ts';
import { TaskLink } from '../../parts/TaskLink.tsx';
import { Told } from '../../parts/Told.tsx';
import { Trouble } from '../../parts/Trouble.tsx';
import { useAct } from '../../parts/useAct.ts';
import { useNow } from '../../parts/useNow.ts';
import { visible } from '../../parts/visible.ts';
import { AnswerCard } from './AnswerCard.tsx';
import { Answered, cameLate } from './Answered.tsx';
import classes from './review.module.css';

interface Props {
  readonly approval: ApprovalView;
  readonly isGone: boolean;
}

/** A question to a person: what a yes allows, why it is asked, and the two answers. */
export function ApprovalCard({ approval, isGone }: Props) {
  const { id, task, subject, text, reason, askedAtMs } = approval;
  const nowMs = useNow();
  const answer = useAct<'approved' | 'denied'>((api, verdict) =>
    api.send('POST', `/v1/approvals/${id}`, { answer: verdict, reason: 'answered on the page' }),
  );
  if (isGone) return <Answered name={id} answer={answer} />;
  const give = (verdict: 'approved' | 'denied') => {
    if (!answer.isPending) answer.mutate(verdict);
  };
  return (
    <AnswerCard
      id={id}
      label={`Question ${id}`}
      onApprove={() => give('approved')}
      onRefuse={() => give('denied')}
    >
      <Text fw={500} className={classes.sentence ?? ''}>
        {visible(text)} {task !== null && <TaskLink id={task} />}
      </Text>
      <Text size="sm" c="var(--vigil-soft)">
        {id}, asked {relative(askedAtMs, Math.max(askedAtMs, nowMs))}: <Told>{reason}</Told>
      </Text>
      {subject.kind === 'permission' && (
        <Code block mt="xs" tabIndex={0} role="region" aria-label="The act that a yes allows">
          {visible(subject.act)}
        </Code>
      )}
      <Group gap="xs" mt="sm">
        <Button size="sm" loading={answer.isPending} onClick={() => give('approved')}>
          Approve
        </Button>
        <Button
          size="sm"
          variant="default"
          disabled={answer.isPending}
          onClick={() => give('denied')}
        >
          Deny
        </Button>
      </Group>
      <Trouble error={cameLate(answer.error) ? null : answer.error} />
    </AnswerCard>
  );
}
