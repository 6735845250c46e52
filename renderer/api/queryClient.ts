import { QueryClient } from '@tanstack/react-query';
import { ApiFailure } from './client.ts';

/** HTTP status of the app's word that the node is away. */
const AWAY = 503;

/** What was read stays until an event says that it is old: nothing is polled. */
export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: Infinity,
      refetchOnWindowFocus: false,
      // The stream knows when the node is back; what it refuses it would refuse again.
      retry: (failures, error) =>
        error instanceof ApiFailure && error.status >= 500 && error.status !== AWAY && failures < 2,
    },
  },
});
