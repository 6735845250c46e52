import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { join } from 'node:path';
import { z } from 'zod';
import { DeviceId } from '../../../shared/model/device.ts';
import { VigilError } from '../../../shared/model/errors.ts';
import type { MeshClock } from '../clock.ts';
import { readPrivateJson, writePrivate } from '../privateFile.ts';
import type { Invitation } from './invitationLine.ts';

const Issued = z.strictObject({
  id: z.string(),
  secret: z.string(),
  expiresAtMs: z.number(),
  usedBy: DeviceId.nullable(),
});
type Issued = z.infer<typeof Issued>;
const InvitationsFile = z.strictObject({ issued: z.array(Issued) });

const INVITATION_MS = 10 * 60_000;
/** What is over is remembered so long, so that whoever comes late is told why. */
const REMEMBERED_MS = 7 * 24 * 60 * 60_000;
const SECRET_BYTES = 32;
const ID_BYTES = 9;

/** The invitations that this node has given, in `<home>/mesh/invitations.json`: a restart changes no rule. */
export class Invitations {
  private readonly path: string;
  private readonly clock: MeshClock;

  constructor(home: string, clock: MeshClock) {
    this.path = join(home, 'mesh', 'invitations.json');
    this.clock = clock;
  }

  /** Makes one that holds for 10 minutes. */
  issue(device: DeviceId, addresses: readonly string[]): Invitation {
    const now = this.clock.nowMs();
    const issued: Issued = {
      id: randomBytes(ID_BYTES).toString('base64url'),
      secret: randomBytes(SECRET_BYTES).toString('base64url'),
      expiresAtMs: now + INVITATION_MS,
      usedBy: null,
    };
    this.write([
      ...this.read().filter(({ expiresAtMs }) => now - expiresAtMs < REMEMBERED_MS),
      issued,
    ]);
    const { id, secret, expiresAtMs } = issued;
    return { id, secret, expiresAtMs, device, addresses: [...addresses] };
  }

  /**
   * Uses an invitation up for a device that has proved to hold it, and notes so on the disk before it
   * returns. The same device may come again: it may not have heard the answer. Throws
   * `invitation-unknown`, `invitation-used` or `invitation-expired`.
   */
  redeem(id: string, device: DeviceId, binding: Buffer, proof: string): void {
    const all = this.read();
    const issued = all.find((one) => one.id === id);
    if (!issued || !isProof(issued.secret, binding, proof))
      throw new VigilError(
        'invitation-unknown',
        'The inviting node does not know this invitation.',
        'Make a new one with `vigil invite` there.',
      );
    if (issued.usedBy === device) return;
    if (issued.usedBy !== null)
      throw new VigilError(
        'invitation-used',
        'This invitation was used already, by another node.',
        'Each is for one node. Make another with `vigil invite`.',
      );
    if (this.clock.nowMs() >= issued.expiresAtMs)
      throw new VigilError(
        'invitation-expired',
        'This invitation has expired: it holds for 10 minutes, by the clock of the inviting node.',
        'Make a new one with `vigil invite` there.',
      );
    this.write(all.map((one) => (one === issued ? { ...one, usedBy: device } : one)));
  }

  private read(): Issued[] {
    return readPrivateJson(this.path, InvitationsFile)?.issued ?? [];
  }

  private write(issued: readonly Issued[]): void {
    writePrivate(this.path, `${JSON.stringify({ issued })}\n`);
  }
}

/**
 * Proves to hold a secret, on one connection only: `binding` comes from the TLS session (RFC 9266's use of
 * the exporter) and names both devices, so that the proof is worth nothing anywhere else.
 */
export function proofOf(secret: string, binding: Buffer): string {
  return createHmac('sha256', Buffer.from(secret, 'base64url')).update(binding).digest('base64url');
}

function isProof(secret: string, binding: Buffer, proof: string): boolean {
  const expected = Buffer.from(proofOf(secret, binding));
  const given = Buffer.from(proof);
  return given.length === expected.length && timingSafeEqual(given, expected);
}
