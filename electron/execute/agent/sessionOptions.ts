import type { PermissionDecision, PermissionRequest } from '../../../shared/policy/permission.ts';
import type { Program, WrapCommand } from '../../tools/wrapCommand.ts';
import type { ProcessRecord } from '../command/processGroup.ts';
import type { AgentOutcome } from './agentEnd.ts';
import type { ClaimedUsage } from './claimedUsage.ts';
import type { PlanEntry } from './sessionUpdate.ts';

export interface SessionOptions {
  /** Its `cwd` is the worktree. */
  readonly command: Program;
  /** Answers what the agent asks for; also asked when it has a file touched or a command run by us. */
  readonly decide: (request: PermissionRequest) => PermissionDecision | Promise<PermissionDecision>;
  /** When a prompt is ended, unless it shows progress. */
  readonly timeoutMs: number;
  /** Past `timeoutMs`, silence of this length ends the prompt. */
  readonly stallMs: number;
  /** The session is ended so long after its start, whatever it does. */
  readonly maxMs: number;
  readonly startTimeoutMs?: number;
  readonly cancelGraceMs?: number;
  /** Default: none, which is for checks by hand only. */
  readonly wrap?: WrapCommand;
  /** The mode of the session that asks before it acts, where the agent has it. */
  readonly sessionMode?: string | null;
  /** A session to go on with, where the agent can. */
  readonly sessionId?: string | null;
  readonly transcriptFile?: string;
  readonly transcriptBytes?: number;
  /** Kept out of transcript and results, e.g. the gateway's token. */
  readonly secrets?: readonly string[];
  /** Added to the environment of the commands that the agent has run by us. */
  readonly terminalEnv?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
  /** Called for every process group that is started. */
  readonly onSpawn?: (record: ProcessRecord) => void;
  /** Called once per prompt that is past `timeoutMs` and goes on because it makes progress. */
  readonly onOverdue?: () => void;
}

/** A request that was not allowed, and why. */
export interface DeniedRequest extends PermissionRequest {
  /** `ask`: a human may still allow it. */
  readonly answer: 'deny' | 'ask';
  readonly reason: string;
}

export interface AgentResult {
  readonly outcome: AgentOutcome;
  /** For the user: why it ended so. */
  readonly detail: string;
  /** As the agent said it; null when it did not answer the prompt. */
  readonly stopReason: string | null;
  readonly sessionId: string | null;
  /** The last message. */
  readonly text: string;
  readonly plan: readonly PlanEntry[];
  readonly toolCalls: number;
  readonly usage: ClaimedUsage;
  readonly denied: readonly DeniedRequest[];
  readonly durationMs: number;
  /** From the start of the process to the session; null when there never was one. */
  readonly startMs: number | null;
}
