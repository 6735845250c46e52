import { connect, type SecureContextOptions, type TLSSocket } from 'node:tls';
import type { DeviceId } from '../../../shared/model/device.ts';
import { VigilError, messageOf } from '../../../shared/model/errors.ts';
import { deviceOfCertificate, type Identity } from '../identity/identity.ts';
import { parseAddress } from './address.ts';
import type { LinkLimits } from './limits.ts';

/** A connection whose other end has shown the key that was asked for. */
export interface Pinned {
  readonly socket: TLSSocket;
  readonly address: string;
}

/** Addresses are tried one after the other at this distance, without waiting for the one before to fail (RFC 8305). */
const STAGGER_MS = 250;

/** TLS of both ends: 1.3 only; whoever it is is decided by key, not by who signed it. */
export function tlsOptions(
  identity: Identity,
): SecureContextOptions & { rejectUnauthorized: false } {
  return {
    key: identity.key,
    cert: identity.certificate,
    minVersion: 'TLSv1.3',
    maxVersion: 'TLSv1.3',
    rejectUnauthorized: false,
  };
}

/** The device at the other end of a connection; null when it has shown no key. */
export function deviceAt(socket: TLSSocket): DeviceId | null {
  const certificate = socket.getPeerX509Certificate();
  return certificate ? deviceOfCertificate(certificate) : null;
}

/**
 * Connects to a device at the first of these addresses where it answers. Nothing is sent before its key
 * was checked. Rejects with `peer-unreachable`, which names what each address said.
 */
export async function connectPinned(
  identity: Identity,
  device: DeviceId,
  addresses: readonly string[],
  limits: LinkLimits,
  signal: AbortSignal,
): Promise<Pinned> {
  const won = new AbortController();
  const ended = AbortSignal.any([signal, won.signal]);
  const attempts = addresses.map(async (address, index) => {
    await pause(index * STAGGER_MS, ended);
    return { address, socket: await connectTo(identity, device, address, limits, ended) };
  });
  try {
    const first = await Promise.any(attempts);
    won.abort();
    for (const attempt of attempts)
      void attempt.then(
        ({ socket }) => socket === first.socket || socket.destroy(),
        () => undefined,
      );
    return first;
  } catch (error) {
    const said = error instanceof AggregateError ? error.errors.map(messageOf) : [messageOf(error)];
    throw new VigilError(
      'peer-unreachable',
      addresses.length === 0
        ? 'no address of it is known'
        : addresses.map((address, index) => `${address}: ${said[index] ?? 'no answer'}`).join('; '),
      'Check that both machines are on, on the same network, and that no firewall closes the port.',
      { cause: error },
    );
  }
}

function connectTo(
  identity: Identity,
  device: DeviceId,
  address: string,
  limits: LinkLimits,
  signal: AbortSignal,
): Promise<TLSSocket> {
  const target = parseAddress(address);
  if (!target) return Promise.reject(new Error('not an address like 192.168.1.5:4775'));
  return new Promise((resolve, reject) => {
    const socket = connect({ ...target, ...tlsOptions(identity) });
    const fail = (error: Error) => {
      socket.destroy();
      clearTimeout(timer);
      signal.removeEventListener('abort', abort);
      reject(error);
    };
    const abort = () => fail(new Error('given up'));
    const timer = setTimeout(() => fail(new Error('no answer in time')), limits.connectMs);
    signal.addEventListener('abort', abort);
    if (signal.aborted) return abort();
    socket.on('error', fail);
    socket.once('close', () => fail(new Error('hung up')));
    socket.once('secureConnect', () => {
      const found = deviceAt(socket);
      if (found !== device) return fail(new Error('another node answers there'));
      clearTimeout(timer);
      signal.removeEventListener('abort', abort);
      socket.setNoDelay(true);
      resolve(socket);
    });
  });
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = () => {
      clearTimeout(timer);
      reject(new Error('not tried'));
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', abort);
      resolve();
    }, ms);
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort);
  });
}
