import type { IncomingMessage } from 'node:http';
import type { TLSSocket } from 'node:tls';
import { WebSocket, WebSocketServer } from 'ws';
import { z } from 'zod';
import type { DeviceId } from '../../../shared/model/device.ts';
import { VigilError, messageOf } from '../../../shared/model/errors.ts';
import { NodeId } from '../../../shared/model/ids.ts';
import type { Member } from '../../../shared/model/member.ts';
import type { MeshClock } from '../clock.ts';
import type { Identity } from '../identity/identity.ts';
import { plainHost } from './address.ts';
import type { LinkLimits } from './limits.ts';
import type { MeshLinks } from './meshLinks.ts';
import { connectPinned } from './pinned.ts';
import { refuseUpgrade } from './port.ts';
import { HEADER, LINK_PATH, PROTOCOL, protocolOf, versionProblem } from './protocol.ts';
import { readJson } from './readJson.ts';
import { SocketLink, type Dial } from './socketLink.ts';

/** What the node is told while links are made. */
export interface HandshakeWatch {
  /** A second machine uses the key of this member, or of this node itself. */
  twin(node: NodeId, address: string): void;
  /** A member speaks another version. */
  incompatible(peer: NodeId, message: string, help: string): void;
}

export interface HandshakeParts {
  readonly identity: Identity;
  readonly node: NodeId;
  /** New with each start. */
  readonly boot: string;
  readonly links: MeshLinks;
  /** Whether a device is a member still: it may be revoked while its connection is being made. */
  readonly isMember: (device: DeviceId) => boolean;
  readonly limits: LinkLimits;
  readonly clock: MeshClock;
  readonly watch: HandshakeWatch;
}

const Hello = z.object({
  [HEADER.protocol]: z.coerce.number().int().nonnegative(),
  [HEADER.node]: NodeId,
  [HEADER.boot]: z.string().min(8).max(64),
});
const DialHello = Hello.extend({ [HEADER.dial]: z.coerce.number().int().nonnegative() });
const Refused = z.object({ code: z.string(), message: z.string(), help: z.string() });

const REFUSAL_BYTES = 16 * 1024;

/** Makes links out of connections, on the side that dials and on the side that is dialled. */
export class Handshake {
  private readonly parts: HandshakeParts;
  private readonly server: WebSocketServer;
  private dials = 0;

  constructor(parts: HandshakeParts) {
    this.parts = parts;
    this.server = new WebSocketServer({
      noServer: true,
      perMessageDeflate: false,
      maxPayload: this.maxPayload,
    });
    this.server.on('headers', (lines) => {
      for (const [name, value] of Object.entries(this.hello())) lines.push(`${name}: ${value}`);
    });
  }

  /** Turns the connection of a member that dialled this node into a link, or tells it why not. */
  async answer(req: IncomingMessage, socket: TLSSocket, head: Buffer, peer: Member): Promise<void> {
    const { identity, node, links, watch } = this.parts;
    const address = plainHost(socket.remoteAddress);
    const refuse = (status: number, error: VigilError) =>
      refuseUpgrade(socket, status, error, this.hello());
    const theirs = protocolOf(req.headers);
    if (theirs !== null && theirs !== PROTOCOL) {
      const { message, help } = versionProblem(theirs, peer.name);
      watch.incompatible(peer.node, message, help);
      return refuse(426, new VigilError('protocol-mismatch', message, help));
    }
    const hello = DialHello.safeParse(req.headers);
    if (!hello.success || hello.data[HEADER.node] !== peer.node)
      return refuse(
        400,
        new VigilError(
          'invalid-input',
          `this is no greeting of ${peer.node}`,
          'Update both nodes.',
        ),
      );
    if (peer.device === identity.device) {
      watch.twin(node, address);
      return refuse(409, twinError(peer.name));
    }
    const dial: Dial = {
      dialer: peer.node,
      number: hello.data[HEADER.dial],
      peerBoot: hello.data[HEADER.boot],
      address,
    };
    switch (await links.admission(peer.node, dial)) {
      case 'linked':
        return refuse(409, alreadyLinked());
      case 'twin':
        watch.twin(peer.node, address);
        return refuse(409, twinError(peer.name));
      case 'take':
        if (socket.destroyed || !this.parts.isMember(peer.device)) return void socket.destroy();
        this.server.handleUpgrade(req, socket, head, (webSocket) =>
          links.add(this.linkOver(webSocket, peer.node, dial)),
        );
    }
  }

