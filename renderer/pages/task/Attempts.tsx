import { Stack } from '@mantine/core';
import type { ExplanationView } from '../../../shared/model/explanationApi.ts';
import type { TaskId } from '../../../shared/model/ids.ts';
import { Section } from '../../parts/Section.tsx';
import { AttemptCard } from './AttemptCard.tsx';

interface Props {
  readonly task: TaskId;
  readonly attempts: ExplanationView['execution'];
}

/** Every attempt, the last one first. */
export function Attempts({ task, attempts }: Props) {
  return (
    <Section title="Execution" count={attempts.length} empty="It has not been started.">
      <Stack gap="sm">
        {attempts.toReversed().map((attempt) => (
          <AttemptCard key={`${attempt.attempt} ${attempt.node}`} task={task} told={attempt} />
        ))}
      </Stack>
    </Section>
  );
}
