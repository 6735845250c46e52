import { methods, PROTOCOL_VERSION, RequestError } from '@agentclientprotocol/sdk';
import type { z } from 'zod';
import { Initialized, Modes, NewSession } from './agentAnswers.ts';
import { AgentEnd } from './agentEnd.ts';

export interface OpenedSession {
  readonly id: string;
  /** What the agent says that it is; null when it says nothing. */
  readonly version: string | null;
  /** Whether it goes on with the session that was asked for. */
  readonly resumed: boolean;
}

export interface SessionWish {
  readonly cwd: string;
  /** The mode that asks before it acts, where the agent has it. */
  readonly mode: string | null;
  /** A session to go on with, where the agent can. */
  readonly id: string | null;
  /** Told while an old session is loaded: past messages that the agent then repeats are not news. */
  readonly onLoading: (loading: boolean) => void;
}

type Send = (method: string, params: object) => Promise<unknown>;

/**
 * Introduces Vigil to an agent and opens a session with it.
 * @throws AgentEnd when it speaks another version of the protocol; what `request` throws
 */
export async function openSession(request: Send, wish: SessionWish): Promise<OpenedSession> {
  const initialized = Initialized.parse(
    await request(methods.agent.initialize, {
      protocolVersion: PROTOCOL_VERSION,
      clientCapabilities: { fs: { readTextFile: true, writeTextFile: true }, terminal: true },
      clientInfo: { name: 'vigil', title: 'Vigil', version: '0.1.0' },
    }),
  );
  if (initialized.protocolVersion !== PROTOCOL_VERSION)
    throw new AgentEnd(
      'protocol-error',
      `it speaks version ${String(initialized.protocolVersion)} of the Agent Client Protocol, and Vigil speaks version ${PROTOCOL_VERSION}`,
    );
  const info = initialized.agentInfo;
  const old = await resume(request, wish, initialized.agentCapabilities);
  const session =
    old ??
    NewSession.parse(await request(methods.agent.session.new, { cwd: wish.cwd, mcpServers: [] }));
  const { sessionId, modes } = session;
  if (
    wish.mode &&
    modes &&
    modes.currentModeId !== wish.mode &&
    modes.availableModes.some(({ id }) => id === wish.mode)
  )
    await request(methods.agent.session.setMode, { sessionId, modeId: wish.mode });
  return {
    id: sessionId,
    version: info ? `${info.name} ${info.version}` : null,
    resumed: old !== null,
  };
}

/** Goes on with an old session by whichever way the agent has; null when it has none or knows it no longer. */
async function resume(
  request: Send,
  { id: sessionId, cwd, onLoading }: SessionWish,
  capabilities: z.infer<typeof Initialized>['agentCapabilities'],
): Promise<{ sessionId: string; modes: z.infer<typeof Modes>['modes'] } | null> {
  const canResume = Boolean(capabilities?.sessionCapabilities?.resume);
  if (!sessionId || !(canResume || capabilities?.loadSession === true)) return null;
  const method = canResume ? methods.agent.session.resume : methods.agent.session.load;
  onLoading(true);
  try {
    const old = await request(method, { sessionId, cwd, mcpServers: [] });
    return { sessionId, modes: Modes.parse(old ?? {}).modes };
  } catch (error) {
    // One that it no longer knows: the work starts with a new one. What ends the agent ends this.
    if (!(error instanceof RequestError)) throw error;
    return null;
  } finally {
    onLoading(false);
  }
}
