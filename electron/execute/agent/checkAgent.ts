import { mkdtemp, realpath, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { WrapCommand } from '../../tools/wrapCommand.ts';
import type { AgentSetup } from './agentDefinitions.ts';
import { AgentEnd } from './agentEnd.ts';
import { AgentSession } from './agentSession.ts';
import type { FoundAgent } from './findAgents.ts';
import { prepareAgent } from './prepareAgent.ts';

const START_TIMEOUT_MS = 30_000;

export interface AgentCheck {
  readonly works: boolean;
  /** For the user: what it says that it is, or what is wrong. */
  readonly detail: string;
  /** From the start of its process to an open session; null when there was none. */
  readonly startMs: number | null;
}

/**
 * Really starts an agent in an empty folder, opens a session and ends it. No model is called, and so
 * nothing is spent.
 */
export async function checkAgent(
  agent: FoundAgent,
  setup: Omit<AgentSetup, 'home'>,
  options: {
    readonly wrap?: WrapCommand;
    readonly startTimeoutMs?: number;
    readonly signal?: AbortSignal;
  } = {},
): Promise<AgentCheck> {
  if (!agent.state.ready) return { works: false, detail: agent.state.detail, startMs: null };
  const folder = await realpath(await mkdtemp(path.join(os.tmpdir(), 'vigil-check-')));
  try {
    const home = path.join(folder, 'home');
    const { sessionMode, ...command } = await prepareAgent(agent, { ...setup, home });
    const startTimeoutMs = options.startTimeoutMs ?? START_TIMEOUT_MS;
    const session = await AgentSession.start({
      ...options,
      command: { ...command, cwd: folder },
      sessionMode,
      startTimeoutMs,
      secrets: [setup.token],
      decide: () => ({ answer: 'deny', reason: 'this is only a check' }),
      timeoutMs: startTimeoutMs,
      stallMs: startTimeoutMs,
      maxMs: startTimeoutMs,
    });
    const { version, startMs } = session;
    await session.close();
    return { works: true, detail: version ?? 'it opened a session', startMs };
  } catch (error) {
    if (!(error instanceof AgentEnd)) throw error;
    return { works: false, detail: `it does not work: ${error.message}`, startMs: null };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
