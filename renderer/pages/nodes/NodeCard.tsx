import { Badge, Group, List, SimpleGrid, Text, Title } from '@mantine/core';
import { count, inline } from '../../../shared/explain/format.ts';
import type { NodeView } from '../../../shared/model/meshApi.ts';
import { Card } from '../../parts/Card.tsx';
import { ConfirmButton } from '../../parts/ConfirmButton.tsx';
import { TaskLink } from '../../parts/TaskLink.tsx';
import { Trouble } from '../../parts/Trouble.tsx';
import { useAct } from '../../parts/useAct.ts';
import { NodeSenses } from './NodeSenses.tsx';
import { NodeSeries } from './NodeSeries.tsx';
import { DrainButton } from './DrainButton.tsx';

/** One machine: how it is, what it does, what it has shown. */
export function NodeCard({ node }: { node: NodeView }) {
  const { id, name, self, up, version, running, slots, capabilities, fitness, notes } = node;
  const drain = useAct((api) =>
    api.send('POST', `/v1/nodes/${id}/drain`, { drain: !node.draining }),
  );
  return (
    <Card role="article" aria-label={`Node ${name}`}>
      <Group justify="space-between" align="flex-start">
        <div>
          <Group gap="xs">
            <Title order={2} size="h4">
              {name}
            </Title>
            <State node={node} />
          </Group>
          <Text size="xs" c="var(--vigil-soft)">
            {id}
            {version !== '' && ` · version ${version}`}
            {self && ' · this node'}
          </Text>
        </div>
        <Group gap="xs">
          <DrainButton
            draining={node.draining}
            pending={drain.isPending}
            onClick={() => drain.mutate()}
          />
          {!self && (
            <ConfirmButton
              label="Revoke"
              title={`Revoke ${name}?`}
              act={(api) => api.send('POST', `/v1/nodes/${id}/revoke`)}
            >
              <Text size="sm">
                It is put out of the mesh for good: it gets no more work, no copies and no keys, and
                what it writes from now on counts no more. Work that runs there is given to another
                node. What it already has on its disk stays there. To take it back, invite it anew.
              </Text>
            </ConfirmButton>
          )}
        </Group>
      </Group>
      <Trouble error={drain.error} />
      {fitness.troubles.length > 0 && (
        <Text size="sm" c="var(--vigil-warn)" mt="xs">
          {fitness.any ? 'Takes less work' : 'Takes no work'}: it{' '}
          {fitness.troubles.map(({ text }) => text).join(', ')}.
        </Text>
      )}
      {notes.map((note) => (
        <Text key={note} size="sm" c="var(--vigil-warn)" mt="xs">
          {inline(note)}.
        </Text>
      ))}
      <NodeSenses node={node} />
      <SimpleGrid cols={{ base: 1, sm: 2 }} mt="md" spacing="lg">
        <div>
          <Heading>Work</Heading>
          <Text size="sm">
            {running.length === 0 ? 'Nothing runs here.' : `${count(running.length, 'task')}: `}
            {running.map((task) => (
              <span key={task}>
                <TaskLink id={task} />{' '}
              </span>
            ))}
          </Text>
          <Text size="sm" c="var(--vigil-soft)">
            {slots.agent.used} of {count(slots.agent.max, 'slot')} for agents, {slots.cheap.used} of{' '}
            {slots.cheap.max} for other work
          </Text>
          <Group gap={4} mt="xs">
            {capabilities.map((label) => (
              <Badge key={label} variant="default" size="sm" tt="none" fw={400}>
                {label}
              </Badge>
            ))}
          </Group>
        </div>
        <div>
          <Heading>What it has shown</Heading>
          <Profile node={node} />
        </div>
      </SimpleGrid>
      {up && <NodeSeries node={id} />}
    </Card>
  );
}

function Heading({ children }: { children: string }) {
  return (
    <Title order={3} size="sm" mb={4}>
      {children}
    </Title>
  );
}

function State({ node: { up, leads, draining, fitness } }: { node: NodeView }) {
  const [colour, word] = !up
    ? ['var(--vigil-soft)', 'away']
    : draining
      ? ['var(--vigil-warn)', 'draining']
      : fitness.any
        ? ['var(--vigil-good)', 'up']
        : ['var(--vigil-warn)', 'rests'];
  return (
    <>
      <Badge variant="default" c={colour ?? ''}>
        {word}
      </Badge>
      {leads && <Badge variant="light">leads</Badge>}
    </>
  );
}

const SIGNS = { strength: '+', weakness: '−', reliability: '•', duration: '•' } as const;

function Profile({ node: { profile } }: { node: NodeView }) {
  if (profile.length === 0)
    return (
      <Text size="sm" c="var(--vigil-soft)">
        Nothing yet: after some tasks, what it is good at, how reliable and how quick it is.
      </Text>
    );
  return (
    <List size="sm" listStyleType="none" spacing={2}>
      {profile.map(({ kind, text, evidence }) => (
        <List.Item key={kind + text}>
          <span aria-hidden>{SIGNS[kind]} </span>
          {text}{' '}
          <Text span size="xs" c="var(--vigil-soft)">
            ({evidence})
          </Text>
        </List.Item>
      ))}
    </List>
  );
}
