import { Button, Group, Stack, Text, TextInput } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { useDeferredValue, useState } from 'react';
import { Link } from 'wouter';
import { count, duration } from '../../../shared/explain/format.ts';
import type { GraphView } from '../../../shared/model/taskApi.ts';
import { visible } from '../../parts/visible.ts';
import { StateSign } from './StateSign.tsx';
import { stateOf, type GraphTask } from './taskState.ts';
import classes from './graph.module.css';

/** Rows that are shown at first, and with every further wish. */
const ROWS = 60;

interface Props {
  readonly view: GraphView;
  readonly marked: string | null;
  readonly onMark: (id: string | null) => void;
}

/** The same tasks as the graph in words: the critical path first, each with what it waits for. */
export function GraphList({ view, marked, onMark }: Props) {
  const [wanted, setWanted] = useState('');
  const [rows, setRows] = useState(ROWS);
  const text = useDeferredValue(wanted).trim().toLowerCase();
  const found = view.tasks
    .filter(({ id, title }) => `${id} ${title}`.toLowerCase().includes(text))
    .sort((a, b) => Number(b.onCriticalPath) - Number(a.onCriticalPath));
  const before = Map.groupBy(view.edges, ({ to }) => to);
  return (
    <Stack gap="xs">
      <TextInput
        size="xs"
        aria-label="Find a task"
        placeholder="Find a task"
        leftSection={<IconSearch size={14} aria-hidden />}
        value={wanted}
        onChange={({ currentTarget }) => setWanted(currentTarget.value)}
      />
      <ul className={classes.list} aria-label="Tasks of the graph" tabIndex={0}>
        {found.slice(0, rows).map((task) => (
          <li key={task.id}>
            <Link
              href={`/tasks/${task.id}`}
              className={classes.row}
              {...(task.id === marked ? { 'data-marked': true } : {})}
              onFocus={() => onMark(task.id)}
              onMouseEnter={() => onMark(task.id)}
            >
              <Group justify="space-between" wrap="nowrap">
                <StateSign state={stateOf(task)} />
                <Text span size="xs" c="var(--vigil-soft)">
                  {task.id} · {duration(task.estimateMs)}
                  {task.onCriticalPath && ' · critical path'}
                </Text>
              </Group>
              <Text size="sm" lineClamp={2}>
                {visible(task.title)}
              </Text>
              <Text size="xs" c="var(--vigil-soft)" lineClamp={2}>
                {visible(waits(task, before.get(task.id)?.map(({ from }) => from) ?? []))}
              </Text>
            </Link>
          </li>
        ))}
      </ul>
      {found.length === 0 && (
        <Text size="sm" c="var(--vigil-soft)">
          No open task is called that.
        </Text>
      )}
      {found.length > rows && (
        <Button size="xs" variant="default" onClick={() => setRows(rows + 5 * ROWS)}>
          Show more of {count(found.length, 'task')}
        </Button>
      )}
    </Stack>
  );
}

function waits({ waiting }: GraphTask, from: readonly string[]): string {
  if (waiting) return waiting.text;
  return from.length > 0 ? `after ${from.slice(0, 5).join(', ')}` : '';
}
