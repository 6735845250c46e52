import { randomBytes } from 'node:crypto';
import { TLSSocket } from 'node:tls';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import type { Channel } from '../../../../electron/mesh/link.ts';
import { Cable, allLinked, freePort, meshOf, startNode, until, type NodeWish } from '../helpers.ts';
import { dialAs } from './raw.ts';

async function pair(wish: NodeWish = {}) {
  const [a, b] = await Promise.all([startNode('n-a', wish), startNode('n-b', wish)]);
  await meshOf(a, b);
  return { a, b };
}

/** A member whose own mesh is stopped, so that a test can speak for it. */
async function speaker(wish: NodeWish = {}) {
  const { a, b } = await pair(wish);
  await b.mesh.stop();
  await until(() => a.mesh.links.open.size === 0);
  const opened = async (dial: string) => {
    const socket = dialAs(b, a, { 'x-vigil-dial': dial });
    await until(() => a.mesh.links.open.size === 1 && socket.readyState === WebSocket.OPEN);
    return socket;
  };
  return { a, b, opened };
}

describe('a link', () => {
  test('carries messages whole, in order and on their channel', async () => {
    const { a, b } = await pair();
    const seen: [Channel, string][] = [];
    for (const channel of ['presence', 'document', 'log'] as const)
      b.mesh.links.listen(channel, {
        message: (_link, bytes) => seen.push([channel, Buffer.from(bytes).toString()]),
      });
    const link = a.mesh.links.open.get(b.node);
    for (let index = 0; index < 300; index += 1)
      link?.send(
        (['presence', 'document', 'log'] as const)[index % 3] ?? 'log',
        Buffer.from(`${index}`),
      );
    const large = randomBytes(8 * 1024 * 1024);
    link?.send('document', large);
    await until(() => seen.length === 301);
    expect(seen.slice(0, 300).map(([, text]) => Number(text))).toEqual([...Array(300).keys()]);
    expect(seen.map(([channel]) => channel).slice(0, 3)).toEqual(['presence', 'document', 'log']);
    expect(seen[300]?.[1].length).toBe(large.toString().length);
  });

  test('is one for each pair, however often both dial', async () => {
    const nodes = await Promise.all(['n-a', 'n-b', 'n-c', 'n-d'].map((id) => startNode(id)));
    await meshOf(...nodes);
    for (const { mesh } of nodes) mesh.wake();
    for (const { mesh } of nodes) mesh.wake();
    await allLinked(...nodes);
    for (const one of nodes)
      for (const other of nodes)
        if (one !== other)
          expect(one.mesh.links.open.get(other.node)?.dial.dialer).toBe(
            other.mesh.links.open.get(one.node)?.dial.dialer,
          );
  });

  test('ends with its reason on both sides, and comes back', async () => {
    const { a, b } = await pair();
    a.mesh.links.open.get(b.node)?.close('for a reason');
    await until(() => b.log.includes('closed n-a: for a reason'));
    expect(a.log).toContain('closed n-b: for a reason');
    await allLinked(a, b);
  });

  test('over a cable that is pulled ends in silence on both sides, and comes back by another way', async () => {
    const wired = async (id: string) => {
      const target = await freePort();
      const { cable, port } = await Cable.to(target);
      const config = { port: target, addresses: [`127.0.0.1:${port}`] };
      return { cable, port, ...(await startNode(id, { config, limits: { silentMs: 500 } })) };
    };
    const [a, b] = await Promise.all([wired('n-a'), wired('n-b')]);
    await meshOf(a, b);
    a.cable.pull();
    b.cable.pull();
    await until(() => [a, b].every(({ log }) => log.some((line) => line.includes('silent for'))));
    await allLinked(a, b);
  });

  test('to a node that was away comes back when it is there again', async () => {
    const port = await freePort();
    const [a, b] = await Promise.all([startNode('n-a'), startNode('n-b', { config: { port } })]);
    await meshOf(a, b);
    await b.mesh.stop();
    await until(() => a.mesh.dialStatus(b.node).attempts >= 3);
    expect(a.mesh.dialStatus(b.node).problem).toContain(`127.0.0.1:${port}: connect ECONNREFUSED`);
    await allLinked(a, await startNode('n-b', { home: b.home, config: { port } }));
  });

  test('that a listener failed on ends with that as the reason, and the process goes on', async () => {
    const { a, b } = await pair();
    a.mesh.links.listen('log', {
      message: () => {
        throw new Error('that is no log');
      },
    });
    b.mesh.links.open.get(a.node)?.send('log', Buffer.from('x'));
    await until(() => b.log.some((line) => line.includes('that is no log')));
    expect(a.log.some((line) => line.includes('bad message from n-b: that is no log'))).toBe(true);
    await allLinked(a, b);
  });

  test('ends when the peer is revoked, and the peer learns why', async () => {
    const [a, b, c] = await Promise.all([startNode('n-a'), startNode('n-b'), startNode('n-c')]);
    await meshOf(a, b, c);
    b.mesh.members.revoke(c.node, 12);
    await until(() => [a, b].every(({ mesh }) => mesh.links.open.size === 1));
    await until(() => c.mesh.links.open.size === 0);
    expect(c.mesh.members.isMember).toBe(false);
    for (const { mesh } of [a, b, c]) expect(mesh.members.get(c.node)?.revoked?.cut).toBe(12);
  });
});

