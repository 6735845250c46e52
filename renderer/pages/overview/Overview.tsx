import { Alert, List, Text } from '@mantine/core';
import { count } from '../../../shared/explain/format.ts';
import { useEnded, useQueue, useStatus } from '../../api/queries.ts';
import { PageTitle } from '../../parts/PageTitle.tsx';
import { Reading } from '../../parts/Reading.tsx';
import { Rows } from '../../parts/Rows.tsx';
import { Section } from '../../parts/Section.tsx';
import { TaskRow } from '../../parts/TaskRow.tsx';
import { WaitingForYou } from '../approvals/WaitingForYou.tsx';

/** How many ended tasks are shown. */
const ENDED = 12;

/** The node at a glance: what happened, what it does, what it needs. */
export default function Overview() {
  const status = useStatus();
  const queue = useQueue();
  const ended = useEnded(ENDED);
  return (
    <>
      <PageTitle title="Overview">{status.data?.summary}</PageTitle>
      {status.data && status.data.attention.length > 0 && (
        <Alert color="yellow" title="Needs you" mb="md">
          <List size="sm">
            {status.data.attention.map((item) => (
              <List.Item key={item}>{item}</List.Item>
            ))}
          </List>
        </Alert>
      )}
      {status.data && status.data.counts.waitingForAgent > 0 && (
        <Text size="sm" c="var(--vigil-soft)">
          {count(status.data.counts.waitingForAgent, 'task')}{' '}
          {status.data.counts.waitingForAgent === 1 ? 'waits' : 'wait'} for a coding agent: connect
          a model with <code>vigil providers add</code> (anthropic, openai, ollama, …);{' '}
          <code>vigil agents</code> shows which agents are here and how to get one.
        </Text>
      )}
      <WaitingForYou />
      <Reading of={queue}>
        {({ running }) => (
          <Section title="Running" count={running.length} empty="Nothing runs at the moment.">
            <Rows>
              {running.map((task) => (
                <TaskRow key={task.id} task={task} />
              ))}
            </Rows>
          </Section>
        )}
      </Reading>
      <Reading of={ended}>
        {({ tasks }) => {
          const done = tasks
            .filter(({ endedAtMs }) => endedAtMs !== null)
            .sort((a, b) => (b.endedAtMs ?? 0) - (a.endedAtMs ?? 0));
          return (
            <Section
              title="Recently finished"
              count={done.length}
              empty="Nothing has finished yet."
            >
              <Rows>
                {done.map((task) => (
                  <TaskRow key={task.id} task={task} detail={task.failure} />
                ))}
              </Rows>
            </Section>
          );
        }}
      </Reading>
    </>
  );
}
