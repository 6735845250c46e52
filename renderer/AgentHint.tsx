import { count } from '../shared/explain/format.ts';

/** What would be possible with a coding agent; nothing where no task waits for one. */
export function AgentHint({ waiting }: { waiting: number }) {
  if (waiting === 0) return null;
  return (
    <p className="hint">
      {count(waiting, 'task')} {waiting === 1 ? 'waits' : 'wait'} for a coding agent: connect a
      model with <code>vigil providers add</code> (anthropic, openai, ollama, …);{' '}
      <code>vigil agents</code> shows which agents are here and how to get one.
    </p>
  );
}
