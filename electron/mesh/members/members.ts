import type { DeviceId } from '../../../shared/model/device.ts';
import { VigilError } from '../../../shared/model/errors.ts';
import type { NodeId } from '../../../shared/model/ids.ts';
import {
  MAX_WORDS,
  MemberName,
  nextSlot,
  type Member,
  type MemberStatement,
} from '../../../shared/model/member.ts';
import { isSignedBy, type Identity } from '../identity/identity.ts';
import { membersPath, readMembersFile, writeMembersFile } from './membersFile.ts';
import { signStatement, wordId } from './statements.ts';
import { StatementSet, type Holdings, type Statements } from './statementSet.ts';

/** Who asks to be let in. */
export interface Candidate {
  readonly node: NodeId;
  readonly device: DeviceId;
  readonly publicKey: string;
  readonly name: string;
  readonly addresses: readonly string[];
}

type Listener = (news: Statements) => void;

/**
 * Who belongs to the mesh: signed statements that only grow, kept in `<home>/mesh/members.json`, and what
 * follows from them by `membersOf`.
 */
export class Members {
  readonly identity: Identity;
  readonly node: NodeId;
  readonly name: string;
  private readonly home: string;
  /** Null while this node is alone. */
  private known: StatementSet | null = null;
  private readonly listeners = new Set<Listener>();

  private constructor(home: string, identity: Identity, node: NodeId, name: string) {
    this.identity = identity;
    this.node = node;
    this.name = MemberName.parse(name.slice(0, 64) || node);
    this.home = home;
  }

  /**
   * Reads what the home holds. Throws `store-corrupt` when the file is damaged or a signature in it is wrong,
   * `conflict` when the home is another node in its mesh.
   */
  static open(home: string, identity: Identity, node: NodeId, name: string): Members {
    const members = new Members(home, identity, node, name);
    const file = readMembersFile(home);
    if (file) {
      const read = StatementSet.empty(file.mesh).plus(file);
      if (read.problem !== null)
        throw new VigilError(
          'store-corrupt',
          `${membersPath(home)} holds what nobody said: ${read.problem}`,
          'Restore the file from a backup, or start on an empty home and join with a new invitation.',
        );
      members.known = read.set;
    }
    const own = members.byDevice(identity.device);
    if (own && !own.revoked && own.node !== node)
      throw new VigilError(
        'conflict',
        `The home ${home} is ${own.node} in its mesh, but its database is that of ${node}.`,
        `Restore the database of ${own.node} from a backup; or move vigil.db* out of this home and start again: its log comes back from the other nodes.`,
      );
    return members;
  }

  /** The device that founded the mesh; null while this node is alone. */
  get mesh(): DeviceId | null {
    return this.known?.mesh ?? null;
  }

  /** All members that there were, the most senior first; `revoked` tells those that are no longer. */
  list(): readonly Member[] {
    return this.known?.members ?? [];
  }

  get(node: NodeId): Member | null {
    return this.list().find((member) => member.node === node) ?? null;
  }

  byDevice(device: DeviceId): Member | null {
    return this.list().find((member) => member.device === device) ?? null;
  }

  /** Whether this node belongs to a mesh now. */
  get isMember(): boolean {
    return this.byDevice(this.identity.device)?.revoked === null;
  }

  /** Makes this node the first member of a mesh of its own. Throws `already-member` in a mesh. */
  found(addresses: readonly string[]): void {
    if (this.known !== null)
      throw new VigilError(
        'already-member',
        'This node belongs to a mesh already.',
        'Nothing is to do.',
      );
    const { device, publicKey } = this.identity;
    this.known = StatementSet.empty(device);
    this.say({
      kind: 'admit',
      ...this.signer(),
      node: this.node,
      device,
      publicKey,
      name: this.name,
      addresses: [...addresses],
      slot: 0,
      floor: 0,
    });
  }

  /**
   * Lets a node in. Its task numbers start above `floor`. Throws `already-member`, `member-revoked` when the
   * device was one, `conflict` when its node id belongs to another device, `mesh-full` when no slot is left.
   */
  admit(candidate: Candidate, floor: number): Member {
    const own = this.own();
    const known = this.byDevice(candidate.device);
    if (known?.revoked) throw revoked(known);
    if (known)
      throw new VigilError(
        'already-member',
        `${known.name} (${known.node}) is a member of this mesh already.`,
        'Nothing is to do: it connects by itself. `vigil nodes` shows whether it does.',
      );
    if (this.get(candidate.node))
      throw new VigilError(
        'conflict',
        `Another device has the node id ${candidate.node} in this mesh: one home was copied from the other, or its \`mesh\` folder was removed.`,
        'Start the new node on an empty home (--home) and join from there.',
      );
    const slot = nextSlot(own.slot ?? 0, this.list());
    if (slot === null)
      throw new VigilError(
        'mesh-full',
        'All 64 places of this mesh are taken.',
        'Revoke a node that is no longer used.',
      );
    this.say({
      kind: 'admit',
      ...this.signer(),
      ...candidate,
      addresses: [...candidate.addresses],
      slot,
      floor,
    });
    const admitted = this.byDevice(candidate.device);
    if (!admitted) throw new Error(`${candidate.node} was admitted but is no member`);
    return admitted;
  }

