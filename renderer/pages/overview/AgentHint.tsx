import { Text } from '@mantine/core';
import { count } from '../../../shared/explain/format.ts';

/** What a coding agent would make possible, where none is. */
export function AgentHint({ waiting }: { waiting: number }) {
  if (waiting === 0) return null;
  return (
    <Text size="sm" c="var(--vigil-soft)" mt="sm">
      {count(waiting, 'task')} {waiting === 1 ? 'waits' : 'wait'} for a coding agent: connect a
      model with <code>vigil providers add</code> (anthropic, openai, ollama, …);{' '}
      <code>vigil agents</code> shows which agents are here and how to get one.
    </Text>
  );
}
