import { z } from 'zod';
import type { DeviceId } from '../../../shared/model/device.ts';
import {
  MAX_STATEMENTS_BY_ONE,
  SignedAnnouncement,
  SignedStatement,
  everAdmitted,
  membersOf,
  type KnownStatement,
  type Member,
} from '../../../shared/model/member.ts';
import { forgery, statementId } from './statements.ts';

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

type Added =
  | { readonly set: StatementSet; readonly news: Statements; readonly problem: null }
  | { readonly problem: string };

/** What was said about who belongs to one mesh, and checked, with what follows from it; a value that never changes. */
export class StatementSet {
  /** The device that founded the mesh. */
  readonly mesh: DeviceId;
  /** All members that there were, the most senior first. */
  readonly members: readonly Member[];
  private readonly statements: ReadonlyMap<string, SignedStatement>;
  private readonly announcements: ReadonlyMap<DeviceId, SignedAnnouncement>;

  private constructor(
    mesh: DeviceId,
    statements: ReadonlyMap<string, SignedStatement>,
    announcements: ReadonlyMap<DeviceId, SignedAnnouncement>,
    members: readonly Member[],
  ) {
    this.mesh = mesh;
    this.statements = statements;
    this.announcements = announcements;
    this.members = members;
  }

  /** Of a mesh of which nothing is known but its founder. */
  static empty(mesh: DeviceId): StatementSet {
    return new StatementSet(mesh, new Map(), new Map(), []);
  }

  /**
   * With what is new and sound of what is offered; all or nothing: `problem` says what in it was not said by whom
   * it names. What nobody who was ever admitted said is left out. Order and repetition do not matter.
   */
  plus(offered: Statements): Added {
    const { mesh } = this;
    let statements = new Map(this.statements);
    for (const one of offered.statements) {
      const id = statementId(one.statement);
      if (statements.has(id)) continue;
      const problem = one.statement.mesh === mesh ? forgery(one) : OF_ANOTHER_MESH;
      if (problem !== null) return { problem };
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
    const news: Statements = {
      statements: sorted.filter(([id]) => !this.statements.has(id)).map(([, one]) => one),
      announcements: [],
    };
    const announcements = new Map(this.announcements);
    for (const one of offered.announcements) {
      const { by } = one.statement;
      const before = announcements.get(by);
      if (!heard.has(by) || (before && !isLater(one, before))) continue;
      const problem = one.statement.mesh === mesh ? forgery(one) : OF_ANOTHER_MESH;
      if (problem !== null) return { problem };
      announcements.set(by, one);
      news.announcements.push(one);
    }
    const members = membersOf(
      mesh,
      known.filter(({ id }) => statements.has(id)),
    ).map((member) => {
      const announced = announcements.get(member.device)?.statement;
      return announced
        ? { ...member, name: announced.name, addresses: announced.addresses }
        : member;
    });
    const set = new StatementSet(mesh, statements, announcements, members);
    return { set, news, problem: null };
  }

  /** Ids of what a device said. */
  idsBy(device: DeviceId): string[] {
    return [...this.statements]
      .filter(([, { statement }]) => statement.by === device)
      .map(([id]) => id);
  }

  /** Of a device's last announcement; 0 when there was none. */
  revisionOf(device: DeviceId): number {
    return this.announcements.get(device)?.statement.revision ?? 0;
  }

  /** In an order in which a signer's own admission comes before what it says. */
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

  /** What is here and one that holds this lacks. */
  lackedBy({ statements, announcements }: Holdings): Statements {
    const theirs = new Set(statements);
    return {
      statements: [...this.statements].filter(([id]) => !theirs.has(id)).map(([, one]) => one),
      announcements: [...this.announcements]
        .filter(([device, { statement }]) => statement.revision > (announcements[device] ?? 0))
        .map(([, one]) => one),
    };
  }
}

const OF_ANOTHER_MESH = 'a statement is of another mesh';

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
