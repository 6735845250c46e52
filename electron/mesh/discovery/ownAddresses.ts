import { networkInterfaces } from 'node:os';
import { formatAddress } from '../link/address.ts';

/** Listening on these means on all interfaces. */
const ANY = new Set(['0.0.0.0', '::']);

/**
 * Where this machine can be reached: what the user says, then the address it listens on or those of all
 * its interfaces. Link-local IPv6 is left out: it means something else on every machine.
 */
export function ownAddresses(
  listen: string | undefined,
  port: number,
  declared: readonly string[],
): string[] {
  const hosts =
    listen !== undefined && !ANY.has(listen)
      ? [listen]
      : Object.values(networkInterfaces())
          .flatMap((addresses) => addresses ?? [])
          .filter(({ internal, address }) => !internal && !/^fe80:/i.test(address))
          .map(({ address }) => address)
          .sort();
  return [...new Set([...declared, ...hosts.map((host) => formatAddress(host, port))])];
}
