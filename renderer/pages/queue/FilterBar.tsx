import { Select, TextInput } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { useProjects } from '../../api/queries.ts';
import { ENDED } from '../../api/reads.ts';
import type { Filter } from './useFilter.ts';
import classes from './queue.module.css';

const STATUSES = [
  { value: '', label: 'Everything open' },
  { value: 'running', label: 'Running' },
  { value: 'ready', label: 'Ready' },
  { value: 'review', label: 'In review' },
  { value: 'waiting', label: 'Waiting' },
  { value: 'ended', label: 'Everything ended' },
  ...ENDED.map((value) => ({ value, label: `Ended: ${value}` })),
];

/** By status, project and text. */
export function FilterBar({ filter }: { filter: Filter }) {
  const projects = useProjects().data?.projects ?? [];
  return (
    <div className={classes.filter}>
      <Select
        label="Status"
        size="sm"
        data={STATUSES}
        value={filter.status}
        allowDeselect={false}
        onChange={(value) => filter.setStatus(value ?? '')}
      />
      <Select
        label="Project"
        size="sm"
        data={[
          { value: '', label: 'All' },
          ...projects.map(({ id }) => ({ value: id, label: id })),
        ]}
        value={filter.project}
        allowDeselect={false}
        onChange={(value) => filter.setProject(value ?? '')}
      />
      <TextInput
        label="Text"
        size="sm"
        type="search"
        placeholder="number, title or reason"
        leftSection={<IconSearch size={14} aria-hidden />}
        value={filter.text}
        onChange={({ currentTarget }) => filter.setText(currentTarget.value)}
      />
    </div>
  );
}
