import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import type { z } from 'zod';

/** Where the API of a node answers: its address there, and the socket that leads to it from here. */
export interface ApiAddress {
  readonly url: string;
  readonly token: string;
  /** Null: its address can be reached from here. */
  readonly socket: string | null;
}

/** A node that is paused or cut off from its own API does not answer; nobody waits longer than this, ms. */
const ANSWER_MS = 20_000;

/** Calls a node's API and checks the answer. Rejects when there is none, or an error. */
export function apiCall<T>(
  { url, token, socket }: ApiAddress,
  method: string,
  route: string,
  shape: z.ZodType<T>,
  body?: unknown,
): Promise<T> {
  const { host } = new URL(url);
  const options = {
    method,
    agent: false,
    timeout: ANSWER_MS,
    headers: {
      host,
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
    },
    ...(socket === null ? {} : { socketPath: socket }),
  } as const;
  const answer = Promise.withResolvers<T>();
  const call = request(`${url}${route}`, options, (response) => {
    text(response)
      .then((said) => {
        if (response.statusCode === 200) answer.resolve(shape.parse(JSON.parse(said)));
        else throw new Error(`${method} ${route}: ${response.statusCode ?? ''} ${said}`);
      })
      .catch(answer.reject);
  });
  call.on('error', answer.reject);
  call.on('timeout', () => call.destroy(new Error(`${method} ${route}: no answer`)));
  call.end(body === undefined ? '' : JSON.stringify(body));
  return answer.promise;
}
