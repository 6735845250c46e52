import { Text } from '@mantine/core';
import { useMemo, useState } from 'react';
import type { QueueView, TaskSummary } from '../../../shared/model/taskApi.ts';
import { useQueue, useTasks } from '../../api/queries.ts';
import { ENDED, FIRST_ROWS } from '../../api/reads.ts';
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
  part: keyof QueueView['totals'];
  title: string;
  empty: string;
}[];

function Open({ filter }: { filter: Filter }) {
  const { project, wanted } = filter;
  const [limit, setLimit] = useState(FIRST_ROWS);
  const queue = useQueue({ project, text: wanted, limit });
  const more = (index: number) => setLimit((now) => (index < now ? now : index + now));
  const parts = PARTS.filter(({ part }) => filter.status === '' || filter.status === part);
  return (
    <Reading of={queue}>
      {(view) =>
        parts.map(({ part, title, empty }) => (
          <Part
            key={part}
            {...{ title, tasks: view[part], total: view.totals[part] }}
            empty={wanted === '' && project === '' ? empty : NONE_LET_THROUGH}
            onMissing={more}
          />
        ))
      }
    </Reading>
  );
}

interface EndedProps {
  readonly statuses: readonly TaskSummary['status'][];
  readonly filter: Filter;
}

function Ended({ statuses, filter: { project, wanted } }: EndedProps) {
  const read = useTasks(statuses, MOST_ENDED);
  const all = read.data?.tasks;
  const shown = useMemo(
    () =>
      (all ?? []).filter(
        (task) => (project === '' || task.project === project) && holds(task, wanted),
      ),
    [all, project, wanted],
  );
  return (
    <Reading of={read}>
      {({ tasks }) => (
        <>
          <Part
            title="Ended"
            empty={tasks.length > 0 ? NONE_LET_THROUGH : 'Nothing has ended so.'}
            tasks={shown}
            total={shown.length}
          />
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

const NONE_LET_THROUGH = 'None that the filter lets through.';

interface PartProps {
  readonly title: string;
  readonly empty: string;
  /** The first ones, of `total`. */
  readonly tasks: readonly QueueTask[];
  readonly total: number;
  /** Told of a row that would be seen and has not been read. */
  readonly onMissing?: (index: number) => void;
}

function Part({ title, empty, tasks, total, onMissing }: PartProps) {
  return (
    <Section title={title} count={total} empty={empty}>
      <VirtualRows items={tasks} total={total} keyOf={idOf} {...(onMissing && { onMissing })}>
        {(task) => <QueueRow task={task} />}
      </VirtualRows>
    </Section>
  );
}

const idOf = ({ id }: QueueTask): string => id;

function holds({ id, title, failure }: QueueTask, wanted: string): boolean {
  return (
    wanted === '' || [id, title, failure].some((text) => text?.toLocaleLowerCase().includes(wanted))
  );
}
