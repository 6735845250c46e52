import { Text } from '@mantine/core';
import { describePriority } from '../../../shared/explain/describePriority.ts';
import { dateTime, score } from '../../../shared/explain/format.ts';
import type { ExplanationView } from '../../../shared/model/explanationApi.ts';
import type { TaskId } from '../../../shared/model/ids.ts';
import { useTask } from '../../api/queries.ts';
import { Facts } from '../../parts/Facts.tsx';
import { Section } from '../../parts/Section.tsx';
import { localOffset } from '../../parts/localOffset.ts';
import { visible } from '../../parts/visible.ts';
import classes from './task.module.css';

/** Where the task comes from, and what exactly it asks for. */
export function Generation({ task, told }: { task: TaskId; told: ExplanationView['generation'] }) {
  const { source, trigger, evidence, atMs, priority, specificity, complexity } = told;
  const spec = useTask(task).data?.spec;
  return (
    <Section title="Generation">
      <Facts
        facts={[
          ['source', visible(source)],
          ['trigger', visible(trigger)],
          ['evidence', evidence && visible(evidence)],
          ['when', dateTime(atMs, localOffset(atMs))],
          ['priority', priority && describePriority(priority)],
          ['spec', `specificity ${score(specificity)}, complexity ${score(complexity)}`],
          ['scope', spec && spec.scope.length > 0 && visible(spec.scope.join(', '))],
          [
            'acceptance',
            spec &&
              spec.acceptance.length > 0 &&
              spec.acceptance.map((each) => <div key={each}>{visible(each)}</div>),
          ],
        ]}
      />
      {spec && spec.instructions !== '' && (
        <Text size="sm" mt="xs" className={classes.instructions ?? ''}>
          {visible(spec.instructions)}
        </Text>
      )}
    </Section>
  );
}
