import { Group } from '@mantine/core';
import { dateTime } from '../../../shared/explain/format.ts';
import type { ExplanationView } from '../../../shared/model/explanationApi.ts';
import type { TaskId } from '../../../shared/model/ids.ts';
import { Facts } from '../../parts/Facts.tsx';
import { Section } from '../../parts/Section.tsx';
import { TaskLink } from '../../parts/TaskLink.tsx';
import { localOffset } from '../../parts/localOffset.ts';
import { visible } from '../../parts/visible.ts';
import classes from './task.module.css';

interface Props {
  readonly told: ExplanationView['impact'];
  readonly events: ExplanationView['events'];
}

/** What it set free, what waits for it, and the events that all of this was told from. */
export function Impact({ told, events }: Props) {
  const { unblocked, waitingForIt, promoted } = told;
  return (
    <>
      <Section title="Impact">
        <Facts
          facts={[
            ['unblocked', <Links key="unblocked" tasks={unblocked} />],
            ['waiting for it', <Links key="waiting" tasks={waitingForIt} />],
            ['promoted', promoted ? 'yes, it is on the target branch' : 'no'],
          ]}
        />
      </Section>
      <details className={classes.events}>
        <summary>Told from {events.length} events</summary>
        <ol>
          {events.map(({ node, seq, atMs, text }) => (
            <li key={`${node} ${seq}`}>
              <time>{dateTime(atMs, localOffset(atMs))}</time> {visible(text)}
            </li>
          ))}
        </ol>
      </details>
    </>
  );
}

function Links({ tasks }: { tasks: readonly TaskId[] }) {
  if (tasks.length === 0) return 'nothing';
  return (
    <Group gap="xs" component="span">
      {tasks.map((task) => (
        <TaskLink key={task} id={task} />
      ))}
    </Group>
  );
}
