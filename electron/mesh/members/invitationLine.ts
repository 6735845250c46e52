import { createHash } from 'node:crypto';
import { z } from 'zod';
import { DeviceId } from '../../../shared/model/device.ts';
import { VigilError } from '../../../shared/model/errors.ts';
import { PROTOCOL, versionProblem } from '../link/protocol.ts';

/** What an invitation tells the node that is to join. */
export const Invitation = z.strictObject({
  id: z.string().min(8).max(64),
  /** Shared by the two nodes, never sent: it proves that the joining node holds the line. Base64url. */
  secret: z.string().min(32).max(128),
  /** The inviter, whose key must answer. */
  device: DeviceId,
  addresses: z.array(z.string()).min(1),
  /** For people: whether it has expired is judged by the inviter's clock alone. */
  expiresAtMs: z.number(),
});
export type Invitation = z.infer<typeof Invitation>;

/** `vigil1.<base64url of JSON>.<check>`: the number is the protocol. */
const PREFIX = 'vigil';
const CHECK_CHARS = 8;
const SHAPE = /^vigil(\d{1,6})\.([A-Za-z0-9_-]*)(?:\.([A-Za-z0-9_-]*))?$/;

export function formatInvitation(invitation: Invitation): string {
  const body = Buffer.from(JSON.stringify(invitation)).toString('base64url');
  return `${PREFIX}${PROTOCOL}.${body}.${checkOf(body)}`;
}

/**
 * Reads a line that was copied from another machine; line breaks and spaces in it do not matter. Throws
 * `invitation-damaged` when it is none, or a part of one, and `protocol-mismatch` when another version made it.
 */
export function parseInvitation(line: string): Invitation {
  const text = line.replace(/\s+/g, '');
  const [, version, body = '', check = ''] = SHAPE.exec(text) ?? [];
  if (version === undefined)
    throw damaged(
      PREFIX.startsWith(text.slice(0, PREFIX.length)) && text.length > 0
        ? 'The invitation is cut off.'
        : 'That is not an invitation: it does not look like vigil1.….',
    );
  if (Number(version) !== PROTOCOL) {
    const { message, help } = versionProblem(Number(version), 'the inviting node');
    throw new VigilError('protocol-mismatch', message, help);
  }
  if (check.length < CHECK_CHARS) throw damaged('The invitation is cut off: its end is missing.');
  if (check !== checkOf(body))
    throw damaged('The invitation was changed on the way: a character is wrong or missing.');
  const parsed = Invitation.safeParse(jsonOrNull(Buffer.from(body, 'base64url').toString('utf8')));
  if (!parsed.success) throw damaged('The invitation holds something else than an invitation.');
  return parsed.data;
}

function checkOf(body: string): string {
  return createHash('sha256')
    .update(`${PREFIX}${PROTOCOL}.${body}`)
    .digest('base64url')
    .slice(0, CHECK_CHARS);
}

function damaged(message: string): VigilError {
  return new VigilError(
    'invitation-damaged',
    message,
    'Copy the whole line that `vigil invite` printed, in quotes, or make a new one.',
  );
}

function jsonOrNull(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
