import { List, Text } from '@mantine/core';
import { score } from '../../../shared/explain/format.ts';
import type { ExplanationView } from '../../../shared/model/explanationApi.ts';
import { Facts } from '../../parts/Facts.tsx';
import { Section } from '../../parts/Section.tsx';
import { TaskLink } from '../../parts/TaskLink.tsx';
import { visible } from '../../parts/visible.ts';

/** Why it is not running, or why it was given to that node then. */
export function Dispatch({ told }: { told: ExplanationView['dispatch'] }) {
  const { waits, rounds } = told;
  return (
    <Section
      title="Dispatch"
      count={waits.length + rounds.length}
      empty="It has not been dispatched."
    >
      {waits.length > 0 && (
        <List size="sm" mb="xs">
          {waits.map((wait, index) => (
            <List.Item key={index}>
              {visible(wait.text)}{' '}
              <Text span size="sm" c="var(--vigil-soft)">
                Until: {visible(wait.until)}. {wait.task !== null && <TaskLink id={wait.task} />}
              </Text>
            </List.Item>
          ))}
        </List>
      )}
      {rounds.map((round) => (
        <div key={`${round.attempt} ${round.atMs}`}>
          <Text size="sm">
            Attempt {round.attempt} on {round.node}, score {score(round.score)}:{' '}
            {visible(round.reason)}
          </Text>
          <Facts
            facts={round.alternatives.map((other) => [
              `instead, ${score(other.score)}`,
              `${visible(other.text)}: ${visible(other.reason)}`,
            ])}
          />
        </div>
      ))}
    </Section>
  );
}
