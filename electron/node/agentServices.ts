import type {
  AgentCheckView,
  AgentView,
  ApprovalView,
  BudgetChangeView,
  BudgetView,
  ModelView,
  ProviderCheckView,
  ProviderInput,
  ProviderView,
} from '../../shared/model/agentApi.ts';
import type { AgentId, ProviderId } from '../../shared/model/agent.ts';
import type { ApprovalId } from '../../shared/model/approval.ts';
import type { Budget } from '../../shared/model/budget.ts';

/** What the API offers about agents, models, money and approvals. */
export interface AgentServices {
  agents(): AgentView[];
  /** Really starts each agent that is named, or all. Throws `not-found`. */
  checkAgents(ids: readonly AgentId[]): Promise<AgentCheckView[]>;
  providers(): Promise<ProviderView[]>;
  /** Adds a provider or changes it; the key goes to the keychain or a file of its own. */
  setProvider(id: ProviderId, input: ProviderInput): Promise<ProviderView>;
  /** Throws `not-found`. */
  removeProvider(id: ProviderId): Promise<void>;
  /** Makes a real call. Throws `not-found`. */
  testProvider(id: ProviderId): Promise<ProviderCheckView>;
  models(): ModelView[];
  budget(): BudgetView;
  /** Sets caps that fall at once; asks first when one rises. */
  setBudget(budget: Budget, who: string): Promise<BudgetChangeView>;
  approvals(): ApprovalView[];
  /** Throws `not-found` unless it is open. */
  approval(id: ApprovalId): ApprovalView;
  /** Throws `not-found` unless it is open. */
  answerApproval(
    id: ApprovalId,
    answer: 'approved' | 'denied',
    who: string,
    reason: string,
  ): Promise<ApprovalView>;
}
