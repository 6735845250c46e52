import { generateKeyPairSync, sign, verify } from 'node:crypto';
import type { Socket } from 'node:net';
import type { Link, LinkListener, Links } from '../electron/mesh/link.ts';
import { LogReplication } from '../electron/mesh/log/replication.ts';
import type { EventStore } from '../electron/store/store.ts';
import type { NodeId } from '../shared/model/ids.ts';

const LENGTH_BYTES = 4;

/** The log channel alone over a plain socket: what a link adds (TLS, WebSocket frames) is measured with the link. */
export class SocketLinks implements Links {
  readonly open = new Map<NodeId, Link>();
  /** Bytes that came. */
  received = 0;
  #listener: LinkListener | null = null;
  readonly #link: Link;
  #rest: Buffer = Buffer.alloc(0);

  constructor(socket: Socket, peer: NodeId) {
    socket.setNoDelay(true);
    this.#link = {
      peer,
      send: (_, message) => {
        const length = Buffer.alloc(LENGTH_BYTES);
        length.writeUInt32BE(message.length);
        socket.cork();
        socket.write(length);
        socket.write(message);
        socket.uncork();
      },
      close: (reason) => {
        throw new Error(`the link ended: ${reason}`);
      },
    };
    this.open.set(peer, this.#link);
    socket.on('data', (bytes: Buffer) => this.#take(bytes));
  }

  listen(_: string, listener: LinkListener): () => void {
    this.#listener = listener;
    listener.opened?.(this.#link);
    return () => (this.#listener = null);
  }

  #take(bytes: Buffer): void {
    this.received += bytes.length;
    this.#rest = Buffer.concat([this.#rest, bytes]);
    while (this.#rest.length >= LENGTH_BYTES) {
      const end = LENGTH_BYTES + this.#rest.readUInt32BE();
      if (this.#rest.length < end) return;
      const message = this.#rest.subarray(LENGTH_BYTES, end);
      this.#rest = this.#rest.subarray(end);
      this.#listener?.message?.(this.#link, message);
    }
  }
}

/** Replicates a store over links, with one key pair that both sides of the bench know. */
export function replicate(store: EventStore, links: Links, keys: Keys): LogReplication {
  return new LogReplication({
    store,
    links,
    sign: (bytes) => sign(null, bytes, keys.privateKey),
    verify: (_, bytes, signature) => verify(null, bytes, keys.publicKey, signature),
    isMember: () => true,
    lastAllowed: () => null,
    after: (ms, act) => {
      const timer = setTimeout(act, ms);
      return { cancel: () => clearTimeout(timer) };
    },
    onTrouble: ({ type, node, seq, what }) => {
      throw new Error(`${type} ${node} ${seq}: ${what}`);
    },
  });
}

/** PEM texts, so that they can be handed to another process. */
export interface Keys {
  readonly privateKey: string;
  readonly publicKey: string;
}

export function newKeys(): Keys {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  return {
    privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    publicKey: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
  };
}
