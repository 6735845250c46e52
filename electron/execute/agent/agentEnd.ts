import type { StopReason } from '@agentclientprotocol/sdk';

/**
 * How a prompt ended: `failed` when the agent answered it with an error (e.g. of its model provider),
 * `protocol-error` when what it said could not be understood at all.
 */
export type AgentOutcome =
  | 'ended'
  | 'refused'
  | 'failed'
  | 'cancelled'
  | 'crashed'
  | 'stalled'
  | 'ceiling'
  | 'protocol-error';

/** Why a session is over before its prompt was answered. */
export class AgentEnd extends Error {
  override readonly name = 'AgentEnd';
  readonly outcome: AgentOutcome;

  /** @param message for the user, without the agent's name */
  constructor(outcome: AgentOutcome, message: string, options?: ErrorOptions) {
    super(message, options);
    this.outcome = outcome;
  }
}

export function outcomeOf(stopReason: StopReason): AgentOutcome {
  switch (stopReason) {
    case 'refusal':
      return 'refused';
    case 'cancelled':
      return 'cancelled';
    case 'end_turn':
    case 'max_tokens':
    case 'max_turn_requests':
      return 'ended';
    default:
      return stopReason satisfies never;
  }
}
