import { describe, expect, test } from 'vitest';
import { allLinked, errorOf, meshOf, startNode, tempHome, until } from '../helpers.ts';

describe('joining a mesh', () => {
  test('a node alone opens no port; an invitation makes a mesh, and joining links all to all', async () => {
    const [a, b, c] = await Promise.all([startNode('n-a'), startNode('n-b'), startNode('n-c')]);
    expect(a.mesh.addresses()).toEqual([]);
    await b.mesh.join(await a.mesh.invite());
    await c.mesh.join(await b.mesh.invite());
    await allLinked(a, b, c);
    for (const { mesh } of [a, b, c]) {
      expect(mesh.members.list().map(({ node, slot }) => [node, slot])).toEqual([
        ['n-a', 0],
        ['n-b', 32],
        ['n-c', 48],
      ]);
    }
    expect(a.log).toContain('admitted n-c');
  });

  test('the members, and with them the links, are back after a restart', async () => {
    const [a, b] = await Promise.all([startNode('n-a'), startNode('n-b')]);
    await meshOf(a, b);
    await b.mesh.stop();
    await until(() => a.mesh.links.open.size === 0);
    expect(a.log).toContain('closed n-b: the node was stopped');
    const again = await startNode('n-b', { home: b.home });
    await allLinked(a, again);
  });

  test('a new member starts above the task numbers that the inviter knows', async () => {
    const [a, b] = await Promise.all([startNode('n-a', { floor: () => 4_321 }), startNode('n-b')]);
    expect(await b.mesh.join(await a.mesh.invite())).toMatchObject({ slot: 32, floor: 4_321 });
  });

  test('an invitation serves one node, also after a restart of the inviter', async () => {
    const [a, b, c] = await Promise.all([startNode('n-a'), startNode('n-b'), startNode('n-c')]);
    const line = await a.mesh.invite();
    const { port } = new URL(`tcp://${a.mesh.addresses()[0]}`);
    await b.mesh.join(line);
    await a.mesh.stop();
    const again = await startNode('n-a', { home: a.home, config: { port: Number(port) } });
    expect(await errorOf(c.mesh.join(line))).toMatchObject({ code: 'invitation-used' });
    expect(again.mesh.members.byDevice(c.mesh.members.identity.device)).toBeNull();
    expect(again.refusals[0]?.reason).toMatch(/used already/);
  });

  test('an invitation expires by the clock of the inviter, whatever the other clock says', async () => {
    const [a, b, c] = await Promise.all([startNode('n-a'), startNode('n-b'), startNode('n-c')]);
    c.clock.offsetMs = 24 * 60 * 60_000;
    await c.mesh.join(await a.mesh.invite());
    const line = await a.mesh.invite();
    a.clock.offsetMs = 10 * 60_000;
    expect(await errorOf(b.mesh.join(line))).toMatchObject({ code: 'invitation-expired' });
  });

  test('a line that is cut off, changed or something else is told apart', async () => {
    const [a, b] = await Promise.all([startNode('n-a'), startNode('n-b')]);
    const line = await a.mesh.invite();
    for (let length = 1; length < line.length; length += 7) {
      const error = await errorOf(b.mesh.join(line.slice(0, length)));
      expect(error).toMatchObject({ code: 'invitation-damaged' });
      expect(error.message).toMatch(/cut off/);
    }
    const changed = `${line.slice(0, 40)}${line.charAt(40) === 'A' ? 'B' : 'A'}${line.slice(41)}`;
    expect((await errorOf(b.mesh.join(changed))).message).toMatch(/changed on the way/);
    expect((await errorOf(b.mesh.join('hello there'))).message).toMatch(/not an invitation/);
    const newer = await errorOf(b.mesh.join(`vigil2${line.slice(6)}`));
    expect(newer.code).toBe('protocol-mismatch');
    expect(newer.message).toMatch(/newer version/);
    await b.mesh.join(`${line.slice(0, 50)}\n  ${line.slice(50)}\n`);
  });

  test('an invitation that the inviter did not give, or whose secret is wrong, lets nobody in', async () => {
    const [a, b, c] = await Promise.all([startNode('n-a'), startNode('n-b'), startNode('n-c')]);
    const { parseInvitation, formatInvitation } =
      await import('../../../../electron/mesh/members/invitationLine.ts');
    const real = parseInvitation(await a.mesh.invite());
    const forged = formatInvitation({ ...real, secret: real.id.padEnd(43, 'A') });
    expect(await errorOf(b.mesh.join(forged))).toMatchObject({ code: 'invitation-unknown' });
    const unknown = formatInvitation({ ...real, id: 'AAAAAAAAAAAA' });
    expect(await errorOf(c.mesh.join(unknown))).toMatchObject({ code: 'invitation-unknown' });
    expect(a.mesh.members.list()).toHaveLength(1);
  });

  test('an inviter that is gone, and another node at its address, are named', async () => {
    const [a, b, other] = await Promise.all([startNode('n-a'), startNode('n-b'), startNode('n-x')]);
    const line = await a.mesh.invite();
    const { port } = new URL(`tcp://${a.mesh.addresses()[0]}`);
    await a.mesh.stop();
    const gone = await errorOf(b.mesh.join(line));
    expect(gone.code).toBe('peer-unreachable');
    expect(gone.message).toContain(`127.0.0.1:${port}`);
    await other.mesh.stop();
    const taker = await startNode('n-x', { home: other.home, config: { port: Number(port) } });
    await taker.mesh.invite();
    expect((await errorOf(b.mesh.join(line))).message).toMatch(/another node answers there/);
  });

  test('who is a member already, has left, or has work of its own is told so', async () => {
    const [a, b, busy] = await Promise.all([
      startNode('n-a'),
      startNode('n-b'),
      startNode('n-c', { mayJoin: () => 'it has 3 tasks of its own.' }),
    ]);
    await meshOf(a, b);
    expect(await errorOf(b.mesh.join(await a.mesh.invite()))).toMatchObject({
      code: 'already-member',
      message: 'This node is a member of that mesh already.',
    });
    expect(await errorOf(a.mesh.join(await a.mesh.invite()))).toMatchObject({
      message: 'This node made that invitation itself.',
    });
    expect((await errorOf(busy.mesh.join(await a.mesh.invite()))).message).toMatch(/3 tasks/);
    b.mesh.members.revoke(b.node, 7);
    await until(() => a.log.includes('revoked n-b'));
    expect(a.mesh.members.get(b.node)?.revoked).toMatchObject({ cut: 7 });
    expect(await errorOf(b.mesh.join(await a.mesh.invite()))).toMatchObject({
      code: 'member-revoked',
    });
  });

  test('a node id that another device has is not given twice', async () => {
    const [a, b, same] = await Promise.all([
      startNode('n-a'),
      startNode('n-b'),
      startNode('n-b', { home: tempHome() }),
    ]);
    await meshOf(a, b);
    expect(await errorOf(same.mesh.join(await a.mesh.invite()))).toMatchObject({
      code: 'conflict',
    });
  });
});
