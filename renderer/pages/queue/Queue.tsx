import { Text } from '@mantine/core';
import { useMemo } from 'react';
import type { QueueView, TaskSummary } from '../../../shared/model/api.ts';
import { ENDED, useQueue, useTasks } from '../../api/queries.ts';
import { PageTitle } from '../../parts/PageTitle.tsx';
import { Reading } from '../../parts/Reading.tsx';
import { Section } from '../../parts/Section.tsx';
import { AddTask } from './AddTask.tsx';
import { FilterBar } from './FilterBar.tsx';
import { QueueRow, type QueueTask } from './QueueRow.tsx';
import { useFilter, type Filter } from './useFilter.ts';
import { VirtualRows } from './VirtualRows.tsx';

/** How many ended tasks are read; older ones are found by the command line. */
const MOST_ENDED = 1_000;

/** What is to be done, in the order in which it will be done, and why not now. */
export default function Queue() {
  const filter = useFilter();
  const ended = filter.status === 'ended' ? ENDED : ENDED.filter((each) => each === filter.status);
  return (
    <>
      <PageTitle title="Queue" actions={<AddTask project={filter.project} />}>
        What is to be done, and why it is not done yet.
      </PageTitle>
      <FilterBar filter={filter} />
      {ended.length > 0 ? <Ended statuses={ended} filter={filter} /> : <Open filter={filter} />}
    </>
  );
}

const PARTS = [
  { part: 'running', title: 'Running', empty: 'Nothing runs at the moment.' },
  { part: 'ready', title: 'Ready', empty: 'Nothing is ready to start.' },
  { part: 'review', title: 'In review', empty: 'No result waits for your word.' },
  { part: 'waiting', title: 'Waiting', empty: 'Nothing waits.' },
] as const satisfies readonly {
  part: Exclude<keyof QueueView, 'seq'>;
  title: string;
  empty: string;
}[];

function Open({ filter }: { filter: Filter }) {
  const queue = useQueue();
  const parts = PARTS.filter(({ part }) => filter.status === '' || filter.status === part);
  return (
    <Reading of={queue}>
      {(view) =>
        parts.map(({ part, title, empty }) => (
          <Part key={part} title={title} empty={empty} tasks={view[part]} filter={filter} />
        ))
      }
    </Reading>
  );
}

interface EndedProps {
  readonly statuses: readonly TaskSummary['status'][];
  readonly filter: Filter;
}

function Ended({ statuses, filter }: EndedProps) {
  const read = useTasks(statuses, MOST_ENDED);
  return (
    <Reading of={read}>
      {({ tasks }) => (
        <>
          <Part title="Ended" empty="Nothing has ended so." tasks={tasks} filter={filter} />
          {tasks.length >= MOST_ENDED && (
            <Text size="xs" c="var(--vigil-soft)" mt="xs">
              These are the last {MOST_ENDED}. <code>vigil task list --all</code> shows every task.
            </Text>
          )}
        </>
      )}
    </Reading>
  );
}

interface PartProps {
  readonly title: string;
  readonly empty: string;
  readonly tasks: readonly QueueTask[];
  readonly filter: Filter;
}

function Part({ title, empty, tasks, filter }: PartProps) {
  const { project, wanted } = filter;
  const shown = useMemo(
    () =>
      tasks.filter((task) => (project === '' || task.project === project) && holds(task, wanted)),
    [tasks, project, wanted],
  );
  return (
    <Section
      title={title}
      count={shown.length}
      empty={tasks.length > 0 ? 'None that the filter lets through.' : empty}
    >
      <VirtualRows items={shown} keyOf={idOf}>
        {(task) => <QueueRow task={task} />}
      </VirtualRows>
    </Section>
  );
}

const idOf = ({ id }: QueueTask): string => id;

function holds({ id, title, waiting, failure }: QueueTask, wanted: string): boolean {
  return (
    wanted === '' ||
    [id, title, waiting?.text, failure].some((text) => text?.toLocaleLowerCase().includes(wanted))
  );
}
