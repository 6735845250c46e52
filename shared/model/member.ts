import { z } from 'zod';
import { DeviceId } from './device.ts';
import { NodeId } from './ids.ts';

/** Members have a slot each, which owns a share of the task numbers. */
const SLOTS = 64;

/**
 * Statements of one member that are kept: of more, those with the lowest ids. Far more than 64 slots need;
 * one that floods the others only loses its own.
 */
export const MAX_STATEMENTS_BY_ONE = 256;

/** Words of one member that may be kept when it is revoked. Only what is set and open tasks have any. */
export const MAX_WORDS = 2_000;

/** Hash of the signature of a register that holds a human's word. */
const WordId = z.string().regex(/^[0-9a-f]{32}$/);

/** Hash of a statement's canonical JSON: what a statement is called by. */
const StatementId = z.string().regex(/^[0-9a-f]{64}$/);

/** `host:port`, the host of an IPv6 address in brackets. */
const Address = z.string().min(3).max(256);

/** The SPKI form of a public key, base64. */
const PublicKey = z.string().min(1).max(512);

const common = {
  /** The device that founded the mesh: no statement counts in another one. */
  mesh: DeviceId,
  /** Who says so, with the key that its id is the hash of. */
  by: DeviceId,
  key: PublicKey,
};

export const MemberName = z.string().min(1).max(64);

/** What a member says about membership, signed with its key. Statements are only ever added. */
export const MemberStatement = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('admit'),
    ...common,
    node: NodeId,
    device: DeviceId,
    publicKey: PublicKey,
    name: MemberName,
    addresses: z.array(Address).max(64),
    slot: z
      .number()
      .int()
      .min(0)
      .max(SLOTS - 1),
    /** Its task numbers start above this one. */
    floor: z.number().int().nonnegative(),
  }),
  z.strictObject({
    kind: z.literal('revoke'),
    ...common,
    node: NodeId,
    device: DeviceId,
    /** The last event of its log that still counts. */
    cut: z.number().int().nonnegative(),
    /** Which of its own statements still count; any other may have been written after its revocation. */
    keeps: z.array(StatementId).max(MAX_STATEMENTS_BY_ONE),
    /** Which signed registers of it still count: its key can sign more and date them back. Absent: all up to `cut`. */
    words: z.array(WordId).max(MAX_WORDS).optional(),
  }),
]);
export type MemberStatement = z.infer<typeof MemberStatement>;
type Admit = Extract<MemberStatement, { kind: 'admit' }>;
type Revoke = Extract<MemberStatement, { kind: 'revoke' }>;

/** Where a member is now, in its own words; the highest revision counts. */
export const Announcement = z.strictObject({
  kind: z.literal('announce'),
  ...common,
  revision: z.number().int().positive(),
  name: MemberName,
  addresses: z.array(Address).max(64),
});
export type Announcement = z.infer<typeof Announcement>;

const signature = z.string().min(1).max(512);
export const SignedStatement = z.strictObject({ statement: MemberStatement, signature });
export type SignedStatement = z.infer<typeof SignedStatement>;
export const SignedAnnouncement = z.strictObject({ statement: Announcement, signature });
export type SignedAnnouncement = z.infer<typeof SignedAnnouncement>;

/** A statement whose signature was checked, with what it is called by. */
export interface KnownStatement {
  readonly id: string;
  readonly statement: MemberStatement;
}

/** One node that belongs to the mesh, or did. */
export interface Member {
  readonly node: NodeId;
  readonly device: DeviceId;
  readonly publicKey: string;
  readonly name: string;
  readonly addresses: readonly string[];
  /** Null when two were given the same slot by members that were cut off from each other, and the other kept it. */
  readonly slot: number | null;
  readonly floor: number;
  readonly admittedBy: DeviceId;
  /** The last event of its log that counts, and who said so; null while it is a member. */
  readonly revoked: Revoked | null;
}

interface Revoked {
  readonly cut: number;
  readonly by: readonly DeviceId[];
  /** Its signed registers that count, by their ids; null: all up to `cut`. */
  readonly words: readonly string[] | null;
}

/**
 * Who belongs to the mesh, by a rule that gives every reader of the same statements the same answer, in
 * whatever order they came (docs/decisions/012-membership.md):
 *
 * 1. Seniority is the distance from the founder over all admissions, ties by device id. It depends on no
 *    revocation.
 * 2. From the most senior to the least: a member's revocations count when its own admission and the
 *    revocation itself are kept by every revocation that a more senior one made. So of two that revoke
 *    each other, the senior one stays.
 * 3. An admission counts when its signer was admitted and every revocation of the signer that counts keeps it.
 * 4. A revocation wins over any admission of that device, before or after. The lowest cut counts.
 */
