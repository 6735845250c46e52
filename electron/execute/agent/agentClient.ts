import { client, methods, type ClientApp } from '@agentclientprotocol/sdk';
import type { PermissionDecision, PermissionRequest } from '../../../shared/policy/permission.ts';
import { readFileFor, writeFileFor } from './agentFiles.ts';
import { permissionAnswer, permissionRequest } from './permissionAnswer.ts';
import type { Terminals } from './terminals.ts';
import { readToolCall, type ToolCall } from './toolCall.ts';

/** Where a request came from: asked by the agent, or a file or command that it left to its client. */
export type RequestSource = 'request' | 'file' | 'terminal';

export interface ClientDuties {
  readonly worktree: string;
  readonly terminals: Terminals;
  /** What was told of a tool call before permission for it is asked. */
  readonly knownCall: (id: string) => ToolCall | undefined;
  readonly decide: (
    source: RequestSource,
    request: PermissionRequest,
  ) => Promise<PermissionDecision>;
  /** Aborted once the agent is told to stop: what is still asked then is answered so. */
  readonly cancelled: AbortSignal;
}

/** The client's side of the protocol: what an agent may ask of it. */
export function agentClient(duties: ClientDuties): ClientApp {
  const { worktree, terminals } = duties;
  const files = {
    worktree,
    ask: (request: PermissionRequest) => duties.decide('file', request),
  };
  return client({ name: 'vigil' })
    .onRequest(methods.client.session.requestPermission, async ({ params }) => {
      const call = readToolCall(params.toolCall, duties.knownCall(params.toolCall.toolCallId));
      if (call === null || duties.cancelled.aborted) return { outcome: { outcome: 'cancelled' } };
      const request = await permissionRequest(worktree, call);
      const decision = await duties.decide('request', request);
      return duties.cancelled.aborted
        ? { outcome: { outcome: 'cancelled' } }
        : permissionAnswer(decision, params.options);
    })
    .onRequest(methods.client.fs.readTextFile, async ({ params }) => ({
      content: await readFileFor(files, params),
    }))
    .onRequest(methods.client.fs.writeTextFile, async ({ params }) => {
      await writeFileFor(files, params);
      return {};
    })
    .onRequest(methods.client.terminal.create, async ({ params }) => ({
      terminalId: await terminals.create(params),
    }))
    .onRequest(methods.client.terminal.output, ({ params }) => terminals.output(params.terminalId))
    .onRequest(methods.client.terminal.waitForExit, ({ params }) =>
      terminals.waitForExit(params.terminalId),
    )
    .onRequest(methods.client.terminal.kill, async ({ params }) => {
      await terminals.kill(params.terminalId);
      return {};
    })
    .onRequest(methods.client.terminal.release, async ({ params }) => {
      await terminals.release(params.terminalId);
      return {};
    });
}
