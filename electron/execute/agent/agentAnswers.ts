import { RequestError } from '@agentclientprotocol/sdk';
import { z } from 'zod';
import { messageOf } from '../../../shared/model/errors.ts';
import { AgentEnd } from './agentEnd.ts';

/** What a JSON-RPC peer answers when it does not know a method, and what ACP says of a missing login. */
const METHOD_NOT_FOUND = -32_601;
const LOGIN_NEEDED = -32_000;

export const Initialized = z.looseObject({
  protocolVersion: z.unknown(),
  agentCapabilities: z
    .looseObject({
      loadSession: z.boolean().optional().catch(false),
      sessionCapabilities: z
        .looseObject({ resume: z.looseObject({}).nullish().catch(null) })
        .nullish()
        .catch(null),
    })
    .nullish()
    .catch(null),
  agentInfo: z.looseObject({ name: z.string(), version: z.string() }).nullish().catch(null),
});
export const Modes = z.looseObject({
  modes: z
    .looseObject({
      currentModeId: z.string(),
      availableModes: z.array(z.looseObject({ id: z.string() })),
    })
    .nullish()
    .catch(null),
});
export const NewSession = Modes.extend({ sessionId: z.string().min(1) });
export const Answer = z.looseObject({
  stopReason: z.enum(['end_turn', 'max_tokens', 'max_turn_requests', 'refusal', 'cancelled']),
});

/** Why an agent is of no more use, from what its connection threw. */
export function endOf(error: unknown): AgentEnd {
  if (error instanceof AgentEnd) return error;
  if (error instanceof z.ZodError)
    return new AgentEnd(
      'protocol-error',
      `its answer could not be understood: ${z.prettifyError(error)}`,
    );
  if (!(error instanceof RequestError)) return new AgentEnd('protocol-error', messageOf(error));
  if (error.code === METHOD_NOT_FOUND)
    return new AgentEnd('protocol-error', `it does not know a needed method: ${error.message}`);
  const more = error.data === undefined ? '' : ` (${JSON.stringify(error.data).slice(0, 500)})`;
  return new AgentEnd(
    'failed',
    error.code === LOGIN_NEEDED
      ? `it wants a login: ${error.message}${more}`
      : `it answered with an error: ${error.message}${more}`,
  );
}
