import {
  forgetTask,
  NO_SPEND,
  observeGrant,
  observeRefused,
  observeReserved,
  observeSpent,
  type Spend,
} from '../learn/spend.ts';
import type { AgentChoice, AgentState, ModelTarget, ProviderConfig } from '../model/agent.ts';
import { ProviderId } from '../model/agent.ts';
import { approvalNumber, type Approval } from '../model/approval.ts';
import { Budget } from '../model/budget.ts';
import type { LoggedEvent } from '../model/events.ts';
import type { NodeId, TaskId } from '../model/ids.ts';

/** What agents work with: who they are, the models they call, the money, and what humans were asked. */
export interface Supply {
  readonly agents: Readonly<Record<NodeId, readonly AgentState[]>>;
  /** What agents of other nodes can be had, by their own word. */
  readonly elsewhere?: Readonly<Record<NodeId, readonly AgentChoice[]>>;
  readonly providers: Readonly<Record<string, ProviderConfig>>;
  readonly budget: Budget;
  readonly spend: Spend;
  /** Open questions, and the answered ones of open tasks. */
  readonly approvals: readonly Approval[];
  readonly lastApproval: number;
}

export function newSupply(): Supply {
  return {
    agents: {},
    providers: {},
    budget: Budget.parse({}),
    spend: NO_SPEND,
    approvals: [],
    lastApproval: 0,
  };
}

/** The supply after an event. */
export function foldSupply(supply: Supply, { body, atMs }: LoggedEvent): Supply {
  switch (body.type) {
    case 'agents.found':
      return { ...supply, agents: { ...supply.agents, [body.node]: body.agents } };
    case 'peer.changed':
      return { ...supply, elsewhere: { ...supply.elsewhere, [body.peer]: body.choices } };
    case 'provider.set':
      return { ...supply, providers: { ...supply.providers, [body.provider]: body.config } };
    case 'provider.removed': {
      const { [body.provider]: _, ...providers } = supply.providers;
      return { ...supply, providers };
    }
    case 'budget.set':
      return { ...supply, budget: body.budget };
    case 'budget.granted':
      return { ...supply, spend: observeGrant(supply.spend, body.task, body) };
    case 'call.reserved': {
      const { call, task, maxTokens, maxCostUsd } = body;
      const reservation = { call, task, maxTokens, maxCostUsd: maxCostUsd ?? 0, atMs };
      return { ...supply, spend: observeReserved(supply.spend, reservation) };
    }
    case 'call.settled':
      return { ...supply, spend: observeSpent(supply.spend, { ...body, ...body.target }, atMs) };
    case 'call.refused':
      return { ...supply, spend: observeRefused(supply.spend, body) };
    case 'approval.asked': {
      const { approval: id, task, project, subject, reason } = body;
      const asked: Approval = { id, task, project, subject, reason, askedAtMs: atMs, answer: null };
      return {
        ...supply,
        approvals: [...supply.approvals, asked],
        lastApproval: Math.max(supply.lastApproval, approvalNumber(id)),
      };
    }
    case 'approval.answered':
      return {
        ...supply,
        approvals: supply.approvals.flatMap((approval) => {
          if (approval.id !== body.approval) return [approval];
          // Only a permission is looked up again, by the attempts of its task.
          const kept = approval.task !== null && approval.subject.kind === 'permission';
          return kept ? [{ ...approval, answer: body.answer }] : [];
        }),
      };
    default:
      return supply;
  }
}

/** What another node's log says of money: the caps hold for all nodes together (C1). */
export function observeSupply(supply: Supply, event: LoggedEvent): Supply {
  const { body, node } = event;
  switch (body.type) {
    case 'call.reserved':
    case 'call.settled':
    case 'call.refused':
      // Names of calls are unique in one node's log.
      return foldSupply(supply, { ...event, body: { ...body, call: `${node}/${body.call}` } });
    case 'budget.granted':
      return foldSupply(supply, event);
    default:
      return supply;
  }
}

/** Lets go of what was kept for a task while it was open. */
export function forgetTaskIn(supply: Supply, task: TaskId): Supply {
  const approvals = supply.approvals.some((approval) => approval.task === task)
    ? supply.approvals.filter((approval) => approval.task !== task)
    : supply.approvals;
  const spend = forgetTask(supply.spend, task);
  return approvals === supply.approvals && spend === supply.spend
    ? supply
    : { ...supply, approvals, spend };
}

/** Every agent of a node that is ready, with every model that it can call; in a fixed order. */
export function choicesOn(supply: Supply, node: NodeId): AgentChoice[] {
  const elsewhere = supply.elsewhere?.[node];
  if (elsewhere) return [...elsewhere];
  return (supply.agents[node] ?? [])
    .filter((agent) => agent.ready)
    .flatMap((agent) =>
      targetsOf(supply, agent.format).map((target) => ({ agent: agent.id, target })),
    );
}

/** Every model that can be called in a wire format; in a fixed order. */
export function targetsOf(supply: Supply, format: AgentState['format']): ModelTarget[] {
  return Object.entries(supply.providers)
    .filter(([, provider]) => provider.formats.some((offered) => offered === format))
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([provider, { models }]) =>
      models.map(({ name }) => ({ provider: ProviderId.parse(provider), model: name })),
    );
}
