import { createServer, type Server } from 'node:https';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { DeviceId } from '../../../shared/model/device.ts';
import { VigilError, messageOf } from '../../../shared/model/errors.ts';
import type { Member } from '../../../shared/model/member.ts';
import type { Identity } from '../identity/identity.ts';
import { plainHost } from './address.ts';
import type { LinkLimits } from './limits.ts';
import { deviceAt, tlsOptions } from './pinned.ts';
import { JOIN_PATH, LINK_PATH } from './protocol.ts';
import type { Refusals } from './refusals.ts';

/** What the port leads to. Only members get to the first two. */
export interface PortRoutes {
  /** Who a key belongs to; null when that is nobody of this mesh, or nobody any more. */
  memberOf(device: DeviceId): Member | null;
  /** Why a device that is no member is turned away, for its owner to read. */
  whyNot(device: DeviceId, address: string): VigilError;
  link(req: IncomingMessage, socket: TLSSocket, head: Buffer, peer: Member): void;
  request(req: IncomingMessage, res: ServerResponse, peer: Member): void;
  /** Anybody with a key may try: an invitation is what it takes. */
  join(req: IncomingMessage, res: ServerResponse, device: DeviceId, socket: TLSSocket): void;
}

/**
 * The one port that other nodes reach. TLS 1.3 with a key on both ends; a key of no member gets as far as
 * one answer. Whoever is turned away is counted and reported.
 */
export class MeshPort {
  private readonly server: Server;
  private readonly routes: PortRoutes;
  private readonly limits: LinkLimits;
  private readonly refusals: Refusals;
  /** Connections that no member's key was seen on yet, by remote address and port, with what is wrong with them. */
  private readonly strangers = new Map<string, string>();
  private readonly devices = new Map<TLSSocket, DeviceId>();
  /** All that are not links: these end by themselves, with a word to the peer. */
  private readonly sockets = new Map<string, Socket>();

  constructor(identity: Identity, routes: PortRoutes, limits: LinkLimits, refusals: Refusals) {
    this.routes = routes;
    this.limits = limits;
    this.refusals = refusals;
    this.server = createServer({
      ...tlsOptions(identity),
      requestCert: true,
      handshakeTimeout: limits.handshakeMs,
      headersTimeout: limits.handshakeMs,
      // A member's transfer takes as long as it takes; a stranger's connection has a timer of its own.
      requestTimeout: 0,
    });
    // Before the TLS server's own listener, which would read from a connection that is refused here.
    this.server.prependListener('connection', (socket: Socket) => this.meet(socket));
    this.server.on('secureConnection', (socket: TLSSocket) => this.identify(socket));
    this.server.on('tlsClientError', (error: Error, socket: TLSSocket) => {
      const key = keyOf(socket);
      if (this.strangers.has(key)) this.strangers.set(key, handshakeProblem(error));
      socket.destroy();
    });
    this.server.on('clientError', (_error: Error, socket: Socket) => socket.destroy());
    this.server.on('request', (req, res) => this.route(req, res));
    this.server.on('upgrade', (req, socket, head) => {
      if (socket instanceof TLSSocket) this.upgrade(req, socket, head);
      else socket.destroy();
    });
  }

  /** Opens the port; resolves to its number. Rejects with `port-in-use`, or what the system says. */
  async listen(host: string | undefined, port: number): Promise<number> {
    await new Promise<void>((resolve, reject) => {
      this.server.once('error', reject);
      this.server.listen({ port, ...(host === undefined ? {} : { host }) }, () => {
        this.server.off('error', reject);
        resolve();
      });
    }).catch((error: unknown) => {
      if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE')
        throw new VigilError(
          'port-in-use',
          `Another program uses port ${port}, on which other nodes would reach this one.`,
          'End it, or set another `mesh.port` in config.yaml.',
          { cause: error },
        );
      throw error;
    });
    const address = this.server.address();
    if (address === null || typeof address === 'string') throw new Error('the port has no number');
    return address.port;
  }

  /** Hangs up on the connections of a device that are not links, as when it has been revoked. */
  hangUp(device: DeviceId): void {
    for (const [socket, known] of this.devices) if (known === device) socket.destroy();
  }

