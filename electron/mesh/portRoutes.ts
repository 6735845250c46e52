import type { DeviceId } from '../../shared/model/device.ts';
import { VigilError } from '../../shared/model/errors.ts';
import type { Handshake } from './link/handshake.ts';
import type { PeerHttp } from './link/peerHttp.ts';
import type { PortRoutes } from './link/port.ts';
import { answerJoin, type Inviter } from './members/join.ts';
import type { Members } from './members/members.ts';

/** Who gets where at this node's port: those who are members now to links and requests, whoever is invited to joining. */
export function portRoutes(inviter: Inviter, handshake: Handshake, http: PeerHttp): PortRoutes {
  const { members } = inviter;
  return {
    memberOf: (device) => {
      const member = members.byDevice(device);
      return member?.revoked === null ? member : null;
    },
    whyNot: (device) => whyNot(members, device),
    link: (req, socket, head, peer) => {
      handshake.answer(req, socket, head, peer).catch(() => socket.destroy());
    },
    request: (req, res, peer) => http.answer(req, res, peer.node),
    join: (req, res, device, socket) => {
      answerJoin(inviter, req, res, device, socket).catch(() => socket.destroy());
    },
  };
}

function whyNot(members: Members, device: DeviceId): VigilError {
  const known = members.byDevice(device);
  return known?.revoked
    ? new VigilError(
        'member-revoked',
        `${known.name} (${known.node}) was revoked or has left this mesh.`,
        'To join again, start it on an empty home (--home) and use a new invitation.',
      )
    : new VigilError(
        'not-a-member',
        'That key belongs to no member of this mesh.',
        'Let it in with `vigil invite` and `vigil join`.',
      );
}
