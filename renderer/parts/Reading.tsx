import { Alert, Skeleton, Stack } from '@mantine/core';
import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { ApiFailure } from '../api/client.ts';

interface Props<T> {
  readonly of: UseQueryResult<T>;
  readonly children: (data: T) => ReactNode;
}

/** What was read, or that it is still coming, or why it can't be had. */
export function Reading<T>({ of, children }: Props<T>) {
  if (of.data !== undefined) return <>{children(of.data)}</>;
  if (of.error) {
    const { error } = of;
    return (
      <Alert color="red" title={error.message} role="alert">
        {error instanceof ApiFailure ? error.help : 'Reload the page.'}
      </Alert>
    );
  }
  return (
    <Stack gap="sm" aria-busy="true" aria-label="Loading">
      {[1, 2, 3].map((row) => (
        <Skeleton key={row} h={44} />
      ))}
    </Stack>
  );
}
