import { join } from 'node:path';
import { DeviceId } from '../../../shared/model/device.ts';
import type { NodeId } from '../../../shared/model/ids.ts';
import { membersOf } from '../../../shared/model/member.ts';
import type { Identity } from '../identity/identity.ts';
import { readPrivateJson, writePrivate } from '../privateFile.ts';
import { statementId } from './statements.ts';
import { Statements, type StatementSet } from './statementSet.ts';

const MembersFile = Statements.extend({ mesh: DeviceId });

/** Where a home keeps who belongs to its mesh. */
export function membersPath(home: string): string {
  return join(home, 'mesh', 'members.json');
}

/** What the file has, its signatures unchecked; null when there is none. Throws `store-corrupt`. */
export function readMembersFile(home: string): (Statements & { readonly mesh: DeviceId }) | null {
  return readPrivateJson(membersPath(home), MembersFile);
}

export function writeMembersFile(home: string, known: StatementSet): void {
  writePrivate(membersPath(home), `${JSON.stringify({ mesh: known.mesh, ...known.all() })}\n`);
}

/** The node that a home is in its mesh; null when it is, or is any more, in none. Throws `store-corrupt`. */
export function nodeOfHome(home: string, { device }: Identity): NodeId | null {
  const file = readMembersFile(home);
  if (!file) return null;
  const known = file.statements.map((one) => ({ id: statementId(one.statement), ...one }));
  const own = membersOf(file.mesh, known).find((member) => member.device === device);
  return own && !own.revoked ? own.node : null;
}
