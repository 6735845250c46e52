import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatDeviceId, type DeviceId } from '../../../shared/model/device.ts';
import { NodeId } from '../../../shared/model/ids.ts';
import {
  membersOf,
  nextSlot,
  type KnownStatement,
  type Member,
} from '../../../shared/model/member.ts';

/** Devices whose ids are in the order of their numbers, so that seniority at one distance is known. */
const devices = Array.from({ length: 6 }, (_, index) =>
  formatDeviceId(new Uint8Array(32).fill(index + 1)),
).sort();
const [F, A, B, C, D] = devices as [DeviceId, DeviceId, DeviceId, DeviceId, DeviceId];

let counter = 0;
function idOf(): string {
  counter += 1;
  return counter.toString(16).padStart(64, '0');
}

function admit(by: DeviceId, device: DeviceId, wish: { node?: string; slot?: number } = {}) {
  const number = devices.indexOf(device);
  const statement = {
    kind: 'admit' as const,
    mesh: F,
    by,
    key: 'key',
    node: NodeId.parse(wish.node ?? `n-${number}`),
    device,
    publicKey: 'key',
    name: `machine ${number}`,
    addresses: [],
    slot: wish.slot ?? number,
    floor: 0,
  };
  return { id: idOf(), statement };
}

function revoke(by: DeviceId, device: DeviceId, keeps: KnownStatement[] = [], cut = 10) {
  const statement = {
    kind: 'revoke' as const,
    mesh: F,
    by,
    key: 'key',
    node: NodeId.parse(`n-${devices.indexOf(device)}`),
    device,
    cut,
    keeps: keeps.map(({ id }) => id),
  };
  return { id: idOf(), statement };
}

function active(statements: KnownStatement[]): DeviceId[] {
  return membersOf(F, statements)
    .filter(({ revoked }) => !revoked)
    .map(({ device }) => device);
}

const founding = admit(F, F);
const fa = admit(F, A);
const ab = admit(A, B);

