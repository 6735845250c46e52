import type { AgentChoice, AgentRole, SpendCategory } from '../../../shared/model/agent.ts';
import type { CapReached } from '../../../shared/model/budget.ts';
import type { AgentResult } from '../../execute/agent/sessionOptions.ts';
import type { AttemptContext } from '../attemptContext.ts';

/** One agent's piece of work in an attempt. */
export interface AgentRequest {
  readonly context: AttemptContext;
  readonly role: AgentRole;
  readonly choice: AgentChoice;
  /** Where the gateway turns when the chosen provider fails. */
  readonly fallbacks: readonly AgentChoice[];
  readonly category: SpendCategory;
  readonly prompt: string;
}

/** Runs agents: each with a token, a home and a sandbox of its own. */
export interface AgentHost {
  /**
   * Runs an agent to the end of its turn. Throws AttemptFailure when it did not end by itself or a cap
   * was reached, and `sandbox-unavailable` when it could not be held; nothing was started then.
   */
  run(request: AgentRequest): Promise<AgentResult>;
  /** Tells the host that a cap refused a call of an attempt: the attempt is paused. */
  refused(task: string, attempt: number, reached: CapReached): void;
}
