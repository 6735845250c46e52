import { join } from 'node:path';
import { z } from 'zod';
import { DeviceId } from '../../../shared/model/device.ts';
import { VigilError } from '../../../shared/model/errors.ts';
import type { NodeId } from '../../../shared/model/ids.ts';
import {
  MAX_STATEMENTS_BY_ONE,
  MAX_WORDS,
  MemberName,
  SignedAnnouncement,
  SignedStatement,
  everAdmitted,
  membersOf,
  nextSlot,
  type KnownStatement,
  type Member,
  type MemberStatement,
} from '../../../shared/model/member.ts';
import { isSignedBy, type Identity } from '../identity/identity.ts';
import { readPrivateJson, writePrivate } from '../privateFile.ts';
import { forgery, signStatement, statementId, wordId } from './statements.ts';

/** Statements as they travel, and as they are kept. */
export const Statements = z.strictObject({
  statements: z.array(SignedStatement),
  announcements: z.array(SignedAnnouncement),
});
export type Statements = z.infer<typeof Statements>;

/** What one holds: ids of statements, and the revision of each device's announcement. */
export const Holdings = z.strictObject({
  statements: z.array(z.string()),
  announcements: z.record(z.string(), z.number()),
});
export type Holdings = z.infer<typeof Holdings>;