  /**
   * Puts a member out for good; its log counts up to event `cut`, and of its signed registers those with
   * `signatures`, or all up to there. For this node itself that is leaving.
   * Throws `not-a-member` when there is no such member; revoking twice changes nothing.
   */
  revoke(node: NodeId, cut: number, signatures?: readonly string[]): Member {
    this.own();
    const member = this.get(node);
    if (!member)
      throw new VigilError(
        'not-a-member',
        `There is no node ${node} in this mesh.`,
        '`vigil nodes` lists the nodes.',
      );
    if (member.revoked) return member;
    const { device } = member;
    const keeps = this.known?.idsBy(device) ?? [];
    this.say({
      ...{ kind: 'revoke', ...this.signer(), node, device, cut, keeps },
      ...(signatures ? { words: signatures.slice(0, MAX_WORDS).map(wordId) } : {}),
    });
    return this.get(node) ?? member;
  }

  /** Tells the others where this node is now; nothing happens when that is what they know. */
  announce(addresses: readonly string[]): void {
    const own = this.byDevice(this.identity.device);
    if (!own || own.revoked) return;
    if (own.name === this.name && sameList(own.addresses, addresses)) return;
    const signed = signStatement(this.identity, {
      kind: 'announce',
      ...this.signer(),
      revision: (this.known?.revisionOf(own.device) ?? 0) + 1,
      name: this.name,
      addresses: [...addresses],
    });
    this.merge({ statements: [], announcements: [signed] });
  }

  /** Takes a mesh over from the node that admitted this one. Throws when that does not make this node a member. */
  adopt(mesh: DeviceId, all: Statements): void {
    if (this.known !== null) throw new Error('this node belongs to a mesh already');
    const taken = StatementSet.empty(mesh).plus(all);
    if (taken.problem !== null) throw wrongList(taken.problem);
    const own = taken.set.members.find(({ device }) => device === this.identity.device);
    if (own?.revoked !== null) throw wrongList('they do not admit this node');
    this.known = taken.set;
    writeMembersFile(this.home, taken.set);
    this.tell(taken.news);
  }

  /**
   * Adds what another node holds. Order and repetition do not matter. Throws when something in it was not
   * said by whom it names: nothing of it is taken then.
   */
  merge(offered: Statements): void {
    if (this.known === null) throw new Error('this node belongs to no mesh');
    const taken = this.known.plus(offered);
    if (taken.problem !== null) throw new Error(taken.problem);
    const { set, news } = taken;
    this.known = set;
    if (news.statements.length + news.announcements.length === 0) return;
    writeMembersFile(this.home, set);
    this.tell(news);
  }

  /** Everything, for a new member. */
  all(): Statements {
    return this.known?.all() ?? { statements: [], announcements: [] };
  }

  holdings(): Holdings {
    return this.known?.holdings() ?? { statements: [], announcements: {} };
  }

  /** What this node holds and the other one lacks. */
  lackedBy(holdings: Holdings): Statements {
    return this.known?.lackedBy(holdings) ?? { statements: [], announcements: [] };
  }

  /** Called after each change, with what is new; the view is current then. Returns how to stop. */
  onChange(listener: Listener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Signs a value with this node's key, for readers on any node. The purpose keeps signatures apart. */
  sign(purpose: string, value: unknown): string {
    return this.identity.sign(`by a member: ${purpose}`, value);
  }

  /** Whether a register that a node signed counts: of a revoked one only those that were known by then. */
  keepsWord(node: NodeId, signature: string): boolean {
    const words = this.get(node)?.revoked?.words ?? null;
    return words === null || words.includes(wordId(signature));
  }

  /**
   * Whether a node that is or was a member signed this value for this purpose. What a revoked one signed
   * still has its signature: whether it counts is for `revoked.cut` to say.
   */
  verify(node: NodeId, purpose: string, value: unknown, signature: string): boolean {
    const member = this.get(node);
    return (
      member !== null && isSignedBy(member.publicKey, `by a member: ${purpose}`, value, signature)
    );
  }

  private own(): Member {
    const own = this.byDevice(this.identity.device);
    if (!own)
      throw new VigilError(
        'not-a-member',
        'This node belongs to no mesh.',
        'Make one with `vigil invite`, or join one with `vigil join`.',
      );
    if (own.revoked) throw revoked(own);
    return own;
  }

  private signer(): { mesh: DeviceId; by: DeviceId; key: string } {
    const { mesh } = this;
    if (mesh === null) throw new Error('this node belongs to no mesh');
    return { mesh, by: this.identity.device, key: this.identity.publicKey };
  }

  private say(statement: MemberStatement): void {
    this.merge({ statements: [signStatement(this.identity, statement)], announcements: [] });
  }

  private tell(news: Statements): void {
    for (const listener of [...this.listeners]) listener(news);
  }
}

function sameList(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((one, index) => one === b[index]);
}

function revoked(member: Member): VigilError {
  return new VigilError(
    'member-revoked',
    `${member.name} (${member.node}) was revoked or has left: its key is out of this mesh for good.`,
    'To join again, start it on an empty home (--home) and use a new invitation.',
  );
}

function wrongList(problem: string): VigilError {
  return new VigilError(
    'internal',
    `The inviter's list of members is wrong: ${problem}`,
    'Update both nodes to the same version and ask for a new invitation.',
  );
}
