import { createECDH, createHash, createPrivateKey, createPublicKey } from 'node:crypto';
import { deviceOfKey, signerOf, type Identity } from '../../electron/mesh/identity/identity.ts';
import { gossipMembers } from '../../electron/mesh/members/gossip.ts';
import type { Members } from '../../electron/mesh/members/members.ts';
import type { NodeId } from '../../shared/model/ids.ts';
import type { SimLinks } from './simLinks.ts';

const CURVE = 'prime256v1';
const COORDINATE_BYTES = 32;
const identities = new Map<NodeId, Identity>();

/** The key of a node: a real one, and the same in every run. There is no TLS here, so no certificate. */
export function identityOf(node: NodeId): Identity {
  const known = identities.get(node);
  if (known) return known;
  const secret = createHash('sha256').update(`the key of ${node}`).digest();
  const pair = createECDH(CURVE);
  pair.setPrivateKey(secret);
  const point = pair.getPublicKey().subarray(1);
  const key = createPrivateKey({
    format: 'jwk',
    key: {
      ...{ kty: 'EC', crv: 'P-256', d: secret.toString('base64url') },
      x: point.subarray(0, COORDINATE_BYTES).toString('base64url'),
      y: point.subarray(COORDINATE_BYTES).toString('base64url'),
    },
  });
  const spki = createPublicKey(key).export({ format: 'der', type: 'spki' });
  const publicKey = spki.toString('base64');
  const device = deviceOfKey(publicKey);
  const identity = { device, publicKey, key: '', certificate: '', sign: signerOf(key) };
  identities.set(node, identity);
  return identity;
}

/** Whether a node belongs to the mesh now, as these members have it. */
export function belongs(members: Members, node: NodeId): boolean {
  return members.get(node)?.revoked === null;
}

/** Up to which event of its log the word of a node counts, as these members have it. */
export function cutOf(members: Members, node: NodeId): number {
  return members.get(node)?.revoked?.cut ?? Infinity;
}

/**
 * Has one process hear and tell who belongs to the mesh, as `Mesh` does: links to those who do not any more end,
 * after all have heard of it. One that was put out and goes on hears nothing of it.
 */
export function followMembers(
  members: Members,
  links: SimLinks,
  isDeaf: () => boolean,
  changed: (revoked: readonly NodeId[]) => void,
): void {
  gossipMembers(members, {
    open: links.open,
    listen: (channel, listener) =>
      links.listen(channel, {
        ...listener,
        message: (link, bytes) => {
          if (!isDeaf()) listener.message?.(link, bytes);
        },
      }),
  });
  let before = cuts(members);
  members.onChange(() => {
    const after = cuts(members);
    const revoked = [...after.keys()].filter((node) => before.get(node) !== after.get(node));
    before = after;
    changed(revoked);
    queueMicrotask(() => {
      for (const [peer, link] of [...links.open])
        if (!belongs(members, peer)) link.close('it was revoked');
    });
  });
}

function cuts(members: Members): Map<NodeId, number> {
  return new Map(
    members.list().flatMap(({ node, revoked }) => (revoked ? [[node, revoked.cut] as const] : [])),
  );
}
