import { once } from 'node:events';
import { WebSocket, WebSocketServer } from 'ws';
import type { Channel, Link, LinkListener, Links } from '../electron/mesh/link.ts';
import type { NodeId } from '../shared/model/ids.ts';

const CHANNELS: readonly Channel[] = ['members', 'presence', 'document', 'log'];

/** Links over plain WebSockets on loopback: what replication costs without the encryption of the real ones. */
export class WsLinks implements Links {
  readonly open = new Map<NodeId, Link>();
  /** Messages of the document channel. */
  sentUpdates = 0;
  /** Of all messages, with their channel byte. */
  sentBytes = 0;
  readonly #listeners = new Map<Channel, Set<LinkListener>>();

  listen(channel: Channel, listener: LinkListener): () => void {
    const listeners = this.#of(channel);
    listeners.add(listener);
    for (const link of this.open.values()) listener.opened?.(link);
    return () => listeners.delete(listener);
  }

  add(peer: NodeId, socket: WebSocket): void {
    const link: Link = {
      peer,
      send: (channel, message) => {
        const frame = Buffer.allocUnsafe(message.byteLength + 1);
        frame[0] = CHANNELS.indexOf(channel);
        frame.set(message, 1);
        if (channel === 'document') this.sentUpdates += 1;
        this.sentBytes += frame.byteLength;
        socket.send(frame);
      },
      close: (reason) => socket.close(1000, reason),
    };
    socket.on('message', (frame: Buffer) => {
      const channel = CHANNELS[frame[0] ?? CHANNELS.length];
      if (!channel) return;
      for (const listener of this.#of(channel)) listener.message?.(link, frame.subarray(1));
    });
    socket.on('close', (_code, reason) => {
      this.open.delete(peer);
      for (const channel of CHANNELS) {
        for (const listener of this.#of(channel)) listener.closed?.(link, reason.toString());
      }
    });
    this.open.set(peer, link);
    for (const channel of CHANNELS) {
      for (const listener of this.#of(channel)) listener.opened?.(link);
    }
  }

  #of(channel: Channel): Set<LinkListener> {
    let listeners = this.#listeners.get(channel);
    if (!listeners) this.#listeners.set(channel, (listeners = new Set()));
    return listeners;
  }
}

/** Joins each node with each other by one socket; returns how to end them all. */
export async function joinAll(nodes: ReadonlyMap<NodeId, WsLinks>): Promise<() => void> {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false });
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const entries = [...nodes];
  for (const [at, [a, linksA]] of entries.entries()) {
    for (const [b, linksB] of entries.slice(at + 1)) {
      const accepted = once(server, 'connection');
      const near = new WebSocket(`ws://127.0.0.1:${address.port}`, { perMessageDeflate: false });
      await once(near, 'open');
      const [far] = (await accepted) as [WebSocket];
      linksA.add(b, near);
      linksB.add(a, far);
    }
  }
  return () => {
    for (const socket of server.clients) socket.terminate();
    server.close();
  };
}