  /**
   * Dials a member. Resolves to the address at which it answered, when there is a link to it, be it this
   * or another one. Rejects with a VigilError that says why there is none.
   */
  async dial(peer: Member, addresses: readonly string[], signal: AbortSignal): Promise<string> {
    const { identity, node, links, limits, watch } = this.parts;
    const { socket, address } = await connectPinned(
      identity,
      peer.device,
      addresses,
      limits,
      signal,
    );
    this.dials += 1;
    const number = this.dials;
    const webSocket = new WebSocket(`wss://${peer.node}${LINK_PATH}`, {
      createConnection: () => socket,
      headers: { ...this.hello(), [HEADER.dial]: String(number) },
      perMessageDeflate: false,
      maxPayload: this.maxPayload,
      handshakeTimeout: limits.handshakeMs,
    });
    const answer = await this.greeted(webSocket, peer);
    if (answer === 'linked') return address;
    const dial: Dial = { dialer: node, number, peerBoot: answer, address };
    const admission = await links.admission(peer.node, dial);
    const isWanted = !signal.aborted && this.parts.isMember(peer.device);
    if (admission === 'take' && isWanted && webSocket.readyState === WebSocket.OPEN) {
      links.add(this.linkOver(webSocket, peer.node, dial));
      webSocket.resume();
      return address;
    }
    webSocket.terminate();
    if (admission === 'linked') return address;
    if (admission === 'take')
      throw new VigilError('peer-unreachable', 'it hung up at once', 'It is tried again.');
    watch.twin(peer.node, address);
    throw twinError(peer.name);
  }

  /** Waits for the peer's greeting: its boot, or that there is a link already. The socket is paused then. */
  private greeted(webSocket: WebSocket, peer: Member): Promise<string> {
    return new Promise((resolve, reject) => {
      let boot = '';
      webSocket.once('upgrade', (response) => {
        const hello = Hello.safeParse(response.headers);
        if (hello.success && hello.data[HEADER.node] === peer.node) boot = hello.data[HEADER.boot];
      });
      webSocket.once('open', () => {
        webSocket.pause();
        if (boot !== '') return resolve(boot);
        webSocket.terminate();
        reject(new VigilError('invalid-input', 'it greeted as another node', 'Update both nodes.'));
      });
      webSocket.once('unexpected-response', (_request, response) => {
        this.refusal(response, peer).then((error) => {
          webSocket.terminate();
          if (error.code === 'conflict' && error.message === ALREADY) resolve('linked');
          else reject(error);
        }, reject);
      });
      webSocket.on('error', (error) =>
        reject(
          new VigilError('peer-unreachable', messageOf(error), 'It is tried again.', {
            cause: error,
          }),
        ),
      );
    });
  }

  /** Why a peer refused, in its words or, where the versions differ, in this node's. */
  private async refusal(response: IncomingMessage, peer: Member): Promise<VigilError> {
    const theirs = protocolOf(response.headers);
    if (theirs !== null && theirs !== PROTOCOL) {
      const { message, help } = versionProblem(theirs, peer.name);
      this.parts.watch.incompatible(peer.node, message, help);
      response.destroy();
      return new VigilError('protocol-mismatch', message, help);
    }
    const said = Refused.safeParse(await readJson(response, REFUSAL_BYTES));
    if (!said.success)
      return new VigilError(
        'peer-unreachable',
        `it refused with status ${response.statusCode ?? 0}`,
        'Update both nodes.',
      );
    const { code, message, help } = said.data;
    switch (code) {
      case 'member-revoked':
      case 'not-a-member':
      case 'home-copied':
      case 'conflict':
        return new VigilError(code, message, help);
      default:
        return new VigilError('peer-unreachable', message, help);
    }
  }

  private linkOver(webSocket: WebSocket, peer: NodeId, dial: Dial): SocketLink {
    const { links, limits, clock } = this.parts;
    return new SocketLink(webSocket, peer, dial, limits, clock, {
      message: (link, channel, message) => links.deliver(link, channel, message),
      closed: (link, reason) => links.remove(link, reason),
    });
  }

  private hello(): Record<string, string> {
    const { node, boot } = this.parts;
    return { [HEADER.protocol]: String(PROTOCOL), [HEADER.node]: node, [HEADER.boot]: boot };
  }

  private get maxPayload(): number {
    return Math.max(...Object.values(this.parts.limits.messageBytes)) + 1;
  }
}

const ALREADY = 'there is a link already';

function alreadyLinked(): VigilError {
  return new VigilError('conflict', ALREADY, 'Nothing is to do.');
}

function twinError(name: string): VigilError {
  return new VigilError(
    'home-copied',
    `Two machines use the identity of ${name} at the same time: its home was copied.`,
    'Stop one of them for good, or start it on an empty home (--home) and join with a new invitation.',
  );
}
