import type { AgentView, BudgetView, ProviderView } from '../../shared/model/agentApi.ts';
import type { ReportView } from '../../shared/model/reportApi.ts';
import type { GraphView } from '../../shared/model/taskApi.ts';
import type {
  DecisionsView,
  InsightView,
  NodeSeriesView,
  SettingsView,
  SpendingView,
} from '../../shared/model/insightApi.ts';
import type { NodeId } from '../../shared/model/ids.ts';
import { useRead } from './queries.ts';

/** Of one project, or of all. */
export const useGraph = (project: string | null) =>
  useRead<GraphView>(
    'graph',
    project === null ? '/v1/graph' : `/v1/graph?project=${encodeURIComponent(project)}`,
  );
export const useDecisions = (limit: number) =>
  useRead<DecisionsView>('decisions', `/v1/decisions?limit=${limit}`);
export const useInsights = (hours: number) =>
  useRead<InsightView>('report', `/v1/insights?hours=${hours}`);
export const useReport = (hours: number) =>
  useRead<ReportView>('report', `/v1/report?hours=${hours}`);
export const useBudget = () => useRead<BudgetView>('budget', '/v1/budget');
export const useSpending = () => useRead<SpendingView>('budget', '/v1/spending');
export const useNodeSeries = (node: NodeId, hours: number) =>
  useRead<NodeSeriesView>('nodes', `/v1/nodes/${node}/series?hours=${hours}`);
export const useAgents = () => useRead<{ agents: AgentView[] }>('agents', '/v1/agents');
export const useProviders = () => useRead<{ providers: ProviderView[] }>('agents', '/v1/providers');
export const useSettings = () => useRead<SettingsView>('settings', '/v1/settings');
