import { useQuery, type UseQueryResult } from '@tanstack/react-query';
import type { AgentView, ApprovalView } from '../../shared/model/agentApi.ts';
import type {
  ExplanationView,
  ProjectView,
  QueueView,
  ReportView,
  ReviewView,
  StatusView,
  TaskDetail,
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
/** The tasks at work. */
export const useRunning = () => useTasks(RUNNING);
/** The tasks that ended last, the latest end first. */
export const useEnded = (limit: number) => useTasks(ENDED, limit);
export const useTasks = (statuses: readonly TaskSummary['status'][], limit?: number) =>
  useRead<{ tasks: TaskSummary[] }>(
    'tasks',
    `/v1/tasks?status=${statuses.join(',')}${limit === undefined ? '' : `&limit=${limit}`}`,
  );
export const useReport = (hours: number) =>
  useRead<ReportView>('report', `/v1/report?hours=${hours}`);
export const useAgents = () => useRead<{ agents: AgentView[] }>('agents', '/v1/agents');
export const useTask = (task: TaskId) => useRead<TaskDetail>('tasks', `/v1/tasks/${task}`);

const RUNNING = ['assigned', 'running', 'verifying', 'merging'] as const;
export const ENDED = ['merged', 'done', 'failed', 'rejected', 'cancelled', 'split'] as const;
