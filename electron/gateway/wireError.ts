import type { ServerResponse } from 'node:http';
import type { WireFormat } from '../../shared/model/agent.ts';

/** Why the gateway itself answers a call with an error. */
export class WireError extends Error {
  override readonly name = 'WireError';
  readonly status: number;
  readonly type: WireErrorType;
  /** When it is worth asking again, s; null: never, with this request. */
  readonly retryAfterS: number | null;

  constructor(
    status: number,
    type: WireErrorType,
    message: string,
    retryAfterS: number | null = null,
  ) {
    super(message);
    this.status = status;
    this.type = type;
    this.retryAfterS = retryAfterS;
  }
}

export type WireErrorType =
  | 'invalid_request_error'
  | 'authentication_error'
  | 'permission_error'
  | 'not_found_error'
  | 'request_too_large'
  | 'budget_exceeded'
  | 'price_unknown'
  | 'rate_limit_error'
  | 'api_error';

/** Sends an error as the caller's format words it, so that its own SDK understands it. */
export function sendError(
  response: ServerResponse,
  format: WireFormat | null,
  { status, type, message, retryAfterS }: WireError,
): void {
  const body =
    format === 'anthropic-messages'
      ? { type: 'error', error: { type, message } }
      : { error: { message, type, param: null, code: type } };
  response.writeHead(status, {
    'content-type': 'application/json',
    // The SDKs of OpenAI and Anthropic do as it says; by themselves they ask again after 408, 409, 429 and 5xx.
    'x-should-retry': String(retryAfterS !== null),
    ...(retryAfterS !== null && { 'retry-after': String(retryAfterS) }),
  });
  response.end(JSON.stringify(body));
}
