import { AgentEnd } from './agentEnd.ts';
import { AgentSession, type AgentResult, type SessionOptions } from './agentSession.ts';
import { NO_CLAIM } from './claimedUsage.ts';

export interface RunAgentOptions extends SessionOptions {
  readonly prompt: string;
}

/**
 * Starts an agent, gives it one prompt and ends it with everything that it started. What the agent does
 * wrong is in the result; only what is ours to answer for (an `onSpawn` that fails) is thrown.
 */
export async function runAgent(options: RunAgentOptions): Promise<AgentResult> {
  const startedAt = performance.now();
  let session: AgentSession;
  try {
    session = await AgentSession.start(options);
  } catch (error) {
    if (!(error instanceof AgentEnd)) throw error;
    return {
      outcome: error.outcome,
      detail: error.message,
      stopReason: null,
      sessionId: null,
      text: '',
      plan: [],
      toolCalls: 0,
      usage: NO_CLAIM,
      denied: [],
      durationMs: performance.now() - startedAt,
      startMs: null,
    };
  }
  try {
    return await session.prompt(options.prompt);
  } finally {
    await session.close();
  }
}
