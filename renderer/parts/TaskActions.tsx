import { ActionIcon, Button, Group, Popover, Text, TextInput } from '@mantine/core';
import { IconRefresh, IconX } from '@tabler/icons-react';
import { useState } from 'react';
import { useLocation } from 'wouter';
import type { TaskSummary } from '../../shared/model/taskApi.ts';
import type { TaskId } from '../../shared/model/ids.ts';
import { ConfirmButton } from './ConfirmButton.tsx';
import { Trouble } from './Trouble.tsx';
import { useAct } from './useAct.ts';

interface Props {
  readonly id: TaskId;
  readonly status: TaskSummary['status'];
  /** As signs, for a row. */
  readonly isCompact?: boolean;
}

const ENDED: ReadonlySet<TaskSummary['status']> = new Set([
  ...(['merged', 'done', 'failed', 'rejected', 'cancelled', 'split'] as const),
]);

/** Cancels a task that is open, gives one that failed or was rejected another chance, takes a merged one back. */
export function TaskActions({ id, status, isCompact = false }: Props) {
  if (status === 'failed' || status === 'rejected') return <Retry id={id} isCompact={isCompact} />;
  if (status === 'merged') return isCompact ? null : <Undo id={id} />;
  return ENDED.has(status) ? null : <Cancel id={id} isCompact={isCompact} />;
}

function Retry({ id, isCompact }: { id: TaskId; isCompact: boolean }) {
  const retry = useAct((api) => api.send('POST', `/v1/tasks/${id}/retry`));
  const common = { loading: retry.isPending, onClick: () => retry.mutate() };
  return (
    <>
      {isCompact ? (
        <ActionIcon {...common} variant="default" aria-label={`Retry ${id}`} title="Retry">
          <IconRefresh size={14} />
        </ActionIcon>
      ) : (
        <Button {...common} size="xs" leftSection={<IconRefresh size={14} aria-hidden />}>
          Retry
        </Button>
      )}
      <Trouble error={retry.error} />
    </>
  );
}

function Undo({ id }: { id: TaskId }) {
  const [, go] = useLocation();
  return (
    <ConfirmButton
      label="Undo"
      title={`Take ${id} back?`}
      act={async (api) => {
        const task = await api.send<TaskSummary>('POST', `/v1/tasks/${id}/undo`);
        go(`/tasks/${task.id}`);
      }}
    >
      <Text size="sm">
        A task of its own takes its changes back, is checked and merged like any other. Nothing
        happens where later work builds on them.
      </Text>
    </ConfirmButton>
  );
}

function Cancel({ id, isCompact }: { id: TaskId; isCompact: boolean }) {
  const [isOpen, setOpen] = useState(false);
  const [reason, setReason] = useState('');
  const cancel = useAct((api) =>
    api.send('POST', `/v1/tasks/${id}/cancel`, { reason: reason.trim() }),
  );
  const open = () => setOpen((now) => !now);
  return (
    <Popover opened={isOpen} onChange={setOpen} position="bottom-end" trapFocus withArrow>
      <Popover.Target>
        {isCompact ? (
          <ActionIcon
            variant="subtle"
            color="gray"
            aria-label={`Cancel ${id}`}
            title="Cancel"
            onClick={open}
          >
            <IconX size={14} />
          </ActionIcon>
        ) : (
          <Button size="xs" variant="default" onClick={open}>
            Cancel the task
          </Button>
        )}
      </Popover.Target>
      <Popover.Dropdown aria-label={`Cancel ${id}`}>
        <form
          onSubmit={(event) => {
            event.preventDefault();
            cancel.mutate();
          }}
        >
          <TextInput
            label="Why (may stay empty)"
            size="xs"
            autoComplete="off"
            value={reason}
            onChange={({ currentTarget }) => setReason(currentTarget.value)}
          />
          <Group gap="xs" mt="xs">
            <Button size="xs" color="danger" type="submit" loading={cancel.isPending}>
              Cancel it
            </Button>
            <Button size="xs" variant="default" onClick={() => setOpen(false)}>
              Keep it
            </Button>
          </Group>
          <Trouble error={cancel.error} />
        </form>
      </Popover.Dropdown>
    </Popover>
  );
}
