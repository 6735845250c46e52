import { Button, Tooltip } from '@mantine/core';

interface Props {
  readonly draining: boolean;
  readonly pending: boolean;
  readonly onClick: () => void;
}

/** Lets a node finish what runs and take nothing new, or take work again. */
export function DrainButton({ draining, pending, onClick }: Props) {
  return (
    <Tooltip
      label={draining ? 'It takes work again' : 'It finishes what runs and takes nothing new'}
    >
      <Button size="xs" variant="default" loading={pending} onClick={onClick}>
        {draining ? 'Undrain' : 'Drain'}
      </Button>
    </Tooltip>
  );
}
