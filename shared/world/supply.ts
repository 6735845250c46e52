import {
  forgetTask,
  NO_SPEND,
  observeRefused,
  observeReserved,
  observeSpent,
  setGrant,
  type Spend,
} from '../learn/spend.ts';
import type { AgentChoice, AgentState, ModelTarget, ProviderConfig } from '../model/agent.ts';
import { ProviderId } from '../model/agent.ts';
import { approvalNumber, type Approval } from '../model/approval.ts';
import { Budget, type BudgetSetting } from '../model/budget.ts';
import type { LoggedEvent } from '../model/events.ts';
import type { NodeId, TaskId } from '../model/ids.ts';
import {
  budgetOf,
  forgetGrants,
  grantOf,
  noAnswers,
  observeAnswer,
  observeGrant,
  type Answers,
} from './answers.ts';

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
  /** What hangs on answers, of this node and of others. */
  readonly answers: Answers;
  readonly lastApproval: number;
}

export function newSupply(): Supply {
  return {
    agents: {},
    providers: {},
    budget: Budget.parse({}),
    spend: NO_SPEND,
    approvals: [],
    answers: noAnswers(),
    lastApproval: 0,
  };
}

/** The supply after an event. */
export function foldSupply(supply: Supply, event: LoggedEvent): Supply {
  const { body, atMs } = event;
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
      return setBudget(supply, {
        budget: body.budget,
        approval: body.approval ?? null,
        before: supply.budget,
      });
    case 'budget.granted':
      return withAnswers(supply, observeGrant(supply.answers, body, event), body.task);
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
        ...withAnswers(supply, observeAnswer(supply.answers, body, event), body.task),
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
    case 'approval.answered':
      return withAnswers(supply, observeAnswer(supply.answers, body, event), body.task);
    default:
      return supply;
  }
}

/** Takes in the caps as they were set last, here or elsewhere. */
export function setBudget(supply: Supply, setting: BudgetSetting): Supply {
  return withAnswers(supply, { ...supply.answers, budget: setting }, null);
}

/** What follows from answers: the caps of all, and those of the task that was asked about. */
function withAnswers(supply: Supply, answers: Answers, task: TaskId | null): Supply {
  const spend = task === null ? supply.spend : setGrant(supply.spend, task, grantOf(answers, task));
  return { ...supply, answers, spend, budget: budgetOf(answers) };
}

/** Lets go of what was kept for a task while it was open. */
export function forgetTaskIn(supply: Supply, task: TaskId): Supply {
  const approvals = supply.approvals.some((approval) => approval.task === task)
    ? supply.approvals.filter((approval) => approval.task !== task)
    : supply.approvals;
  const spend = forgetTask(supply.spend, task);
  const answers = forgetGrants(supply.answers, task);
  const same =
    approvals === supply.approvals && spend === supply.spend && answers === supply.answers;
  return same ? supply : { ...supply, approvals, spend, answers };
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