const MembersFile = Statements.extend({ mesh: DeviceId });

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
  private readonly path: string;
  private founder: DeviceId | null = null;
  private statements = new Map<string, SignedStatement>();
  private announcements = new Map<DeviceId, SignedAnnouncement>();
  private view: readonly Member[] = [];
  private readonly listeners = new Set<Listener>();

  private constructor(home: string, identity: Identity, node: NodeId, name: string) {
    this.identity = identity;
    this.node = node;
    this.name = MemberName.parse(name.slice(0, 64) || node);
    this.path = membersPath(home);
  }

  /** The node that a home is in its mesh; null when it is, or is any more, in none. Throws `store-corrupt`. */
  static nodeOf(home: string, { device }: Identity): NodeId | null {
    const file = readPrivateJson(membersPath(home), MembersFile);
    if (!file) return null;
    const known = file.statements.map((one) => ({ id: statementId(one.statement), ...one }));
    const own = membersOf(file.mesh, known).find((member) => member.device === device);
    return own && !own.revoked ? own.node : null;
  }

  /**
   * Reads what the home holds. Throws `store-corrupt` when the file is damaged or a signature in it is wrong,
   * `conflict` when the home is another node in its mesh.
   */
  static open(home: string, identity: Identity, node: NodeId, name: string): Members {
    const members = new Members(home, identity, node, name);
    const file = readPrivateJson(members.path, MembersFile);
    if (file) {
      const { mesh, ...kept } = file;
      const wrong = members.take(mesh, kept).problem;
      if (wrong !== null)
        throw new VigilError(
          'store-corrupt',
          `${members.path} holds what nobody said: ${wrong}`,
          'Restore the file from a backup, or start on an empty home and join with a new invitation.',
        );
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
    return this.founder;
  }

  /** All members that there were, the most senior first; `revoked` tells those that are no longer. */
  list(): readonly Member[] {
    return this.view;
  }

  get(node: NodeId): Member | null {
    return this.view.find((member) => member.node === node) ?? null;
  }

  byDevice(device: DeviceId): Member | null {
    return this.view.find((member) => member.device === device) ?? null;
  }

  /** Whether this node belongs to a mesh now. */
  get isMember(): boolean {
    return this.byDevice(this.identity.device)?.revoked === null;
  }

  /** Makes this node the first member of a mesh of its own. Throws `already-member` in a mesh. */
  found(addresses: readonly string[]): void {
    if (this.founder !== null)
      throw new VigilError(
        'already-member',
        'This node belongs to a mesh already.',
        'Nothing is to do.',
      );
    const { device, publicKey } = this.identity;
    this.founder = device;
    this.say({
      kind: 'admit',
      ...this.signer(device),
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
    const slot = nextSlot(own.slot ?? 0, this.view);
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
    const keeps = [...this.statements]
      .filter(([, { statement }]) => statement.by === member.device)
      .map(([id]) => id);
    this.say({
      ...{ kind: 'revoke', ...this.signer(), node, device: member.device, cut, keeps },
      ...(signatures ? { words: signatures.slice(0, MAX_WORDS).map(wordId) } : {}),
    });
    return this.get(node) ?? member;
  }

  /** Tells the others where this node is now; nothing happens when that is what they know. */
  announce(addresses: readonly string[]): void {
    const own = this.byDevice(this.identity.device);
    if (!own || own.revoked) return;
    const known = this.announcements.get(own.device);
    if (own.name === this.name && sameList(own.addresses, addresses)) return;
    const signed = signStatement(this.identity, {
      kind: 'announce',
      ...this.signer(),
      revision: (known?.statement.revision ?? 0) + 1,
      name: this.name,
      addresses: [...addresses],
    });
    this.merge({ statements: [], announcements: [signed] });
  }

  /** Takes a mesh over from the node that admitted this one. Throws when that does not make this node a member. */
  adopt(mesh: DeviceId, all: Statements): void {
    if (this.founder !== null) throw new Error('this node belongs to a mesh already');
    const taken = this.take(mesh, all);
    const problem = taken.problem ?? (this.isMember ? null : 'they do not admit this node');
    if (problem !== null) {
      this.founder = null;
      this.statements.clear();
      this.announcements.clear();
      this.view = [];
      throw new VigilError(
        'internal',
        `The inviter's list of members is wrong: ${problem}`,
        'Update both nodes to the same version and ask for a new invitation.',
      );
    }
    this.keep();
    this.tell(taken.news);
  }

  /**
   * Adds what another node holds. Order and repetition do not matter. Throws when something in it was not
   * said by whom it names: nothing of it is taken then.
   */
  merge(offered: Statements): void {
    if (this.founder === null) throw new Error('this node belongs to no mesh');
    const { news, problem } = this.take(this.founder, offered);
    if (problem !== null) throw new Error(problem);
    if (news.statements.length + news.announcements.length === 0) return;
    this.keep();
    this.tell(news);
  }

  /** Everything, for a new member. */
  all(): Statements {
    return {
      statements: [...this.statements.values()],
      announcements: [...this.announcements.values()],
    };
  }

  holdings(): Holdings {
    return {
      statements: [...this.statements.keys()],
      announcements: Object.fromEntries(
        [...this.announcements].map(([device, { statement }]) => [device, statement.revision]),
      ),
    };
  }

  /** What this node holds and the other one lacks. */
  lackedBy({ statements, announcements }: Holdings): Statements {
    const theirs = new Set(statements);
    return {
      statements: [...this.statements].filter(([id]) => !theirs.has(id)).map(([, one]) => one),
      announcements: [...this.announcements]
        .filter(([device, { statement }]) => statement.revision > (announcements[device] ?? 0))
        .map(([, one]) => one),
    };
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

  private signer(mesh = this.founder): { mesh: DeviceId; by: DeviceId; key: string } {
    if (mesh === null) throw new Error('this node belongs to no mesh');
    return { mesh, by: this.identity.device, key: this.identity.publicKey };
  }

  private say(statement: MemberStatement): void {
    this.merge({ statements: [signStatement(this.identity, statement)], announcements: [] });
  }

  /** Adds what is new and sound; all or nothing. What nobody who was ever admitted said is left out. */
  private take(mesh: DeviceId, offered: Statements): { news: Statements; problem: string | null } {
    const news: Statements = { statements: [], announcements: [] };
    let statements = new Map(this.statements);
    const announcements = new Map(this.announcements);
    const bad = (problem: string) => ({ news: { statements: [], announcements: [] }, problem });
    for (const one of offered.statements) {
      const id = statementId(one.statement);
      if (statements.has(id)) continue;
      const problem = one.statement.mesh === mesh ? forgery(one) : 'a statement is of another mesh';
      if (problem !== null) return bad(problem);
      statements.set(id, one);
    }
    statements = withinBounds(statements);
    const known: KnownStatement[] = [...statements].map(([id, one]) => ({ id, ...one }));
    const order = everAdmitted(mesh, known);
    const heard = new Set(order);
    // By seniority of the signer: whoever reads them in order knows a signer before what it says.
    const sorted = [...statements]
      .filter(([, { statement }]) => heard.has(statement.by))
      .sort(([, a], [, b]) => order.indexOf(a.statement.by) - order.indexOf(b.statement.by));
    statements = new Map(sorted);
    news.statements.push(
      ...sorted.filter(([id]) => !this.statements.has(id)).map(([, one]) => one),
    );
    for (const one of offered.announcements) {
      const { by } = one.statement;
      const before = announcements.get(by);
      if (!heard.has(by) || (before && !isLater(one, before))) continue;
      const problem = one.statement.mesh === mesh ? forgery(one) : 'a statement is of another mesh';
      if (problem !== null) return bad(problem);
      announcements.set(by, one);
      news.announcements.push(one);
    }
    this.founder = mesh;
    this.statements = statements;
    this.announcements = announcements;
    this.view = membersOf(
      mesh,
      known.filter(({ id }) => statements.has(id)),
    ).map((member) => {
      const announced = announcements.get(member.device)?.statement;
      return announced
        ? { ...member, name: announced.name, addresses: announced.addresses }
        : member;
    });
    return { news, problem: null };
  }

  private keep(): void {
    writePrivate(this.path, `${JSON.stringify({ mesh: this.founder, ...this.all() })}\n`);
  }

  private tell(news: Statements): void {
    for (const listener of [...this.listeners]) listener(news);
  }
}

function membersPath(home: string): string {
  return join(home, 'mesh', 'members.json');
}

/** Without what is too much of one signer. Which of it stays depends on nothing but what there is. */
function withinBounds(statements: Map<string, SignedStatement>): Map<string, SignedStatement> {
  const bySigner = Map.groupBy(statements, ([, { statement }]) => statement.by);
  return new Map(
    [...bySigner.values()].flatMap((said) =>
      said.length <= MAX_STATEMENTS_BY_ONE
        ? said
        : said.sort(([a], [b]) => (a < b ? -1 : 1)).slice(0, MAX_STATEMENTS_BY_ONE),
    ),
  );
}

/** By revision; two with the same one (a home that was set back) by their text, so that all nodes pick the same. */
function isLater(one: SignedAnnouncement, than: SignedAnnouncement): boolean {
  const order = one.statement.revision - than.statement.revision;
  return order > 0 || (order === 0 && statementId(one.statement) > statementId(than.statement));
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
