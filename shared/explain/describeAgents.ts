import type { AgentChoice } from '../model/agent.ts';
import type { ApprovalSubject } from '../model/approval.ts';
import type { CapReached, RaisedCap } from '../model/budget.ts';
import type { EventBody } from '../model/events.ts';
import { count, dateTime, duration, inline } from './format.ts';

const LIST = new Intl.ListFormat('en');

/** Events of agents, of the models they call, of money, and of what humans are asked. */
export type AgentEvent = Extract<
  EventBody,
  {
    type:
      | 'agent.started'
      | 'agent.ended'
      | 'agents.found'
      | 'provider.set'
      | 'provider.removed'
      | 'budget.set'
      | 'budget.granted'
      | 'call.reserved'
      | 'call.settled'
      | 'call.refused'
      | 'approval.asked'
      | 'approval.answered'
      | 'spec.written';
  }
>;

const TYPES: ReadonlySet<string> = new Set<AgentEvent['type']>([
  'agent.started',
  'agent.ended',
  'agents.found',
  'provider.set',
  'provider.removed',
  'budget.set',
  'budget.granted',
  'call.reserved',
  'call.settled',
  'call.refused',
  'approval.asked',
  'approval.answered',
  'spec.written',
]);

export function isAgentEvent(body: EventBody): body is AgentEvent {
  return TYPES.has(body.type);
}

/** One of these events in one plain line. */
export function describeAgentEvent(body: AgentEvent): string {
  switch (body.type) {
    case 'agent.started':
      return `${body.task} attempt ${body.attempt}: ${describeChoice(body.choice)} started as ${body.role} in ${duration(body.startMs)}`;
    case 'agent.ended':
      return `${body.task} attempt ${body.attempt}: ${body.choice.agent} as ${body.role} ${body.outcome} after ${duration(body.durationMs)} and ${count(body.toolCalls, 'tool call')}${body.denied.length === 0 ? '' : `, ${body.denied.length} denied`}${body.detail === '' ? '' : `: ${inline(body.detail)}`}`;
    case 'agents.found': {
      const ready = body.agents.filter((agent) => agent.ready).map((agent) => agent.id);
      return `agents on ${body.node}: ${ready.length === 0 ? 'none ready' : ready.join(', ')}`;
    }
    case 'provider.set':
      return `provider ${body.provider} set: ${body.config.baseUrl}, ${count(body.config.models.length, 'model')}, ${body.config.billing}`;
    case 'provider.removed':
      return `provider ${body.provider} removed`;
    case 'budget.set':
      return `budget set by ${body.who}: ${usd(body.budget.hour.hard)} an hour, ${usd(body.budget.day.hard)} a day, ${usd(body.budget.month.hard)} a month, ${body.budget.task.tokens} tokens and ${count(body.budget.task.calls, 'call')} a task`;
    case 'budget.granted':
      return `${body.task} granted ${body.tokens} more tokens and ${count(body.calls, 'more call')} by ${body.who}`;
    case 'call.reserved':
      return `${forWhom(body)} calls ${target(body)}: at most ${body.maxTokens} tokens${body.maxCostUsd === null ? '' : ` and ${usd(body.maxCostUsd)}`} reserved`;
    case 'call.settled': {
      const { usage, estimated } = body;
      const tokens =
        usage === null
          ? 'no tokens'
          : `${usage.input + usage.cacheRead + usage.cacheWrite} in, ${usage.output} out`;
      return `${forWhom(body)} called ${target(body)}: ${body.outcome}, ${tokens}, ${describeCost(body)}${estimated ? ', estimated at the most it can have been' : ''}, ${duration(body.latencyMs)}${body.detail === '' ? '' : ` (${inline(body.detail)})`}`;
    }
    case 'call.refused':
      return `${forWhom(body)} may not call ${target(body)}: ${describeCap(body.reached)}`;
    case 'approval.asked':
      return `${body.approval} asks a person: ${describeSubject(body.subject)}${body.task === null ? '' : ` for ${body.task}`} (${inline(body.reason)})`;
    case 'approval.answered':
      return `${body.approval} ${body.answer} by ${body.who}${body.reason === '' ? '' : `: ${inline(body.reason)}`}`;
    case 'spec.written':
      return body.trouble === null
        ? `a model wrote a ${body.effort} spec for ${inline(body.subject)} in ${count(body.asked, 'call')}`
        : `no model's spec for ${inline(body.subject)}: ${inline(body.trouble)}`;
  }
}

/** An agent and its model: `opencode with sonnet of anthropic`. */
function describeChoice({ agent, target: { provider, model } }: AgentChoice): string {
  return `${agent} with ${model} of ${provider}`;
}

/** USD with as many digits as matter: `$12.50`, `$0.0042`. */
export function usd(amount: number): string {
  return `$${amount.toFixed(amount !== 0 && amount < 0.1 ? 4 : 2)}`;
}

/** What a call cost, as it is known: dollars are never claimed where none are paid. */
function describeCost(call: {
  readonly billing: 'metered' | 'subscription' | 'local';
  readonly costUsd: number | null;
}): string {
  if (call.billing === 'subscription') return 'paid by subscription';
  if (call.billing === 'local') return 'local, no charge';
  return call.costUsd === null ? 'cost unknown' : usd(call.costUsd);
}

/** A cap and where it stands: `the cap hour.hard is reached: $4.90 of $5.00, until …`. */
export function describeCap({ cap, value, max, untilMs }: CapReached): string {
  const amount = cap.startsWith('task.') ? String : usd;
  return `the cap ${cap} would be passed: ${amount(value)} of ${amount(max)} used or reserved, ${untilMs === null ? 'until a person raises it' : `until ${dateTime(untilMs)} UTC`}`;
}

function describeRaise({ cap, from, to }: RaisedCap): string {
  if (from === null || to === null) return `switch ${cap} on`;
  const amount = cap.startsWith('task.') ? String : usd;
  return `raise ${cap} from ${amount(from)} to ${amount(to)}`;
}

/** What an approval allows, in words. */
export function describeSubject(subject: ApprovalSubject): string {
  switch (subject.kind) {
    case 'budget': {
      if (subject.raised) return LIST.format(subject.raised.map(describeRaise));
      const { hour, day, month, task } = subject.budget;
      return `raise the budget to ${usd(hour.hard)} an hour, ${usd(day.hard)} a day, ${usd(month.hard)} a month, ${task.tokens} tokens and ${task.calls} calls a task`;
    }
    case 'task-budget':
      return `give ${subject.tokens} more tokens and ${subject.calls} more calls`;
    case 'permission':
      return `allow it to ${inline(subject.title)}`;
  }
}

function forWhom(body: { task: string | null; attempt: number | null; category: string }): string {
  return body.task === null ? body.category : `${body.task} attempt ${body.attempt ?? 0}`;
}

function target(body: { target: { provider: string; model: string } }): string {
  return `${body.target.model} of ${body.target.provider}`;
}
