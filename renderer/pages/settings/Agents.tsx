import { Badge, Button, Group, Text } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { duration } from '../../../shared/explain/format.ts';
import type { AgentCheckView, AgentView } from '../../../shared/model/agentApi.ts';
import { useApi } from '../../api/context.tsx';
import { useAgents } from '../../api/insightQueries.ts';
import { Reading } from '../../parts/Reading.tsx';
import { Rows } from '../../parts/Rows.tsx';
import { Section } from '../../parts/Section.tsx';
import { Told } from '../../parts/Told.tsx';
import { Trouble } from '../../parts/Trouble.tsx';
import classes from './settings.module.css';

/** Coding agents of this machine: those that are there, and how to get the others. */
export function Agents() {
  const read = useAgents();
  return (
    <Reading of={read}>
      {({ agents }) => (
        <Section
          title="Agents"
          count={agents.length}
          empty="No coding agent is known. Name one under `agents` in config.yaml."
        >
          <Rows>
            {agents.map((agent) => (
              <Agent key={agent.id} agent={agent} />
            ))}
          </Rows>
        </Section>
      )}
    </Reading>
  );
}

function Agent({ agent }: { agent: AgentView }) {
  const { id, name, version, ready, detail, models } = agent;
  const api = useApi();
  const check = useMutation({
    mutationFn: () =>
      api.send<{ checks: AgentCheckView[] }>('POST', '/v1/agents/check', { agents: [id] }),
  });
  const said = check.data?.checks[0];
  return (
    <li className={classes.row}>
      <Group justify="space-between" wrap="nowrap" align="flex-start">
        <div>
          <Group gap="xs">
            <Text span fw={500} size="sm">
              {name}
            </Text>
            <Badge
              size="sm"
              variant="default"
              c={ready ? 'var(--vigil-good)' : 'var(--vigil-soft)'}
            >
              {ready ? 'ready' : version === null ? 'not here' : 'not ready'}
            </Badge>
            {version !== null && (
              <Text span size="xs" c="var(--vigil-soft)">
                {version}
              </Text>
            )}
          </Group>
          <Text size="sm" c="var(--vigil-soft)">
            <Told>{detail}</Told>
          </Text>
          {models.length > 0 && <Text size="xs">calls {models.join(', ')}</Text>}
          {said && (
            <Text size="sm" role="status" c={said.ok ? 'var(--vigil-good)' : 'var(--vigil-bad)'}>
              {said.ok ? '✓ starts' : '✗ does not start'}
              {said.startMs !== null && ` in ${duration(said.startMs)}`}: {said.detail}
            </Text>
          )}
          <Trouble error={check.error} />
        </div>
        <Button
          flex="none"
          size="xs"
          variant="default"
          loading={check.isPending}
          aria-label={`Check ${name}`}
          onClick={() => check.mutate()}
        >
          Check
        </Button>
      </Group>
    </li>
  );
}
