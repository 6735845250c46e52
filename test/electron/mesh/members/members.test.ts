import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { openIdentity, type Identity } from '../../../../electron/mesh/identity/identity.ts';
import { Members } from '../../../../electron/mesh/members/members.ts';
import type { Statements } from '../../../../electron/mesh/members/statementSet.ts';
import { NodeId } from '../../../../shared/model/ids.ts';
import { tempHome } from '../helpers.ts';

let identities: Identity[] = [];
beforeAll(async () => {
  identities = await Promise.all(Array.from({ length: 4 }, () => openIdentity(tempHome())));
});

function open(index: number, home = tempHome()): Members {
  const identity = identities[index];
  if (!identity) throw new Error('no such identity');
  return Members.open(home, identity, NodeId.parse(`n-${index}`), `machine ${index}`);
}

function admit(inviter: Members, joiner: Members): void {
  const { device, publicKey } = joiner.identity;
  const { node, name } = joiner;
  inviter.admit({ node, device, publicKey, name, addresses: [] }, 0);
  if (inviter.mesh && joiner.mesh === null) joiner.adopt(inviter.mesh, inviter.all());
}

function meshOfThree(): [Members, Members, Members] {
  const [a, b, c] = [open(0), open(1), open(2)];
  a.found(['127.0.0.1:1']);
  admit(a, b);
  admit(b, c);
  a.merge(c.all());
  return [a, b, c];
}

describe('members', () => {
  test('are kept in a file of the home that only its user can read', () => {
    const home = tempHome();
    const a = open(0, home);
    a.found([]);
    admit(a, open(1));
    expect(open(0, home).list()).toEqual(a.list());
    expect(statSync(join(home, 'mesh', 'members.json')).mode & 0o777).toBe(0o600);
  });

  test('in a file that was changed by hand are refused by name', () => {
    const home = tempHome();
    const a = open(0, home);
    a.found([]);
    const path = join(home, 'mesh', 'members.json');
    const whole = readFileSync(path, 'utf8');
    for (const changed of [
      whole.replace('"slot":0', '"slot":1'),
      whole.slice(0, 100),
      whole.replace('"admit"', '"crown"'),
    ]) {
      writeFileSync(path, changed);
      expect(() => open(0, home)).toThrow(/members\.json/);
    }
  });

  test('see the same whatever was merged, in whatever order and however often', () => {
    const [a, b, c] = meshOfThree();
    c.announce(['10.0.0.3:4775']);
    b.announce(['10.0.0.2:4775']);
    const d = open(3);
    admit(c, d);
    a.revoke(b.node, 5);
    c.revoke(d.node, 9);
    const said = [a, b, c, d].map((members) => members.all());
    const founder = a.mesh;
    if (!founder) throw new Error('no mesh');
    const views = fc
      .sample(fc.array(fc.nat(3), { minLength: 4, maxLength: 12 }), 15)
      .map((order) => {
        const reader = open(0);
        reader.adopt(founder, { statements: a.all().statements.slice(0, 1), announcements: [] });
        for (const index of [...order, 3, 2, 1, 0]) reader.merge(said[index] ?? a.all());
        return reader.list();
      });
    for (const view of views) expect(view).toEqual(views[0]);
    expect(views[0]?.map(({ node, revoked }) => [node, revoked?.cut ?? null])).toEqual([
      ['n-0', null],
      ['n-1', 5],
      ['n-2', null],
      ['n-3', 9],
    ]);
    expect(views[0]?.find(({ node }) => node === 'n-2')?.addresses).toEqual(['10.0.0.3:4775']);
  });

  test('take no statement that was changed, nor one with another key, nor of another mesh', () => {
    const [a, b] = meshOfThree();
    const [statement] = b.all().statements.slice(-1);
    const other = open(3);
    other.found([]);
    if (statement?.statement.kind !== 'admit') throw new Error('not an admission');
    const bad: Statements['statements'] = [
      { ...statement, statement: { ...statement.statement, slot: 5 } },
      { ...statement, statement: { ...statement.statement, key: a.identity.publicKey } },
      { ...statement, statement: { ...statement.statement, publicKey: a.identity.publicKey } },
      ...other.all().statements,
    ];
    for (const one of bad) {
      const before = a.list();
      expect(() => a.merge({ statements: [one], announcements: [] })).toThrow();
      expect(a.list()).toEqual(before);
    }
  });

  test('leave out what somebody who was never admitted says', () => {
    const [a] = meshOfThree();
    const stranger = open(3);
    const { mesh } = a;
    if (!mesh) throw new Error('no mesh');
    const { device, publicKey } = stranger.identity;
    const statement = {
      kind: 'revoke' as const,
      mesh,
      by: device,
      key: publicKey,
      node: a.node,
      device: a.identity.device,
      cut: 0,
      keeps: [],
    };
    const before = a.holdings();
    const signature = stranger.identity.sign('membership', statement);
    a.merge({ statements: [{ statement, signature }], announcements: [] });
    expect(a.holdings()).toEqual(before);
  });

  test('are given only what they lack', () => {
    const [a, b, c] = meshOfThree();
    expect(a.lackedBy(c.holdings())).toEqual({ statements: [], announcements: [] });
    c.announce(['10.0.0.3:1']);
    c.announce(['10.0.0.3:1']);
    expect(c.lackedBy(b.holdings()).announcements).toHaveLength(1);
    b.merge(c.lackedBy(b.holdings()));
    expect(b.get(c.node)?.addresses).toEqual(['10.0.0.3:1']);
  });

  test('check each other’s signatures by node', () => {
    const [a, b, c] = meshOfThree();
    const signature = b.sign('approval', { answer: 'yes' });
    expect(a.verify(b.node, 'approval', { answer: 'yes' }, signature)).toBe(true);
    expect(a.verify(c.node, 'approval', { answer: 'yes' }, signature)).toBe(false);
    expect(a.verify(NodeId.parse('n-9'), 'approval', { answer: 'yes' }, signature)).toBe(false);
  });

  test('who have left let nobody in and put nobody out', () => {
    const [a, b] = meshOfThree();
    b.revoke(b.node, 3);
    expect(b.isMember).toBe(false);
    expect(() => admit(b, open(3))).toThrow(/revoked or has left/);
    expect(() => b.revoke(a.node, 0)).toThrow(/revoked or has left/);
  });
});
