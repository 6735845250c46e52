import type {
  Billing,
  CallPurpose,
  ModelTarget,
  TokenUsage,
  WireFormat,
} from '../../shared/model/agent.ts';
import type { CapReached } from '../../shared/model/budget.ts';

/** A model call before it is sent, at its worst. */
export interface CallStart {
  readonly id: string;
  readonly purpose: CallPurpose;
  /** Where it goes first; a failover may take it elsewhere. */
  readonly target: ModelTarget;
  readonly format: WireFormat;
  /** `metered` when any target that it may reach is. */
  readonly billing: Billing;
  /** No answer of any target that it may reach uses more. */
  readonly maxTokens: TokenUsage;
  /** USD; null unless it is metered. */
  readonly maxCostUsd: number | null;
}

/** A model call after it ended, however it did. */
export interface CallEnd {
  readonly id: string;
  readonly purpose: CallPurpose;
  /** Where it went in the end. */
  readonly target: ModelTarget;
  readonly billing: Billing;
  /** `refused`: by the provider, before any token; `cut`: the answer did not come to its end. */
  readonly outcome: 'ok' | 'refused' | 'error' | 'cut';
  readonly usage: TokenUsage;
  /** USD; null unless it was metered. */
  readonly costUsd: number | null;
  /** The provider did not say, or said what can't be: the most that it can have been is counted. */
  readonly estimated: boolean;
  /** HTTP status of the provider's last answer; null when there was none. */
  readonly status: number | null;
  readonly detail: string;
  readonly latencyMs: number;
  readonly firstByteMs: number | null;
  readonly retries: number;
}

/** Keeps the books of model calls, durably. */
export interface Meter {
  /** Takes the worst case into account before the call is sent; null when it may be. Resolves once that is durable. */
  reserve(call: CallStart): Promise<CapReached | null>;
  /** Called once for each reserved call, whatever happened to it. */
  settle(call: CallEnd): Promise<void>;
}
