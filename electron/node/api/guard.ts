import { timingSafeEqual } from 'node:crypto';
import type { MiddlewareHandler } from 'hono';
import { VigilError } from '../../../shared/model/errors.ts';

/** Names under which a browser may reach the loopback API: anything else is a rebinding attempt. */
const LOCAL_NAMES = ['127.0.0.1', 'localhost', '[::1]'];

/** Whether the `Host` header names this machine, with the port of this API. */
export function isLocalHost(host: string | undefined, port: number): boolean {
  return host !== undefined && LOCAL_NAMES.some((name) => host === `${name}:${port}`);
}

/** Whether a request comes from our own page or from a program, and not from some other site. */
export function isLocalOrigin(origin: string | undefined, port: number): boolean {
  return origin === undefined || LOCAL_NAMES.some((name) => origin === `http://${name}:${port}`);
}

/** Compares without telling by its time how much of the token was right. */
export function tokenMatches(given: string | undefined, token: string): boolean {
  if (given === undefined) return false;
  const a = Buffer.from(given);
  const b = Buffer.from(token);
  return a.length === b.length && timingSafeEqual(a, b);
}

/** Refuses what does not carry the token; `Host` and `Origin` are checked before any route. */
export function requireToken(token: string): MiddlewareHandler {
  return async (context, next) => {
    const header = context.req.header('authorization');
    if (!tokenMatches(header?.replace(/^Bearer /, ''), token)) {
      throw new VigilError(
        'unauthorized',
        'the request carries no valid token',
        'Send `Authorization: Bearer <token>`; the token is in the file `token` of the home folder.',
      );
    }
    await next();
  };
}

/** Refuses other hosts and other sites' pages, so that a web page can't drive the node. */
export function requireLocal(port: () => number): MiddlewareHandler {
  return async (context, next) => {
    const host = context.req.header('host');
    if (!isLocalHost(host, port()) || !isLocalOrigin(context.req.header('origin'), port())) {
      throw new VigilError(
        'unauthorized',
        `the API does not answer to ${host ?? 'no host'}`,
        `Use http://127.0.0.1:${port()}.`,
      );
    }
    await next();
  };
}
