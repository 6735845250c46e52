import {
  Button,
  Checkbox,
  Group,
  Modal,
  SegmentedControl,
  Select,
  Stack,
  Textarea,
  TextInput,
} from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconPlus } from '@tabler/icons-react';
import { useState, type FormEvent } from 'react';
import { useLocation } from 'wouter';
import type { TaskSummary } from '../../../shared/model/taskApi.ts';
import { useProjects } from '../../api/queries.ts';
import { Trouble } from '../../parts/Trouble.tsx';
import { useAct } from '../../parts/useAct.ts';

/** What a person fills in; the rest of a task file is for the command line. */
interface Draft {
  readonly project: string;
  readonly title: string;
  readonly instructions: string;
  readonly kind: 'agent' | 'command';
  readonly run: string;
  readonly scope: string;
  readonly review: boolean;
}

/** Adds one task by a form, and goes to its page. */
export function AddTask({ project }: { project: string }) {
  const [isOpen, { open, close }] = useDisclosure();
  return (
    <>
      <Button size="xs" leftSection={<IconPlus size={14} aria-hidden />} onClick={open}>
        Add a task
      </Button>
      <Modal opened={isOpen} onClose={close} title="Add a task" size="lg">
        <Form project={project} />
      </Modal>
    </>
  );
}

function Form({ project }: { project: string }) {
  const projects = useProjects().data?.projects ?? [];
  const [, navigate] = useLocation();
  const [draft, setDraft] = useState<Draft>({
    ...{ project, title: '', instructions: '', kind: 'agent', run: '', scope: '', review: false },
  });
  const change = (part: Partial<Draft>) => setDraft((now) => ({ ...now, ...part }));
  const chosen = draft.project || (projects[0]?.id ?? '');
  const add = useAct(async (api) => {
    const { tasks } = await api.send<{ tasks: TaskSummary[] }>('POST', '/v1/tasks', {
      tasks: [toInput(draft, chosen)],
    });
    if (tasks[0]) navigate(`/tasks/${tasks[0].id}`);
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    add.mutate();
  };
  return (
    <form onSubmit={submit}>
      <Stack gap="sm">
        <Select
          label="Project"
          data={projects.map(({ id }) => id)}
          value={chosen}
          allowDeselect={false}
          onChange={(value) => change({ project: value ?? '' })}
        />
        <TextInput
          label="Title"
          required
          maxLength={200}
          data-autofocus
          autoComplete="off"
          value={draft.title}
          onChange={({ currentTarget }) => change({ title: currentTarget.value })}
        />
        <SegmentedControl
          aria-label="Who does it"
          data={[
            { value: 'agent', label: 'A coding agent' },
            { value: 'command', label: 'A command' },
          ]}
          value={draft.kind}
          onChange={(value) => change({ kind: value === 'command' ? 'command' : 'agent' })}
        />
        {draft.kind === 'command' ? (
          <TextInput
            label="Command"
            description="Runs in a worktree of its own; what it changes is checked and merged."
            required
            autoComplete="off"
            value={draft.run}
            onChange={({ currentTarget }) => change({ run: currentTarget.value })}
          />
        ) : (
          <Textarea
            label="What is wanted"
            description="As you would tell a colleague: what, where, and how one sees that it is done."
            required
            autosize
            minRows={4}
            maxRows={14}
            maxLength={20_000}
            value={draft.instructions}
            onChange={({ currentTarget }) => change({ instructions: currentTarget.value })}
          />
        )}
        <TextInput
          label="Files that it may change"
          description="Paths or globs with commas between them; empty: any."
          autoComplete="off"
          value={draft.scope}
          onChange={({ currentTarget }) => change({ scope: currentTarget.value })}
        />
        <Checkbox
          label="Show me the result before it is merged"
          checked={draft.review}
          onChange={({ currentTarget }) => change({ review: currentTarget.checked })}
        />
        <Group>
          <Button type="submit" loading={add.isPending}>
            Add
          </Button>
        </Group>
        <Trouble error={add.error} />
      </Stack>
    </form>
  );
}

function toInput({ kind, title, instructions, run, scope, review }: Draft, project: string) {
  return {
    project,
    title: title.trim(),
    review,
    scope: scope
      .split(',')
      .map((path) => path.trim())
      .filter((path) => path !== ''),
    ...(kind === 'command'
      ? { run }
      : { type: 'implementation', instructions: instructions.trim() }),
  };
}
