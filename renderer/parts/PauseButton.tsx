import { Button } from '@mantine/core';
import { IconPlayerPause, IconPlayerPlay } from '@tabler/icons-react';
import { useAct } from './useAct.ts';

/** Stops new work, and lets it go on again. */
export function PauseButton({ paused, disabled }: { paused: boolean; disabled: boolean }) {
  const toggle = useAct((api) =>
    paused
      ? api.send('POST', '/v1/resume')
      : api.send('POST', '/v1/pause', { reason: 'paused on the page' }),
  );
  const Sign = paused ? IconPlayerPlay : IconPlayerPause;
  return (
    <Button
      variant={paused ? 'filled' : 'default'}
      size="xs"
      leftSection={<Sign size={14} aria-hidden />}
      loading={toggle.isPending}
      disabled={disabled}
      onClick={() => toggle.mutate()}
    >
      {paused ? 'Resume' : 'Pause'}
    </Button>
  );
}
