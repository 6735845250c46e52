import type { Context } from 'hono';
import { HTTPException } from 'hono/http-exception';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { VigilError, type ErrorCode } from '../../../shared/model/errors.ts';

const STATUS_OF: Partial<Record<ErrorCode, ContentfulStatusCode>> = {
  misuse: 400,
  'invalid-input': 400,
  unauthorized: 401,
  'not-found': 404,
  conflict: 409,
  cycle: 409,
  'not-a-repository': 400,
  'empty-repository': 400,
  'too-large': 413,
  'price-unknown': 400,
  'budget-reached': 429,
  'provider-failed': 502,
  'disk-full': 507,
  'home-copied': 409,
  'invitation-damaged': 400,
  'invitation-unknown': 400,
  'invitation-expired': 410,
  'invitation-used': 410,
  'already-member': 409,
  'not-a-member': 404,
  'member-revoked': 403,
  'mesh-full': 409,
  'protocol-mismatch': 409,
  'peer-unreachable': 504,
  'node-unreachable': 503,
};

/** An error as the API sends it; an unexpected one says so and keeps its stack out of the reply. */
export function errorReply(error: unknown, context: Context): Response {
  if (error instanceof HTTPException && error.status < 500) {
    return errorReply(
      new VigilError('invalid-input', error.message, 'The API is described at /v1/openapi.json.', {
        cause: error,
      }),
      context,
    );
  }
  const known =
    error instanceof VigilError
      ? error
      : new VigilError(
          'internal',
          error instanceof Error ? error.message : String(error),
          'This is a fault of Vigil. Please report it with the output of `vigil doctor`.',
        );
  const { code, message, help } = known;
  return context.json({ error: { code, message, help } }, STATUS_OF[code] ?? 500);
}