describe('a hostile member', () => {
  test('that sends random bytes loses its link each time, never the process', async () => {
    const { a, opened } = await speaker();
    let dial = 100;
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 0, maxLength: 200 }), async (bytes) => {
        const closed = a.log.length;
        dial += 1;
        const socket = await opened(String(dial));
        // The channel of members is the one with a listener here; the others have to be named wrongly.
        const [first = 0, ...rest] = bytes;
        socket.send(Buffer.from([first % 2 === 0 ? 1 : 5 + (first % 250), ...rest]));
        await until(() => a.mesh.links.open.size === 0);
        expect(a.log.slice(closed).join()).toMatch(/closed n-b: bad message from n-b/);
      }),
      { numRuns: 25 },
    );
  });

  test('that breaks WebSocket itself loses its link', async () => {
    const { a, opened } = await speaker();
    const socket = await opened('100');
    // Beneath `ws`, which would not send such bytes.
    const raw: unknown = Reflect.get(socket, '_socket');
    if (!(raw instanceof TLSSocket)) throw new Error('there is no socket beneath');
    raw.write(randomBytes(500));
    await until(() => a.mesh.links.open.size === 0);
    expect(a.log.at(-1)).toMatch(/^closed n-b: /);
  });

  test('that sends text, too much in one message, or too many messages loses its link', async () => {
    const { a, opened } = await speaker({ limits: { messagesPerTick: 50, silentMs: 5_000 } });
    (await opened('100')).send('text');
    await until(() => a.mesh.links.open.size === 0);
    expect(a.log.at(-1)).toMatch(/text instead of a frame/);
    (await opened('101')).send(Buffer.alloc(300 * 1024, 1));
    await until(() => a.mesh.links.open.size === 0);
    expect(a.log.at(-1)).toMatch(/too many on the channel members/);
    (await opened('102')).send(Buffer.alloc(17 * 1024 * 1024, 3));
    await until(() => a.mesh.links.open.size === 0);
    expect(a.log.at(-1)).toMatch(/Max payload size exceeded/);
    const flood = await opened('103');
    for (let index = 0; index < 60; index += 1) flood.send(Buffer.from([2, 0]));
    await until(() => a.mesh.links.open.size === 0);
    expect(a.log.at(-1)).toMatch(/more than 50 messages at once/);
  });

  test('that does not read is hung up on before it fills the memory', async () => {
    const { a, b, opened } = await speaker({ limits: { bufferedBytes: 4 * 1024 * 1024 } });
    const socket = await opened('100');
    socket.pause();
    const link = a.mesh.links.open.get(b.node);
    for (let index = 0; index < 64 && a.mesh.links.open.size === 1; index += 1)
      link?.send('document', Buffer.alloc(1024 * 1024));
    expect(a.log.at(-1)).toMatch(/closed n-b: n-b does not read: \d+ bytes wait for it/);
  });

  test('that forges a statement about members loses its link, and nothing of it is taken', async () => {
    const { a, b, opened } = await speaker();
    const socket = await opened('100');
    const [first] = a.mesh.members.all().statements;
    if (!first) throw new Error('no statements');
    const forged = {
      ...first,
      statement: { ...first.statement, by: b.mesh.members.identity.device },
    };
    const message = JSON.stringify({ type: 'give', statements: [forged], announcements: [] });
    socket.send(Buffer.concat([Buffer.from([1]), Buffer.from(message)]));
    await until(() => a.mesh.links.open.size === 0);
    expect(a.log.at(-1)).toMatch(/bad message from n-b: .*key of another device/);
    expect(a.mesh.members.list()).toHaveLength(2);
  });

  test('that says nothing more is found silent', async () => {
    const { a, b, opened } = await speaker({ limits: { silentMs: 500 } });
    const socket = await opened('100');
    // Paused, it answers no ping.
    socket.pause();
    await until(() => a.mesh.links.open.size === 0);
    expect(a.log.at(-1)).toBe(`closed ${b.node}: n-b has been silent for 0.5 s`);
  });
});