  /** Resolves when the last connection has ended; links have to be closed by whoever holds them. */
  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.server.close(() => resolve()));
    for (const socket of [...this.sockets.values()]) socket.destroy();
    await closed;
  }

  private meet(socket: Socket): void {
    const key = keyOf(socket);
    const from = plainHost(socket.remoteAddress);
    this.sockets.set(key, socket);
    socket.once('close', () => {
      if (this.sockets.get(key) === socket) this.sockets.delete(key);
    });
    if (this.strangers.size >= this.limits.strangers) {
      this.refusals.add(from, 'too many connections without a known key at once');
      socket.destroy();
      return;
    }
    this.strangers.set(key, 'hung up before it showed a key');
    const timer = setTimeout(() => {
      if (!this.strangers.has(key)) return;
      this.strangers.set(key, 'showed no known key in time');
      socket.destroy();
    }, 2 * this.limits.handshakeMs);
    socket.once('close', () => {
      clearTimeout(timer);
      const reason = this.strangers.get(key);
      if (reason !== undefined && this.strangers.delete(key) && reason !== '')
        this.refusals.add(from, reason);
    });
  }

  private identify(socket: TLSSocket): void {
    const key = keyOf(socket);
    const device = deviceAt(socket);
    socket.on('error', () => socket.destroy());
    if (device === null) {
      this.strangers.set(key, 'TLS without a key of its own');
      socket.destroy();
      return;
    }
    this.devices.set(socket, device);
    socket.once('close', () => this.devices.delete(socket));
    if (this.routes.memberOf(device)) this.strangers.delete(key);
    else this.strangers.set(key, 'its key belongs to no member');
  }

  private route(req: IncomingMessage, res: ServerResponse): void {
    const socket = req.socket;
    const device = socket instanceof TLSSocket ? this.devices.get(socket) : undefined;
    if (!(socket instanceof TLSSocket) || device === undefined) {
      req.socket.destroy();
      return;
    }
    const from = plainHost(socket.remoteAddress);
    if (req.method === 'POST' && req.url === JOIN_PATH) {
      this.strangers.set(keyOf(socket), '');
      this.routes.join(req, res, device, socket);
      return;
    }
    const peer = this.routes.memberOf(device);
    if (peer) this.routes.request(req, res, peer);
    else this.turnAway(res, this.routes.whyNot(device, from));
  }

  private upgrade(req: IncomingMessage, socket: TLSSocket, head: Buffer): void {
    const device = this.devices.get(socket);
    const peer = device === undefined ? null : this.routes.memberOf(device);
    if (device === undefined || req.url !== LINK_PATH) socket.destroy();
    else if (peer) {
      this.devices.delete(socket);
      this.sockets.delete(keyOf(socket));
      this.routes.link(req, socket, head, peer);
    } else {
      const error = this.routes.whyNot(device, plainHost(socket.remoteAddress));
      this.strangers.set(keyOf(socket), error.message);
      refuseUpgrade(socket, 401, error);
    }
  }

  private turnAway(res: ServerResponse, error: VigilError): void {
    if (res.socket) this.strangers.set(keyOf(res.socket), error.message);
    sendError(res, 401, error);
  }
}

/** Answers with an error that the other side can show to a person, and ends the connection. */
export function sendError(
  res: ServerResponse,
  status: number,
  error: VigilError,
  headers: Readonly<Record<string, string>> = {},
): void {
  res.writeHead(status, { 'content-type': 'application/json', connection: 'close', ...headers });
  res.end(errorJson(error));
}

/** The same for a connection that asked to become a link. */
export function refuseUpgrade(
  socket: TLSSocket,
  status: number,
  error: VigilError,
  headers: Readonly<Record<string, string>> = {},
): void {
  const body = errorJson(error);
  const lines = Object.entries({
    'content-type': 'application/json',
    'content-length': String(Buffer.byteLength(body)),
    connection: 'close',
    ...headers,
  }).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.end(`HTTP/1.1 ${status} Refused\r\n${lines.join('')}\r\n${body}`);
}

function errorJson({ code, message, help }: VigilError): string {
  return JSON.stringify({ code, message, help });
}

function keyOf(socket: Socket): string {
  return `${socket.remoteAddress}:${socket.remotePort}`;
}

function handshakeProblem(error: Error): string {
  const code = 'code' in error ? error.code : '';
  switch (code) {
    case 'ERR_SSL_HTTP_REQUEST':
      return 'HTTP without TLS';
    case 'ERR_SSL_WRONG_VERSION_NUMBER':
    case 'ERR_SSL_PACKET_LENGTH_TOO_LONG':
      return 'no TLS';
    case 'ERR_SSL_UNSUPPORTED_PROTOCOL':
      return 'a TLS older than 1.3';
    case 'ERR_TLS_HANDSHAKE_TIMEOUT':
      return 'no TLS handshake in time';
    case 'ECONNRESET':
      return 'hung up before it showed a key';
    default:
      return `no TLS handshake: ${messageOf(error)}`;
  }
}
