import type { Channel } from '../link.ts';

/** The bounds of a link. Tests make them small; nobody else has reason to change them. */
export interface LinkLimits {
  /** A link that nothing was heard on for so long has ended. */
  readonly silentMs: number;
  /** From the first byte to an authenticated link, both ways. */
  readonly handshakeMs: number;
  /** How long a connection to one address may take before it is given up. */
  readonly connectMs: number;
  /** Largest message on each channel, bytes. */
  readonly messageBytes: Readonly<Record<Channel, number>>;
  /** Messages in a fifth of `silentMs`. A burst of 3,000 updates is normal, a flood is not. */
  readonly messagesPerTick: number;
  /** Bytes that may wait for a peer that does not read. Above it the link ends. */
  readonly bufferedBytes: number;
  /** Connections that have not shown a member's key yet. */
  readonly strangers: number;
}

const KIB = 1024;
const MIB = 1024 * KIB;

export const DEFAULT_LIMITS: LinkLimits = {
  silentMs: 5_000,
  handshakeMs: 5_000,
  connectMs: 3_000,
  messageBytes: { members: 256 * KIB, presence: 256 * KIB, document: 16 * MIB, log: 16 * MIB },
  messagesPerTick: 20_000,
  bufferedBytes: 64 * MIB,
  strangers: 64,
};
