import { QueryClient } from '@tanstack/react-query';
import { ApiFailure } from './client.ts';

/** What was read stays until an event says that it is old: nothing is polled. */
export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: Infinity,
      refetchOnWindowFocus: false,
      // The stream knows when the node is back; what it refuses it would refuse again.
      retry: (failures, error) =>
        error instanceof ApiFailure && error.status >= 500 && failures < 2,
    },
  },
});
