import { Button, Code, Group, Text } from '@mantine/core';
import type { ApprovalView } from '../../../shared/model/agentApi.ts';
import { Card } from '../../parts/Card.tsx';
import { TaskLink } from '../../parts/TaskLink.tsx';
import { Trouble } from '../../parts/Trouble.tsx';
import { useAct } from '../../parts/useAct.ts';

/** A question to a person: what a yes allows, why it is asked, and the two answers. */
export function ApprovalCard({ approval }: { approval: ApprovalView }) {
  const { id, task, subject, text, reason } = approval;
  const answer = useAct<'approved' | 'denied'>((api, verdict) =>
    api.send('POST', `/v1/approvals/${id}`, { answer: verdict, reason: 'answered on the page' }),
  );
  return (
    <Card role="article" aria-label={`Question ${id}`}>
      <Text fw={500}>
        {text} {task !== null && <TaskLink id={task} />}
      </Text>
      <Text size="sm" c="var(--vigil-soft)">
        {id}: {reason}
      </Text>
      {subject.kind === 'permission' && (
        <Code block mt="xs" tabIndex={0} aria-label="The act that a yes allows">
          {subject.act}
        </Code>
      )}
      <Group gap="xs" mt="sm">
        <Button size="xs" loading={answer.isPending} onClick={() => answer.mutate('approved')}>
          Approve
        </Button>
        <Button
          size="xs"
          variant="default"
          disabled={answer.isPending}
          onClick={() => answer.mutate('denied')}
        >
          Deny
        </Button>
      </Group>
      <Trouble error={answer.error} />
    </Card>
  );
}
