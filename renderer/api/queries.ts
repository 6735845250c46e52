import { useQuery, type UseQueryResult } from '@tanstack/react-query';
import type { ApprovalView } from '../../shared/model/agentApi.ts';
import type {
  ExplanationView,
  ProjectView,
  QueueView,
  ReviewView,
  StatusView,
  TaskSummary,
} from '../../shared/model/api.ts';
import type { TaskId } from '../../shared/model/ids.ts';
import type { NodesView } from '../../shared/model/meshApi.ts';
import { useApi } from './context.tsx';
import type { Topic } from './staleness.ts';

/** Reads a path, and reads it again when an event says that its topic is old. */
export function useRead<T>(topic: Topic, path: string): UseQueryResult<T> {
  const api = useApi();
  return useQuery({ queryKey: [topic, path], queryFn: () => api.get<T>(path) });
}

export const useStatus = () => useRead<StatusView>('status', '/v1/status');
export const useQueue = () => useRead<QueueView>('queue', '/v1/queue');
export const useNodes = () => useRead<NodesView>('nodes', '/v1/nodes');
export const useProjects = () => useRead<{ projects: ProjectView[] }>('projects', '/v1/projects');
export const useReviews = () => useRead<{ reviews: ReviewView[] }>('reviews', '/v1/reviews');
export const useApprovals = () =>
  useRead<{ approvals: ApprovalView[] }>('approvals', '/v1/approvals');
export const useStory = (task: TaskId) =>
  useRead<ExplanationView>('tasks', `/v1/tasks/${task}/explain`);
/** The tasks that ended last, the newest first. */
export const useEnded = (limit: number) =>
  useRead<{ tasks: TaskSummary[] }>('tasks', `/v1/tasks?all=1&limit=${limit}`);
