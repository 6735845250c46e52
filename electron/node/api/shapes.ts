import { z } from '@hono/zod-openapi';
import { ApiError } from '../../../shared/model/api.ts';

/** Who is told to have done it, when a request does not say: the user whose token it carries. */
export const WHO = 'local user';

/** A number of a query. */
export const whole = z.coerce.number().int().min(0);

/** What a person says about what they do. */
export const Reason = z.strictObject({ reason: z.string().max(2_000).default('') });

/** The responses of a route that answers with JSON. */
export const json = <T extends z.ZodType>(schema: T, description: string) => ({
  200: { description, content: { 'application/json': { schema } } },
  /** 400 bad input, 401 no token, 404 unknown, 409 conflict, 413 too large, 500 a fault, 507 disk full. */
  default: {
    description: 'What went wrong and what to do',
    content: { 'application/json': { schema: ApiError } },
  },
});

/** The part of a request that is a JSON body. */
export const body = <T extends z.ZodType>(schema: T) => ({
  body: { required: true, content: { 'application/json': { schema } } },
});