describe('who belongs to the mesh', () => {
  test('is whoever was admitted by a chain from the founder, the most senior first', () => {
    expect(active([ab, fa, founding, admit(D, C)])).toEqual([F, A, B]);
    expect(active([fa, ab])).toEqual([]);
  });

  test('a revocation wins over every admission, and the lowest cut counts', () => {
    const statements = [founding, fa, ab, admit(F, B), revoke(F, B, [], 9), revoke(A, B, [], 7)];
    expect(active(statements)).toEqual([F, A]);
    const gone = membersOf(F, statements).find(({ device }) => device === B);
    expect(gone?.revoked).toEqual({ cut: 7, by: [F, A].sort(), words: null });
  });

  test('what a revoked member had said before still counts, what it says after does not', () => {
    const out = revoke(F, A, [ab]);
    expect(active([founding, fa, ab, out])).toEqual([F, B]);
    expect(active([founding, fa, ab, out, admit(A, C), revoke(A, B)])).toEqual([F, B]);
  });

  test('whom a revoked member let in afterwards can put nobody out', () => {
    const out = revoke(F, A);
    expect(active([founding, fa, admit(F, D), out, admit(A, C), revoke(C, D)])).toEqual([F, D]);
  });

  test('a node admitted by a revoked one stays when another admits it too', () => {
    expect(active([founding, fa, ab, revoke(F, A), admit(F, B)])).toEqual([F, B]);
  });

  test('of two that revoke each other the senior stays', () => {
    expect(active([founding, fa, ab, revoke(A, B), revoke(B, A)])).toEqual([F, A]);
    expect(active([founding, fa, revoke(A, F), revoke(F, A)])).toEqual([F]);
  });

  test('a member can put its senior out, and then itself', () => {
    expect(active([founding, fa, ab, revoke(A, F, [fa])])).toEqual([A, B]);
    expect(active([founding, fa, ab, revoke(B, B)])).toEqual([F, A]);
  });

  test('of the words of a node that was put out those count that each revocation knew', () => {
    const [one, two, three] = ['1', '2', '3'].map((digit) => digit.repeat(32));
    const saying = (known: KnownStatement, words: (string | undefined)[]): KnownStatement => {
      const { statement } = known;
      const kept = words.flatMap((word) => word ?? []);
      return statement.kind === 'revoke'
        ? { ...known, statement: { ...statement, words: kept } }
        : known;
    };
    const words = (...revocations: KnownStatement[]) =>
      membersOf(F, [founding, fa, ab, ...revocations]).find(({ device }) => device === B)?.revoked
        ?.words;
    expect(words(revoke(F, B))).toBeNull();
    expect(words(saying(revoke(F, B), [one, two]))).toEqual([one, two]);
    expect(words(saying(revoke(F, B), [one, two]), saying(revoke(A, B), [two, three]))).toEqual([
      two,
    ]);
  });

  test('a second key under one node id is nobody, and a slot given twice is kept by the senior', () => {
    const twin = [founding, fa, admit(A, C, { node: 'n-1' })];
    expect(active(twin)).toEqual([F, A]);
    const slots = membersOf(F, [founding, fa, ab, admit(F, C, { slot: 2 })]).map(
      ({ slot }) => slot,
    );
    expect(slots).toEqual([0, 1, 2, null]);
  });

  test('is the same for every order and repetition of the same statements', () => {
    const anyIndex = fc.integer({ min: 0, max: devices.length - 1 });
    const anyAct = fc.record({
      by: anyIndex,
      of: anyIndex,
      revokes: fc.boolean(),
      keep: fc.boolean(),
    });
    fc.assert(
      fc.property(
        fc.array(anyAct, { maxLength: 30 }),
        fc.array(fc.nat(), { minLength: 40, maxLength: 40 }),
        (acts, order) => {
          const statements: KnownStatement[] = [founding];
          for (const { by, of, revokes, keep } of acts) {
            const [signer, subject] = [devices[by], devices[of]];
            if (!signer || !subject) continue;
            const said = statements.filter(({ statement }) => statement.by === subject);
            statements.push(
              revokes ? revoke(signer, subject, keep ? said : []) : admit(signer, subject),
            );
          }
          const expected = membersOf(F, statements);
          const shuffled = [...statements, ...statements.slice(0, 3)]

            .map((statement, index) => ({ statement, at: order[index] ?? 0 }))
            .sort((a, b) => a.at - b.at)
            .map(({ statement }) => statement);
          expect(membersOf(F, shuffled)).toEqual(expected);
        },
      ),
    );
  });
});

describe('slots', () => {
  const member = (slot: number, revoked = false): Member => ({
    node: NodeId.parse(`n-${slot}`),
    device: F,
    publicKey: 'key',
    name: 'x',
    addresses: [],
    slot,
    floor: 0,
    admittedBy: F,
    revoked: revoked ? { cut: 0, by: [F], words: null } : null,
  });

  test('are given from a share of one’s own: two that are cut off never give the same', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(5), { maxLength: 12 }), (choices) => {
        const views: Member[][] = [[member(0)]];
        const slots = [0];
        // Nobody sees whom the others admit.
        for (const choice of choices) {
          const view = views[choice % views.length];
          const own = view?.[0]?.slot;
          if (!view || own === null || own === undefined) continue;
          const share = own === 0 ? 64 : own & -own;
          if (view.length > Math.log2(share)) continue;
          const slot = nextSlot(own, view);
          if (slot === null) continue;
          view.push(member(slot));
          views.push([member(slot)]);
          slots.push(slot);
        }
        expect(new Set(slots).size).toBe(slots.length);
      }),
    );
  });

  test('serve 64 members from one inviter, then those of revoked ones, then none', () => {
    const members = [member(0)];
    for (let count = 1; count < 64; count += 1) {
      const slot = nextSlot(0, members);
      expect(slot).not.toBeNull();
      members.push(member(slot ?? -1));
    }
    expect(new Set(members.map(({ slot }) => slot)).size).toBe(64);
    expect(nextSlot(0, members)).toBeNull();
    members[5] = member(members[5]?.slot ?? -1, true);
    expect(nextSlot(0, members)).toBe(members[5].slot);
  });
});
