import { Alert, Anchor, Text } from '@mantine/core';
import { Link } from 'wouter';
import { useAgents } from '../../api/queries.ts';

/** Who can work here; without a coding agent, what is done all the same. */
export function AgentsHere() {
  const agents = useAgents().data?.agents;
  if (!agents) return null;
  const ready = agents.filter((agent) => agent.ready);
  if (ready.length > 0)
    return (
      <Text size="sm">
        Ready to work here: {ready.map(({ name }) => name).join(', ')}, and the mechanic.
      </Text>
    );
  return (
    <Alert color="blue" title="No coding agent is ready on this machine">
      The mechanic works all the same: it fixes what lint can fix, removes unused code and imports,
      formats, and repairs package files, without any model. Tasks that need judgement wait until
      there is an agent: the{' '}
      <Anchor component={Link} href="/settings" inherit underline="always" c="inherit">
        settings
      </Anchor>{' '}
      say how to get one, and connect a model for it.
    </Alert>
  );
}
