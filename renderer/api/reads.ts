import type { QueryClient } from '@tanstack/react-query';
import type { StatusView } from '../../shared/model/statusApi.ts';
import type { Api } from './client.ts';
import type { Topic } from './staleness.ts';

/** How a path is read, and where it is kept. */
export const readOf = <T>(api: Api, topic: Topic, path: string) => ({
  queryKey: [topic, path] as const,
  queryFn: () => api.get<T>(path),
});

export const statusQuery = (api: Api) => readOf<StatusView>(api, 'status', PATHS.status);

const RUNNING = ['assigned', 'running', 'verifying', 'merging'] as const;
export const ENDED = ['merged', 'done', 'failed', 'rejected', 'cancelled', 'split'] as const;
export const REVIEW = ['review'] as const;

/** Addresses that are asked for in more than one place. */
export const PATHS = {
  status: '/v1/status',
  approvals: '/v1/approvals',
  reviews: '/v1/reviews',
  projects: '/v1/projects',
  nodes: '/v1/nodes',
  report: (hours: number) => `/v1/report?hours=${hours}`,
  tasks: (statuses: readonly string[], limit?: number) =>
    `/v1/tasks?status=${statuses.join(',')}${limit === undefined ? '' : `&limit=${limit}`}`,
  running: () => PATHS.tasks(RUNNING),
  queue: ({ project, text, limit }: QueueQuery) => {
    const query = new URLSearchParams({ limit: String(limit) });
    if (project !== '') query.set('project', project);
    if (text !== '') query.set('text', text);
    return `/v1/queue?${query}`;
  },
};

export interface QueueQuery {
  readonly project: string;
  readonly text: string;
  readonly limit: number;
}

/** Rows of each part of the queue that are read at first: more than a screen shows. */
export const FIRST_ROWS = 50;
/** How many ended tasks the overview shows. */
export const LAST_ENDED = 12;
/** Hours that the overview looks back: a night is what one wants to know of first. */
export const NIGHT_HOURS = 12;

/** What the pages that are opened most show at first, by their address. */
const FIRST: Readonly<Record<string, readonly (readonly [Topic, string])[]>> = {
  '/': [
    ['report', PATHS.report(NIGHT_HOURS)],
    ['reviews', PATHS.reviews],
    ['approvals', PATHS.approvals],
    ['tasks', PATHS.running()],
    ['tasks', PATHS.tasks(ENDED, LAST_ENDED)],
    ['projects', PATHS.projects],
  ],
  '/queue': [
    ['queue', PATHS.queue({ project: '', text: '', limit: FIRST_ROWS })],
    ['projects', PATHS.projects],
  ],
  '/popover': [
    ['nodes', PATHS.nodes],
    ['tasks', PATHS.running()],
    ['approvals', PATHS.approvals],
    ['tasks', PATHS.tasks(REVIEW)],
    ['tasks', PATHS.tasks(ENDED, 1)],
  ],
};

/** What the page at an address will show at first; the status before all else. */
export function firstReads({
  pathname,
  search,
}: Pick<Location, 'pathname' | 'search'>): readonly (readonly [Topic, string])[] {
  return [['status', PATHS.status], ...(search === '' ? (FIRST[pathname] ?? []) : [])];
}

/** Has what the page will show read while its code is still on the way. */
export function readAhead(client: QueryClient, api: Api): void {
  for (const [topic, path] of firstReads(location))
    void client.prefetchQuery(readOf(api, topic, path));
}