export function membersOf(founder: DeviceId, statements: readonly KnownStatement[]): Member[] {
  const known = [...new Map(statements.map((one) => [one.id, one])).values()];
  const admits = known.filter(isAdmit).filter(({ statement }) => isSound(statement, founder));
  const revokes = known.filter(isRevoke);
  const seniority = everAdmitted(founder, known);
  const counted = countedRevokes(founder, seniority, admits, revokes);
  const kept = (id: string, signer: DeviceId): boolean =>
    (counted.get(signer) ?? []).every(({ statement }) => statement.keeps.includes(id));

  const admitted = new Set<DeviceId>();
  for (let grew = true; grew;) {
    grew = false;
    for (const { id, statement } of admits) {
      const { by, device } = statement;
      if (admitted.has(device)) continue;
      // That it founded the mesh is no act of the founder that could be taken back.
      if (device !== founder && !(admitted.has(by) && kept(id, by))) continue;
      admitted.add(device);
      grew = true;
    }
  }

  const rank = (device: DeviceId): number => seniority.indexOf(device);
  const taken = { nodes: new Set<NodeId>(), slots: new Set<number>() };
  const members: Member[] = [];
  for (const device of seniority) {
    if (!admitted.has(device)) continue;
    const [admit] = admits
      .filter(
        ({ id, statement }) =>
          statement.device === device &&
          (device === founder || (admitted.has(statement.by) && kept(id, statement.by))),
      )
      .sort((a, b) => rank(a.statement.by) - rank(b.statement.by) || (a.id < b.id ? -1 : 1));
    // One node id is one log: a second key under it is nobody.
    if (!admit || taken.nodes.has(admit.statement.node)) continue;
    const { node, publicKey, name, addresses, slot, floor, by } = admit.statement;
    const against = counted.get(device) ?? [];
    taken.nodes.add(node);
    const isFree = !taken.slots.has(slot);
    if (against.length === 0) taken.slots.add(slot);
    members.push({
      node,
      device,
      publicKey,
      name,
      addresses,
      slot: isFree ? slot : null,
      floor,
      admittedBy: by,
      revoked:
        against.length === 0
          ? null
          : {
              cut: Math.min(...against.map(({ statement }) => statement.cut)),
              by: [...new Set(against.map(({ statement }) => statement.by))].sort(),
              words: keptWords(
                against.flatMap(({ statement }) => (statement.words ? [statement.words] : [])),
              ),
            },
    });
  }
  return members;
}

/** What every one of these keeps; null where none says. */
function keptWords([first, ...others]: readonly (readonly string[])[]): readonly string[] | null {
  return first?.filter((word) => others.every((words) => words.includes(word))) ?? null;
}

/** The devices that were ever admitted by a chain from the founder, the most senior first. */
export function everAdmitted(founder: DeviceId, known: readonly KnownStatement[]): DeviceId[] {
  const admits = known.filter(isAdmit).filter(({ statement }) => isSound(statement, founder));
  if (!admits.some(({ statement }) => statement.device === founder)) return [];
  const order: DeviceId[] = [];
  const seen = new Set<DeviceId>([founder]);
  for (let level = [founder]; level.length > 0;) {
    order.push(...level);
    const next = new Set<DeviceId>();
    for (const { statement } of admits)
      if (level.includes(statement.by) && !seen.has(statement.device)) next.add(statement.device);
    level = [...next].sort();
    for (const device of level) seen.add(device);
  }
  return order;
}

/** The revocations that count, by the device they are of. */
function countedRevokes(
  founder: DeviceId,
  seniority: readonly DeviceId[],
  admits: readonly Known<Admit>[],
  revokes: readonly Known<Revoke>[],
): Map<DeviceId, Known<Revoke>[]> {
  const counted = new Map<DeviceId, Known<Revoke>[]>();
  const heard = new Set<DeviceId>();
  for (const signer of seniority) {
    const against = [...(counted.get(signer) ?? [])];
    const isKept = (id: string, by: DeviceId): boolean =>
      (by === signer ? against : (counted.get(by) ?? [])).every(({ statement }) =>
        statement.keeps.includes(id),
      );
    const isAdmitted =
      signer === founder ||
      admits.some(
        ({ id, statement }) =>
          statement.device === signer && heard.has(statement.by) && isKept(id, statement.by),
      );
    if (!isAdmitted) continue;
    heard.add(signer);
    for (const revoke of revokes) {
      const { by, device } = revoke.statement;
      if (by !== signer || !seniority.includes(device) || !isKept(revoke.id, by)) continue;
      counted.set(device, [...(counted.get(device) ?? []), revoke]);
    }
  }
  return counted;
}

interface Known<S extends MemberStatement> {
  readonly id: string;
  readonly statement: S;
}

function isAdmit(known: KnownStatement): known is Known<Admit> {
  return known.statement.kind === 'admit';
}

function isRevoke(known: KnownStatement): known is Known<Revoke> {
  return known.statement.kind === 'revoke';
}

/** Only the founder admits itself, and nobody else admits the founder. */
function isSound({ by, device }: Admit, founder: DeviceId): boolean {
  return (by === device) === (device === founder);
}

/**
 * The slot for a node that the member in `own` admits. Each member gives away from a share of its own
 * (the upper half of what it has left), so that two that are cut off from each other never give the same
 * one. When its share is used up, any slot that nobody ever had, then one of a revoked member; null when
 * there is none.
 */
export function nextSlot(own: number, members: readonly Member[]): number | null {
  const slots = Array.from({ length: SLOTS }, (_, slot) => slot);
  const ever = new Set(members.flatMap(({ slot }) => (slot === null ? [] : [slot])));
  const held = new Set(
    members.flatMap(({ slot, revoked }) => (slot === null || revoked ? [] : [slot])),
  );
  // The lowest set bit of the own slot is the size of its share: 64 for slot 0, 32 for 32, 16 for 16 and 48.
  const share = own === 0 ? SLOTS : own & -own;
  const halves: number[] = [];
  for (let half = share / 2; half >= 1; half /= 2) halves.push(own + half);
  return (
    halves.find((slot) => !ever.has(slot)) ??
    slots.findLast((slot) => !ever.has(slot)) ??
    slots.findLast((slot) => !held.has(slot)) ??
    null
  );
}
