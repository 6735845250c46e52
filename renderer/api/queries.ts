import { keepPreviousData, useQuery, type UseQueryResult } from '@tanstack/react-query';
import type { AgentView, ApprovalView } from '../../shared/model/agentApi.ts';
import type { ExplanationView } from '../../shared/model/explanationApi.ts';
import type { ProjectView } from '../../shared/model/projectApi.ts';
import type { ReportView } from '../../shared/model/reportApi.ts';
import type { ReviewView } from '../../shared/model/reviewApi.ts';
import type { QueueView, TaskDetail, TaskSummary } from '../../shared/model/taskApi.ts';
import type { TaskId } from '../../shared/model/ids.ts';
import type { NodesView } from '../../shared/model/meshApi.ts';
import { useApi } from './context.tsx';
import { ENDED, PATHS, readOf, statusQuery, type QueueQuery } from './reads.ts';
import type { Topic } from './staleness.ts';

/** Reads a path, and reads it again when an event says that its topic is old. */
export function useRead<T>(topic: Topic, path: string): UseQueryResult<T> {
  const api = useApi();
  return useQuery(readOf<T>(api, topic, path));
}

export const useStatus = () => useQuery(statusQuery(useApi()));
/** The first rows of each part of the queue; what was shown stays until the next is there. */
export function useQueue(query: QueueQuery): UseQueryResult<QueueView> {
  const read = readOf<QueueView>(useApi(), 'queue', PATHS.queue(query));
  return useQuery({ ...read, placeholderData: keepPreviousData });
}
export const useNodes = () => useRead<NodesView>('nodes', PATHS.nodes);
export const useProjects = () => useRead<{ projects: ProjectView[] }>('projects', PATHS.projects);
export const useReviews = () => useRead<{ reviews: ReviewView[] }>('reviews', PATHS.reviews);
export const useReview = (task: TaskId) =>
  useRead<ReviewView>('reviews', `${PATHS.reviews}/${task}`);
export const useApprovals = () =>
  useRead<{ approvals: ApprovalView[] }>('approvals', PATHS.approvals);
export const useStory = (task: TaskId) =>
  useRead<ExplanationView>('tasks', `/v1/tasks/${task}/explain`);
/** The tasks at work. */
export const useRunning = () => useRead<{ tasks: TaskSummary[] }>('tasks', PATHS.running());
/** The tasks that ended last, the latest end first. */
export const useEnded = (limit: number) => useTasks(ENDED, limit);
export const useTasks = (statuses: readonly TaskSummary['status'][], limit?: number) =>
  useRead<{ tasks: TaskSummary[] }>('tasks', PATHS.tasks(statuses, limit));
export const useReport = (hours: number) => useRead<ReportView>('report', PATHS.report(hours));
export const useAgents = () => useRead<{ agents: AgentView[] }>('agents', '/v1/agents');
export const useTask = (task: TaskId) => useRead<TaskDetail>('tasks', `/v1/tasks/${task}`);
