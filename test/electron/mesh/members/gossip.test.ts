import { describe, expect, test } from 'vitest';
import { freePort, meshOf, startNode, until } from '../helpers.ts';

describe('what is said about members', () => {
  test('goes on over a third node to one that has no link to who said it', async () => {
    const ports = await Promise.all([freePort(), freePort()]);
    const [a, b, c] = await Promise.all([
      startNode('n-a', { config: { port: ports[0] } }),
      startNode('n-b'),
      startNode('n-c', { config: { port: ports[1] } }),
    ]);
    await meshOf(a, b, c);
    // A goes; C is told by B alone what happened while it was away.
    await c.mesh.stop();
    await until(() => a.mesh.links.open.size === 1);
    const d = await startNode('n-d');
    await d.mesh.join(await a.mesh.invite());
    await until(() => b.mesh.members.list().length === 4);
    await a.mesh.stop();
    await d.mesh.stop();
    const again = await startNode('n-c', { home: c.home, config: { port: ports[1] } });
    await until(() => again.mesh.members.list().length === 4);
    expect(again.mesh.members.list()).toEqual(b.mesh.members.list());
  });

  test('reaches all at once: a revocation on one node ends the links on every node', async () => {
    const nodes = await Promise.all(['n-a', 'n-b', 'n-c', 'n-d'].map((id) => startNode(id)));
    await meshOf(...nodes);
    const [a, , , d] = nodes;
    if (!a || !d) throw new Error('no nodes');
    a.mesh.members.revoke(d.node, 40);
    await until(() => nodes.every(({ mesh }) => mesh.members.get(d.node)?.revoked?.cut === 40));
    await until(() => d.mesh.links.open.size === 0);
    for (const { mesh } of nodes.slice(0, 3)) expect(mesh.links.open.has(d.node)).toBe(false);
    // What it says after that changes nothing, and nobody takes its calls.
    expect(() => d.mesh.members.revoke(a.node, 0)).toThrow(/revoked/);
    d.mesh.wake();
    await until(() => nodes.slice(0, 3).every(({ log }) => log.includes('revoked n-d')));
    expect(a.mesh.members.get(a.node)?.revoked).toBeNull();
  });
});
