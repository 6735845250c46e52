import { Alert } from '@mantine/core';
import { ApiFailure } from '../api/client.ts';

/** Why something that a person wanted did not happen; nothing while it went well. */
export function Trouble({ error }: { error: Error | null }) {
  if (!error) return null;
  return (
    <Alert color="red" role="alert" mt="xs" title={error.message}>
      {error instanceof ApiFailure ? error.help : null}
    </Alert>
  );
}
