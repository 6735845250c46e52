import { Anchor, Text } from '@mantine/core';
import { Link } from 'wouter';
import { count } from '../../../shared/explain/format.ts';

/** What a coding agent would make possible, where none is. */
export function AgentHint({ waiting }: { waiting: number }) {
  if (waiting === 0) return null;
  return (
    <Text size="sm" c="var(--vigil-soft)" mt="sm">
      {count(waiting, 'task')} {waiting === 1 ? 'waits' : 'wait'} for a coding agent: connect a
      model (anthropic, openai, ollama, …) in the{' '}
      <Anchor component={Link} href="/settings" inherit underline="always">
        settings
      </Anchor>
      , which also say which agents are here and how to get one.
    </Text>
  );
}
