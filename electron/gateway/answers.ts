import type { ServerResponse } from 'node:http';
import type { WireFormat } from '../../shared/model/agent.ts';
import type { Failure, Refusal } from './forward.ts';
import { WireError, sendError } from './wireError.ts';

/** When a caller may ask again, where no provider says it. */
const DEFAULT_RETRY_MS = 2_000;

/** Passes on a provider's own error. */
export function sendRefusal(
  response: ServerResponse,
  { status, contentType, body }: Refusal,
): void {
  if (response.destroyed) return;
  response.writeHead(status, { 'content-type': contentType });
  response.end(body);
}

/** Says that no provider took the call, and whether it is worth asking again. */
export function sendFailure(
  response: ServerResponse,
  format: WireFormat,
  { status, detail, retryAfterMs, hopeless }: Failure,
): void {
  if (response.destroyed) return;
  const message = `no model provider could take the call: ${detail}`;
  const retryAfterS = Math.ceil((retryAfterMs ?? DEFAULT_RETRY_MS) / 1_000);
  const error = hopeless
    ? new WireError(403, 'permission_error', message)
    : status === 429
      ? new WireError(429, 'rate_limit_error', message, retryAfterS)
      : new WireError(503, 'api_error', message, retryAfterS);
  sendError(response, format, error);
}
