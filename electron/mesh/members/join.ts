import type { IncomingMessage, ServerResponse } from 'node:http';
import { request as httpRequest } from 'node:http';
import type { TLSSocket } from 'node:tls';
import { z } from 'zod';
import { DeviceId } from '../../../shared/model/device.ts';
import { VigilError, messageOf } from '../../../shared/model/errors.ts';
import { NodeId } from '../../../shared/model/ids.ts';
import { MemberName } from '../../../shared/model/member.ts';
import { plainHost } from '../link/address.ts';
import { readJson } from '../link/readJson.ts';
import type { LinkLimits } from '../link/limits.ts';
import { connectPinned } from '../link/pinned.ts';
import { sendError } from '../link/port.ts';
import { HEADER, JOIN_PATH, PROTOCOL, protocolOf, versionProblem } from '../link/protocol.ts';
import { proofOf, type Invitations } from './invitations.ts';
import type { Invitation } from './invitationLine.ts';
import type { Members } from './members.ts';
import { Statements } from './statementSet.ts';

const JoinRequest = z.strictObject({
  invitation: z.string().max(64),
  proof: z.string().max(128),
  node: NodeId,
  publicKey: z.string().max(512),
  name: MemberName,
  addresses: z.array(z.string()).max(64),
});
const JoinReply = Statements.extend({ mesh: DeviceId });

/** The inviter's reasons that the joining node passes on in the inviter's words. */
const Refused = z.object({
  code: z.enum([
    'invitation-unknown',
    'invitation-expired',
    'invitation-used',
    'already-member',
    'member-revoked',
    'not-a-member',
    'mesh-full',
    'conflict',
  ]),
  message: z.string(),
  help: z.string(),
});

const REQUEST_BYTES = 64 * 1024;
const REPLY_BYTES = 4 * 1024 * 1024;
const EXPORTER = 'EXPORTER-vigil-join';

export interface Inviter {
  readonly members: Members;
  readonly invitations: Invitations;
  /** The highest task number that is known. */
  readonly floor: () => number;
  readonly refused: (address: string, reason: string) => void;
  readonly incompatible: (address: string, message: string, help: string) => void;
}

/** Answers a node that asks to be let in. */
export async function answerJoin(
  inviter: Inviter,
  req: IncomingMessage,
  res: ServerResponse,
  device: DeviceId,
  socket: TLSSocket,
): Promise<void> {
  const { members, invitations } = inviter;
  const address = plainHost(socket.remoteAddress);
  const headers = { [HEADER.protocol]: String(PROTOCOL) };
  const theirs = protocolOf(req.headers) ?? 0;
  if (theirs !== PROTOCOL) {
    const { message, help } = versionProblem(theirs, `a node at ${address} that wants to join`);
    inviter.incompatible(address, message, help);
    return sendError(res, 426, new VigilError('protocol-mismatch', message, help), headers);
  }
  try {
    const asked = JoinRequest.parse(await readJson(req, REQUEST_BYTES));
    const { node, publicKey, name, addresses } = asked;
    const binding = bindingOf(socket, asked.invitation, device, members.identity.device);
    invitations.redeem(asked.invitation, device, binding, asked.proof);
    const known = members.byDevice(device);
    // The answer to a first request may have been lost: then it is given again.
    if (known?.revoked !== null || known.node !== node)
      members.admit({ node, device, publicKey, name, addresses }, inviter.floor());
    const reply: z.infer<typeof JoinReply> = { mesh: meshOf(members), ...members.all() };
    res.writeHead(200, { 'content-type': 'application/json', connection: 'close', ...headers });
    res.end(JSON.stringify(reply));
  } catch (error) {
    inviter.refused(address, `it wanted to join: ${messageOf(error)}`);
    const told =
      error instanceof VigilError
        ? error
        : new VigilError(
            'invalid-input',
            'The request to join was malformed.',
            'Update both nodes.',
          );
    sendError(res, 403, told, headers);
  }
}

export interface Joiner {
  readonly members: Members;
  readonly limits: LinkLimits;
  /** This node's own addresses. */
  readonly addresses: readonly string[];
}

/**
 * Joins the mesh of the node that gave this invitation. Nothing is sent to anybody but that node, and the
 * secret to nobody. Throws the inviter's reason, `peer-unreachable` or `protocol-mismatch`.
 */
export async function joinMesh(joiner: Joiner, invitation: Invitation): Promise<void> {
  const { members, limits } = joiner;
  const { identity } = members;
  const giveUp = AbortSignal.timeout(limits.connectMs + limits.handshakeMs);
  const { socket } = await connectPinned(
    identity,
    invitation.device,
    invitation.addresses,
    limits,
    giveUp,
  ).catch((error: unknown) => {
    throw new VigilError(
      'peer-unreachable',
      `The inviting node can't be reached: ${messageOf(error)}`,
      'Check that it runs and that both machines are on the same network. If its address has changed, make a new invitation.',
      { cause: error },
    );
  });
  try {
    const binding = bindingOf(socket, invitation.id, identity.device, invitation.device);
    const asked: z.infer<typeof JoinRequest> = {
      invitation: invitation.id,
      proof: proofOf(invitation.secret, binding),
      node: members.node,
      publicKey: identity.publicKey,
      name: members.name,
      addresses: [...joiner.addresses],
    };
    const { response, body } = await ask(socket, JSON.stringify(asked), giveUp);
    const theirs = protocolOf(response.headers) ?? 0;
    if (theirs !== PROTOCOL) {
      const { message, help } = versionProblem(theirs, 'the inviting node');
      throw new VigilError('protocol-mismatch', message, help);
    }
    if (response.statusCode !== 200) throw refusal(body);
    const { mesh, ...statements } = JoinReply.parse(body);
    members.adopt(mesh, statements);
  } catch (error) {
    if (error instanceof VigilError) throw error;
    throw new VigilError(
      'peer-unreachable',
      `The inviting node did not answer as it should: ${messageOf(error)}`,
      'Try again; the invitation holds while it has not expired.',
      { cause: error },
    );
  } finally {
    socket.destroy();
  }
}

function ask(
  socket: TLSSocket,
  body: string,
  signal: AbortSignal,
): Promise<{ response: IncomingMessage; body: unknown }> {
  return new Promise((resolve, reject) => {
    const request = httpRequest({
      method: 'POST',
      path: JOIN_PATH,
      headers: {
        host: 'inviter',
        'content-type': 'application/json',
        [HEADER.protocol]: String(PROTOCOL),
      },
      createConnection: () => socket,
      signal,
    });
    request.on('error', reject);
    request.on('response', (response) => {
      readJson(response, REPLY_BYTES).then((read) => resolve({ response, body: read }), reject);
    });
    request.end(body);
  });
}

function refusal(body: unknown): VigilError {
  const said = Refused.safeParse(body);
  return said.success
    ? new VigilError(said.data.code, said.data.message, said.data.help)
    : new VigilError(
        'peer-unreachable',
        'The inviting node refused for a reason that this version does not know.',
        'Update both nodes to the same version and make a new invitation.',
      );
}

function bindingOf(
  socket: TLSSocket,
  invitation: string,
  joiner: DeviceId,
  inviter: DeviceId,
): Buffer {
  return socket.exportKeyingMaterial(
    32,
    EXPORTER,
    Buffer.from(`${invitation}\n${joiner}\n${inviter}`),
  );
}

function meshOf(members: Members): DeviceId {
  if (members.mesh === null || !members.isMember)
    throw new VigilError(
      'not-a-member',
      'The inviting node belongs to no mesh any more.',
      'Ask another node for an invitation.',
    );
  return members.mesh;
}
