import { timingSafeEqual } from 'node:crypto';
import type { MiddlewareHandler } from 'hono';
import { VigilError } from '../../../shared/model/errors.ts';
import type { RefusalReason } from './refusals.ts';

/** Names of this machine that no name server can give to another address. */
const LOCAL_NAMES = ['127.0.0.1', 'localhost', '[::1]'];

/** Who may ask: what the `Host` and `Origin` of a request have to be. */
export interface Door {
  readonly port: number;
  /** Names under which a proxy of the user's own leads here, e.g. that of `tailscale serve`. */
  readonly hosts: readonly string[];
}

type Headers = (name: 'host' | 'origin' | 'authorization') => string | undefined;
type Note = (reason: RefusalReason, host: string | undefined, origin: string | undefined) => void;

/**
 * Whether the `Host` header is a name that only leads here. A page whose own name was rebound to this address
 * still sends that name, so it is refused; the name `localhost` can't be rebound, which is why any port will do
 * with it: behind an SSH tunnel the port is that of the other end.
 */
function isOwnHost(host: string | undefined, door: Door): boolean {
  if (host === undefined) return false;
  const name = host.replace(/:\d+$/, '').toLowerCase();
  return LOCAL_NAMES.includes(name) || door.hosts.some((own) => own.toLowerCase() === name);
}

/**
 * Whether a request comes from a program or from our own page: the one at the very address that was asked.
 * Another page of this machine, on a port of its own, is a stranger.
 */
function isOwnOrigin(origin: string | undefined, host: string | undefined, door: Door): boolean {
  if (origin === undefined) return true;
  const addresses = [host ?? '', ...LOCAL_NAMES.map((name) => `${name}:${door.port}`)];
  // A proxy of the user's own may speak TLS; a tunnel to loopback does not change what the page says.
  return addresses.some(
    (address) => origin === `http://${address}` || origin === `https://${address}`,
  );
}

/** Compares without telling by its time how much of the token was right. */
export function tokenMatches(given: string | undefined, token: string): boolean {
  if (given === undefined) return false;
  const a = Buffer.from(given);
  const b = Buffer.from(token);
  return a.length === b.length && timingSafeEqual(a, b);
}

/** What is wrong with where a request comes from; null when nothing is. */
export function wrongPlace(header: Headers, door: Door): RefusalReason | null {
  const host = header('host');
  if (!isOwnHost(host, door)) return 'host';
  return isOwnOrigin(header('origin'), host, door) ? null : 'origin';
}

/** Refuses what does not carry the token; `Host` and `Origin` are checked before any route. */
export function requireToken(token: string, note: Note): MiddlewareHandler {
  return async (context, next) => {
    const header = context.req.header('authorization');
    if (!tokenMatches(header?.replace(/^Bearer /, ''), token)) {
      note('token', context.req.header('host'), context.req.header('origin'));
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
export function requireLocal(door: () => Door, note: Note): MiddlewareHandler {
  return async (context, next) => {
    const header: Headers = (name) => context.req.header(name);
    const wrong = wrongPlace(header, door());
    if (wrong !== null) {
      const [host, origin] = [header('host'), header('origin')];
      note(wrong, host, origin);
      throw new VigilError(
        'unauthorized',
        wrong === 'host'
          ? `the API does not answer to ${host ?? 'no host'}`
          : `the API does not answer to a page of ${origin ?? 'nowhere'}`,
        `Use http://127.0.0.1:${door().port}, or name the host under \`hosts\` in config.yaml when it is a proxy of your own.`,
      );
    }
    await next();
  };
}
