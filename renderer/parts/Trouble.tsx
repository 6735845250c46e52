import { Alert } from '@mantine/core';
import { ApiFailure } from '../api/client.ts';
import { Told } from './Told.tsx';

/** Why something that a person wanted did not happen; nothing while it went well. */
export function Trouble({ error }: { error: Error | null }) {
  if (!error) return null;
  return (
    <Alert color="red" role="alert" mt="xs" title={error.message}>
      {error instanceof ApiFailure ? <Told>{error.help}</Told> : null}
    </Alert>
  );
}
