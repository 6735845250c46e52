import { Button } from '@mantine/core';
import { openPlace } from './openPlace.ts';

/** Leads to where the whole of what waits is shown, on the page. */
export function ShowButton({ id }: { id: string }) {
  return (
    <Button
      size="compact-sm"
      variant="subtle"
      color="gray"
      aria-label={`Show ${id}`}
      onClick={() => openPlace(`/approvals?show=${id}`)}
    >
      Show
    </Button>
  );
}
