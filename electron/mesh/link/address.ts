import { isIPv6 } from 'node:net';

/** Where a node may answer. */
export interface HostPort {
  readonly host: string;
  readonly port: number;
}

/** Reads `host:port` or `[IPv6]:port`; null when it is neither. */
export function parseAddress(text: string): HostPort | null {
  const [, bracketed, plain, digits = ''] =
    /^(?:\[([^\]]+)\]|([^:[\]]+)):(\d{1,5})$/.exec(text) ?? [];
  const host = bracketed ?? plain;
  const port = Number(digits);
  return host === undefined || port < 1 || port > 65_535 ? null : { host, port };
}

export function formatAddress(host: string, port: number): string {
  return isIPv6(host) ? `[${host}]:${port}` : `${host}:${port}`;
}

/** How a connection's other end is shown and counted: IPv4 without its IPv6 clothing. */
export function plainHost(host: string | undefined): string {
  return (host ?? 'unknown').replace(/^::ffff:(?=\d+\.)/, '');
}
