import { Button, Group, Modal, type ButtonProps } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import type { ReactNode } from 'react';
import type { Api } from '../api/client.ts';
import { Trouble } from './Trouble.tsx';
import { useAct } from './useAct.ts';

interface Props {
  readonly label: string;
  readonly title: string;
  /** What it means, before it is done. */
  readonly children: ReactNode;
  readonly act: (api: Api) => Promise<unknown>;
  readonly danger?: boolean;
  readonly button?: ButtonProps;
}

/** Something that is asked once more before it is done. */
export function ConfirmButton({ label, title, children, act, danger = true, button }: Props) {
  const [isOpen, { open, close }] = useDisclosure();
  const doing = useAct(act);
  return (
    <>
      <Button
        size="xs"
        variant="default"
        {...button}
        onClick={() => {
          doing.reset();
          open();
        }}
      >
        {label}
      </Button>
      <Modal opened={isOpen} onClose={close} title={title}>
        {children}
        <Trouble error={doing.error} />
        <Group justify="flex-end" mt="md">
          <Button variant="default" onClick={close}>
            Cancel
          </Button>
          <Button
            {...(danger ? { color: 'danger' } : {})}
            loading={doing.isPending}
            onClick={() => doing.mutate(undefined, { onSuccess: close })}
          >
            {label}
          </Button>
        </Group>
      </Modal>
    </>
  );
}
