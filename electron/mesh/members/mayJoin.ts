import { VigilError } from '../../../shared/model/errors.ts';
import type { Invitation } from './invitationLine.ts';
import type { Members } from './members.ts';

/**
 * Throws why this node can't follow an invitation: `already-member`, `member-revoked`, or `conflict` where it has
 * something of its own that stands against it.
 * @param ownWork what that is; null when there is nothing
 */
export function checkMayJoin(
  members: Members,
  invitation: Invitation,
  ownWork: () => string | null,
): void {
  if (invitation.device === members.identity.device)
    throw new VigilError(
      'already-member',
      'This node made that invitation itself.',
      'Run `vigil join` with it on the other machine.',
    );
  if (members.mesh !== null)
    throw members.isMember
      ? new VigilError(
          'already-member',
          members.byDevice(invitation.device)
            ? 'This node is a member of that mesh already.'
            : 'This node belongs to another mesh.',
          '`vigil nodes` shows its mesh. For another one, start a node on an empty home (--home) and join from there.',
        )
      : new VigilError(
          'member-revoked',
          'This node was revoked or has left its mesh: its home belongs to the past of that mesh.',
          'Start it on an empty home (--home) and join from there.',
        );
  const why = ownWork();
  if (why !== null)
    throw new VigilError(
      'conflict',
      `This node can't join: ${why}`,
      'Invite from this node and join from the other, or start it on an empty home (--home).',
    );
}
