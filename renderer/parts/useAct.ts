import { useMutation, type UseMutationResult } from '@tanstack/react-query';
import type { Api } from '../api/client.ts';
import { useApi } from '../api/context.tsx';

/** Something that a person does; what it changes comes back as events. Its error is for {@link Trouble}. */
export function useAct<T = void>(
  act: (api: Api, input: T) => Promise<unknown>,
): UseMutationResult<unknown, Error, T> {
  const api = useApi();
  return useMutation({ mutationFn: (input: T) => act(api, input) });
}
