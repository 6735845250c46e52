import { connect as connectTcp } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { WebSocket } from 'ws';
import { HEADER, LINK_PATH, PROTOCOL } from '../../../../electron/mesh/link/protocol.ts';
import { atEnd, type TestNode } from '../helpers.ts';

export function portOf(target: TestNode): number {
  return Number(target.mesh.addresses()[0]?.split(':')[1]);
}

/** Writes bytes to a port and resolves to all that came back when it is closed. */
export function talk(port: number, bytes: Uint8Array | string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connectTcp(port, '127.0.0.1', () => socket.write(bytes));
    let answer = '';
    socket.on('data', (data) => (answer += data.toString('latin1')));
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(answer));
    atEnd(() => socket.destroy());
  });
}

/** The key and certificate that a stranger, or a member that misbehaves, connects with. */
export interface Credentials {
  readonly key?: string;
  readonly cert?: string;
}

export function credentialsOf(node: TestNode): Credentials {
  const { key, certificate } = node.mesh.members.identity;
  return { key, cert: certificate };
}

export function tls(
  port: number,
  credentials: Credentials,
  version: 'TLSv1.2' | 'TLSv1.3' = 'TLSv1.3',
): TLSSocket {
  const socket = connectTls({
    port,
    host: '127.0.0.1',
    rejectUnauthorized: false,
    minVersion: version,
    maxVersion: version,
    ...credentials,
  });
  atEnd(() => socket.destroy());
  return socket;
}

/** Speaks HTTP over TLS and resolves to the whole answer. */
export function talkTls(port: number, credentials: Credentials, text: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = tls(port, credentials);
    let answer = '';
    socket.on('secureConnect', () => socket.write(text));
    socket.on('data', (data: Buffer) => (answer += data.toString()));
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(answer));
  });
}

/** A WebSocket that greets as a member, with whatever headers are to be otherwise. */
export function dialAs(
  from: TestNode,
  target: TestNode,
  headers: Record<string, string> = {},
): WebSocket {
  const webSocket = new WebSocket(`wss://127.0.0.1:${portOf(target)}${LINK_PATH}`, {
    ...credentialsOf(from),
    rejectUnauthorized: false,
    perMessageDeflate: false,
    headers: {
      [HEADER.protocol]: String(PROTOCOL),
      [HEADER.node]: from.node,
      [HEADER.boot]: 'a-boot-of-the-test',
      [HEADER.dial]: '1',
      ...headers,
    },
  });
  webSocket.on('error', () => undefined);
  atEnd(() => webSocket.terminate());
  return webSocket;
}

/** The status and body with which an upgrade was refused. */
export function refusalOf(webSocket: WebSocket): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    webSocket.once('open', () => reject(new Error('it was let in')));
    webSocket.once('unexpected-response', (_request, response) => {
      let body = '';
      response.on('data', (data: Buffer) => (body += data.toString()));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body }));
    });
  });
}
