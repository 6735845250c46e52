import { ProviderId, type AgentId, type ProviderConfig } from '../../shared/model/agent.ts';
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
import type { ApprovalId } from '../../shared/model/ids.ts';
import type { Budget } from '../../shared/model/budget.ts';
import type { NodeConfig } from '../../shared/model/config.ts';
import { VigilError } from '../../shared/model/errors.ts';
import { targetsOf } from '../../shared/world/supply.ts';
import { findAgents } from '../execute/agent/findAgents.ts';
import type { ProviderKeys } from '../gateway/keys.ts';
import { checkProvider } from '../gateway/providerCheck.ts';
import { ready } from './agents/localAgents.ts';
import type { Ledger } from './ledger.ts';
import type { Oversight } from './oversight.ts';
import { budgetView } from './views/budget.ts';
import { modelViews } from './views/models.ts';

/** What the API offers about agents, models, money and approvals; also while no node runs. */
export class AgentServices {
  private readonly ledger: Ledger;
  private readonly config: NodeConfig['agents'];
  private readonly keys: ProviderKeys;
  private readonly oversight: Oversight;
  private readonly changed: () => void;

  constructor(options: {
    ledger: Ledger;
    config: NodeConfig['agents'];
    keys: ProviderKeys;
    oversight: Oversight;
    /** Told of what may let a task start. */
    changed: () => void;
  }) {
    this.ledger = options.ledger;
    this.config = options.config;
    this.keys = options.keys;
    this.oversight = options.oversight;
    this.changed = options.changed;
  }

  /** Looks anew: what was installed since is found, and a running node uses it from then on. */
  async agents(): Promise<AgentView[]> {
    const { store, world } = this.ledger;
    const agents = (await ready(await findAgents(this.config))).map(({ state }) => state);
    if (JSON.stringify(agents) !== JSON.stringify(world.supply.agents[store.node] ?? [])) {
      await this.ledger.commit({ type: 'agents.found', node: store.node, agents });
      this.changed();
    }
    return agents.map((agent) => ({
      ...agent,
      node: store.node,
      models:
        agent.format === null
          ? []
          : targetsOf(world.supply, agent.format).map((t) => `${t.provider}/${t.model}`),
    }));
  }

  /** Really starts each agent that is named. Throws `not-found`. */
  async checkAgents(ids: readonly AgentId[]): Promise<AgentCheckView[]> {
    const { checkAgent } = await import('../execute/agent/checkAgent.ts');
    const found = await findAgents(this.config);
    const views: AgentCheckView[] = [];
    for (const id of ids) {
      const agent = found.find(({ state }) => state.id === id);
      if (!agent)
        throw new VigilError('not-found', `there is no agent ${id}`, '`vigil agents` lists them.');
      const { works, detail, startMs } = await checkAgent(agent, {
        // Opening a session calls no model, so nobody has to be there.
        gatewayUrl: 'http://127.0.0.1:9',
        token: 'check',
        model: 'check',
        contextTokens: 128_000,
        outputTokens: 16_000,
        mode: 'ask',
      });
      views.push({ agent: id, ok: works, detail, startMs });
    }
    return views;
  }

  providers(): Promise<ProviderView[]> {
    const known = Object.entries(this.ledger.world.supply.providers);
    return Promise.all(
      known.map(([id, config]) => this.providerView(ProviderId.parse(id), config)),
    );
  }

  /** Adds a provider or changes it; the key goes to the keychain or a file of its own. */
  async setProvider(id: ProviderId, { config, key }: ProviderInput): Promise<ProviderView> {
    if (key !== undefined) await this.keys.set(id, key);
    await this.ledger.commit({ type: 'provider.set', provider: id, config });
    this.changed();
    return this.providerView(id, config);
  }

  /** Forgets a provider and its key. Throws `not-found`. */
  async removeProvider(id: ProviderId): Promise<void> {
    this.provider(id);
    await this.ledger.commit({ type: 'provider.removed', provider: id });
    await this.keys.delete(id);
  }

  /** Makes a real call. Throws `not-found`. */
  async testProvider(id: ProviderId): Promise<ProviderCheckView> {
    const config = this.provider(id);
    const { ok, detail, latencyMs } = await checkProvider({
      id,
      config,
      key: () => this.keys.get(id),
    });
    return { provider: id, ok, detail, latencyMs };
  }

  models(): ModelView[] {
    return modelViews(this.ledger);
  }

  budget(): BudgetView {
    return budgetView(this.ledger);
  }

  /** Sets caps that fall at once; asks first when one rises. */
  setBudget(budget: Budget, who: string): Promise<BudgetChangeView> {
    return this.oversight.setBudget(budget, who);
  }

  approvals(): ApprovalView[] {
    return this.oversight.open();
  }

  /** Throws `not-found` unless it is open. */
  approval(id: ApprovalId): ApprovalView {
    return this.oversight.find(id);
  }

  /** Throws `not-found` unless it is open. */
  answerApproval(
    id: ApprovalId,
    answer: 'approved' | 'denied',
    who: string,
    reason: string,
  ): Promise<ApprovalView> {
    return this.oversight.answer(id, answer, who, reason);
  }

  private provider(id: ProviderId): ProviderConfig {
    const config = this.ledger.world.supply.providers[id];
    if (config) return config;
    throw new VigilError(
      'not-found',
      `there is no provider ${id}`,
      '`vigil providers list` shows which there are.',
    );
  }

  private async providerView(id: ProviderId, config: ProviderConfig): Promise<ProviderView> {
    return { ...config, id, key: await this.keys.source(id) };
  }
}
