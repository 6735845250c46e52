import { createHash } from 'node:crypto';
import { canonicalJson } from '../../../shared/model/canonicalJson.ts';
import type {
  Announcement,
  MemberStatement,
  SignedAnnouncement,
  SignedStatement,
} from '../../../shared/model/member.ts';
import { deviceOfKey, isSignedBy, type Identity } from '../identity/identity.ts';

const PURPOSE = 'membership';

/** What a statement is called by: the hash of what it says. Its signature is no part of it. */
export function statementId(statement: MemberStatement | Announcement): string {
  return createHash('sha256').update(canonicalJson(statement)).digest('hex');
}

export function signStatement<S extends MemberStatement | Announcement>(
  identity: Identity,
  statement: S,
): { statement: S; signature: string } {
  return { statement, signature: identity.sign(PURPOSE, statement) };
}

/** What a register that holds a human's word is called by where its writer is revoked. */
export function wordId(signature: string): string {
  return createHash('sha256').update(signature).digest('hex').slice(0, 32);
}

/**
 * Why a statement can't be what its signer said; null when it is. It needs nothing but the statement: the
 * key is in it, and the signer's id is the key's hash.
 */
export function forgery({
  statement,
  signature,
}: SignedStatement | SignedAnnouncement): string | null {
  if (deviceOfKey(statement.key) !== statement.by)
    return `a statement by ${statement.by} comes with the key of another device`;
  if (statement.kind === 'admit' && deviceOfKey(statement.publicKey) !== statement.device)
    return `an admission of ${statement.device} names the key of another device`;
  return isSignedBy(statement.key, PURPOSE, statement, signature)
    ? null
    : `a statement by ${statement.by} has a signature that is not its own`;
}
