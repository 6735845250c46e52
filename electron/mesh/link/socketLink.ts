import type { RawData, WebSocket } from 'ws';
import type { NodeId } from '../../../shared/model/ids.ts';
import { messageOf } from '../../../shared/model/errors.ts';
import type { MeshClock } from '../clock.ts';
import type { Channel, Link } from '../link.ts';
import { decodeFrame, encodeFrame } from './frame.ts';
import type { LinkLimits } from './limits.ts';

/** How two connections between the same two nodes are told apart, alike on both ends. */
export interface Dial {
  readonly dialer: NodeId;
  readonly number: number;
  /** The start of the peer's process. */
  readonly peerBoot: string;
  /** Where the peer is, for people. */
  readonly address: string;
}

export interface SocketLinkEvents {
  message(link: SocketLink, channel: Channel, message: Uint8Array): void;
  /** Once, and nothing after it. */
  closed(link: SocketLink, reason: string): void;
}

const CLOSE_CODE = 4_000;
/** RFC 6455 leaves 123 bytes for a reason; a cut character may take two more than it had. */
const REASON_BYTES = 120;
/** A peer that does not answer the end of a link within this is hung up on. */
const CLOSING_MS = 1_000;
/** Ticks in `silentMs`. */
const TICKS = 5;

/** A link over one WebSocket: frames, limits, silence and the end. */
export class SocketLink implements Link {
  readonly peer: NodeId;
  readonly dial: Dial;
  private readonly socket: WebSocket;
  private readonly limits: LinkLimits;
  private readonly clock: MeshClock;
  private readonly events: SocketLinkEvents;
  private readonly heard = new Set<() => void>();
  private timer: { cancel(): void } | null = null;
  private isOpen = true;
  private quietTicks = 0;
  private messages = 0;
  private trouble: string | null = null;

  constructor(
    socket: WebSocket,
    peer: NodeId,
    dial: Dial,
    limits: LinkLimits,
    clock: MeshClock,
    events: SocketLinkEvents,
  ) {
    this.socket = socket;
    this.peer = peer;
    this.dial = dial;
    this.limits = limits;
    this.clock = clock;
    this.events = events;
    socket.on('message', (data, isBinary) => this.receive(data, isBinary));
    socket.on('pong', () => this.hear());
    socket.on('ping', () => this.hear());
    socket.on('error', (error) => (this.trouble ??= messageOf(error)));
    socket.on('close', (code, reason) =>
      this.finish(
        code === CLOSE_CODE
          ? plainText(reason.toString())
          : (this.trouble ?? 'the connection was lost'),
      ),
    );
    this.tick();
  }

  send(channel: Channel, message: Uint8Array): void {
    if (!this.isOpen) return;
    if (message.length > this.limits.messageBytes[channel])
      throw new RangeError(
        `a message of ${message.length} bytes is too large for the channel ${channel}`,
      );
    this.socket.send(encodeFrame(channel, message));
    const waiting = this.socket.bufferedAmount;
    if (waiting > this.limits.bufferedBytes)
      this.cut(`${this.peer} does not read: ${waiting} bytes wait for it`);
  }

  close(reason: string): void {
    if (!this.isOpen) return;
    const text = Buffer.from(reason).subarray(0, REASON_BYTES).toString();
    this.socket.close(CLOSE_CODE, text);
    const hangUp = this.clock.after(CLOSING_MS, () => this.socket.terminate());
    this.socket.once('close', () => hangUp.cancel());
    this.finish(reason);
  }

  /** Whether the peer still answers on this link within a time. */
  probe(withinMs: number): Promise<boolean> {
    if (!this.isOpen) return Promise.resolve(false);
    return new Promise((resolve) => {
      const settle = () => {
        timer.cancel();
        this.heard.delete(settle);
        resolve(this.isOpen);
      };
      const timer = this.clock.after(withinMs, () => {
        this.heard.delete(settle);
        resolve(false);
      });
      this.heard.add(settle);
      this.socket.ping();
    });
  }

  /** Ends the link without a word: nobody listens on the other side. */
  cut(reason: string): void {
    this.socket.terminate();
    this.finish(reason);
  }

  private receive(data: RawData, isBinary: boolean): void {
    if (!this.isOpen) return;
    this.hear();
    this.messages += 1;
    if (this.messages > this.limits.messagesPerTick)
      return this.close(
        `${this.peer} sends more than ${this.limits.messagesPerTick} messages at once`,
      );
    try {
      if (!isBinary || !Buffer.isBuffer(data)) throw new Error('text instead of a frame');
      const { channel, message } = decodeFrame(data);
      if (message.length > this.limits.messageBytes[channel])
        throw new Error(`${message.length} bytes are too many on the channel ${channel}`);
      this.events.message(this, channel, message);
    } catch (error) {
      this.close(`bad message from ${this.peer}: ${messageOf(error)}`);
    }
  }

  private hear(): void {
    this.quietTicks = 0;
    for (const settle of [...this.heard]) settle();
  }

  /** Counts ticks, not time: a node that slept finds its peers silent only after it has listened again. */
  private tick(): void {
    this.timer = this.clock.after(this.limits.silentMs / TICKS, () => {
      this.messages = 0;
      if (this.quietTicks >= TICKS - 1)
        return this.cut(`${this.peer} has been silent for ${this.limits.silentMs / 1000} s`);
      if (this.quietTicks > 0) this.socket.ping();
      this.quietTicks += 1;
      this.tick();
    });
  }

  private finish(reason: string): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    this.timer?.cancel();
    for (const settle of [...this.heard]) settle();
    this.events.closed(this, reason);
  }
}

/** A peer's words, as they may be shown. */
function plainText(text: string): string {
  return text.replace(/\p{C}/gu, '?') || 'the peer ended the link';
}
