import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import Database from 'better-sqlite3';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { chainHash, GENESIS } from '../../../../electron/store/chain.ts';
import { encode, sealBytes } from '../../../../electron/mesh/log/messages.ts';
import { tempHome } from '../../store/helpers.ts';
import { paused } from '../../store/samples.ts';
import { TestMesh, type TestNode } from './helpers.ts';

/** Changes the file of a node behind its back. */
function change(node: TestNode, sql: string): void {
  const db = new Database(join(node.home, 'vigil.db'));
  db.exec(sql);
  db.close();
}

async function three(): Promise<{ mesh: TestMesh; a: TestNode; b: TestNode; c: TestNode }> {
  const mesh = new TestMesh();
  const [a, b, c] = [mesh.add(), mesh.add(), mesh.add()];
  mesh.connectAll();
  await mesh.quiet();
  return { mesh, a, b, c };
}

describe('logs of a mesh', () => {
  test('are copied when nodes meet, and go on from a restart', async () => {
    const mesh = new TestMesh();
    const [a, b] = [mesh.add(), mesh.add()];
    await a.say(30);
    await b.say(5);
    mesh.connectAll();
    await mesh.quiet();
    mesh.expectSame();
    expect(a.logs()).toMatchObject({ 'n-a': { seq: 30 }, 'n-b': { seq: 5 } });
    b.restart();
    await a.say(2);
    mesh.connectAll();
    await mesh.quiet();
    mesh.expectSame();
    expect(b.store.headOf(a.id).seq).toBe(32);
    expect(b.troubles).toEqual([]);
  });

  test('name who has much more of them than is here, until the copy is made', async () => {
    const { mesh, a, b, c } = await three();
    await a.say(1_500);
    await mesh.quiet();
    await c.say(3);
    const late = mesh.add();
    mesh.hub.held = true;
    mesh.hub.connect(late.id, c.id);
    mesh.hub.connect(late.id, a.id);
    expect(late.replication.fuller).toEqual([]);
    mesh.hub.deliver();
    await setImmediate();
    // Of c's own log only c knew to the end.
    expect(late.replication.fuller).toEqual([c.id, a.id]);
    expect(a.replication.fuller).toEqual([]);
    mesh.hub.held = false;
    await mesh.quiet();
    mesh.expectSame([a, b, c, late]);
    expect(late.replication.fuller).toEqual([]);
    // A few that are under way are no reason to ask others.
    mesh.hub.held = true;
    await a.say(5);
    expect(late.replication.fuller).toEqual([]);
  });

  test('show one history: what was seen comes before what was written after it, on every node', async () => {
    const { mesh, a, b, c } = await three();
    for (const node of [a, b, c, b, a]) {
      await node.say();
      await mesh.quiet();
    }
    const told = (node: TestNode) => node.store.read().map((event) => `${event.node} ${event.seq}`);
    expect(told(a)).toEqual(['n-a 1', 'n-b 1', 'n-c 1', 'n-b 2', 'n-a 2']);
    expect(told(b)).toEqual(told(a));
    expect(told(c)).toEqual(told(a));
    expect([...c.store.since(0)].map(({ clock }) => clock)).toEqual([1, 2, 3, 4, 5]);
    expect(c.store.read({ order: 'desc', limit: 2 }).map(({ clock }) => clock)).toEqual([5, 4]);
    expect(c.store.read({ node: b.id }).map(({ seq }) => seq)).toEqual([1, 2]);
  });

  test('any interleaving of appends, links and losses ends in identical, whole logs', async () => {
    const step = fc.record({
      act: fc.constantFrom('say', 'say', 'connect', 'connect', 'cut', 'deliver', 'drop', 'restart'),
      at: fc.nat(4),
      to: fc.nat(4),
      count: fc.integer({ min: 1, max: 9 }),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 2, max: 5 }),
        fc.array(step, { maxLength: 30 }),
        async (size, steps) => {
          const mesh = new TestMesh();
          mesh.hub.held = true;
          for (let at = 0; at < size; at += 1) mesh.add();
          for (const { act, at, to, count } of steps) {
            const node = mesh.nodes[at % size];
            const other = mesh.nodes[to % size];
            if (!node || !other) continue;
            if (act === 'say') await node.say(count);
            else if (act === 'connect' && node !== other) mesh.hub.connect(node.id, other.id);
            else if (act === 'cut') mesh.hub.cut(node.id, other.id);
            else if (act === 'deliver') mesh.hub.deliver(count);
            else if (act === 'restart') node.restart();
            else if (act === 'drop') {
              mesh.hub.tamper = () => null;
              mesh.hub.deliver(1);
              mesh.hub.tamper = ({ message }) => message;
            }
            await setImmediate();
          }
          // Everyone meets everyone at last, or as in a chain.
          if (steps.length % 2 === 0) mesh.connectAll();
          else
            for (const [at, { id }] of mesh.nodes.slice(1).entries())
              mesh.hub.connect(mesh.nodes[at]?.id ?? id, id);
          await mesh.quiet();
          mesh.expectSame();
          for (const node of mesh.nodes) expect(node.troubles).toEqual([]);
          mesh.nodes.forEach((node) => node.stop());
        },
      ),
      { numRuns: 25 },
    );
  }, 60_000);

  test('a new event costs one message to each other node, whatever came before', async () => {
    const { mesh, a, b } = await three();
    await a.say(10);
    await b.say();
    await mesh.quiet();
    mesh.hub.sent.length = 0;
    await a.say(7);
    await mesh.quiet();
    expect(mesh.hub.sent).toHaveLength(2);
    mesh.expectSame();
  });

  test('pass through a node between two that have no link, and only then', async () => {
    const { mesh, a, b, c } = await three();
    await a.say();
    await mesh.quiet();
    mesh.hub.cut(a.id, c.id);
    await mesh.quiet();
    mesh.hub.sent.length = 0;
    await a.say(3);
    await mesh.quiet();
    mesh.expectSame();
    expect(mesh.hub.sent.map(({ from, to }) => `${from} ${to}`)).toEqual(['n-a n-b', 'n-b n-c']);
    expect(b.troubles).toEqual([]);
  });

  test('what only one node heard of a lost one reaches the others', async () => {
    const { mesh, a, b, c } = await three();
    mesh.hub.held = true;
    await a.say(4);
    mesh.hub.tamper = (sent) => (sent.to === c.id ? null : sent.message);
    mesh.hub.deliver();
    await b.store.flush();
    mesh.hub.tamper = ({ message }) => message;
    a.stop();
    mesh.hub.connect(b.id, c.id);
    await mesh.quiet();
    expect(c.store.headOf(a.id).seq).toBe(4);
  });

  test('events go out after what waited for their commit, such as the changes of the document', async () => {
    const { mesh, a } = await three();
    const before = mesh.hub.sent.length;
    a.store.append([paused('a change')], 1);
    await a.store.flush();
    expect(mesh.hub.sent.length).toBe(before);
    await mesh.quiet();
    expect(mesh.hub.sent.length).toBeGreaterThan(before);
    mesh.expectSame();
  });

  test('long logs come range by range', async () => {
    const mesh = new TestMesh();
    const [a, b] = [mesh.add(), mesh.add()];
    for (let batch = 0; batch < 6; batch += 1) await a.say(1_000, 'x'.repeat(400));
    mesh.connectAll();
    await mesh.quiet();
    mesh.expectSame();
    const ranges = mesh.hub.sent.filter(
      ({ from, message }) => from === a.id && message.length > 1_000,
    );
    expect(ranges.length).toBeGreaterThan(4);
    expect(Math.max(...ranges.map(({ message }) => message.length))).toBeLessThan(1_000_000);
    // From a copy that came in ranges, a third node gets the whole of it.
    const c = mesh.add();
    a.stop();
    mesh.hub.connect(b.id, c.id);
    await mesh.quiet();
    mesh.expectSame([b, c]);
    expect(c.store.headOf(a.id).seq).toBe(6_000);
  });

  test('a revoked node is believed up to where it was cut off', async () => {
    const mesh = new TestMesh();
    const [a, b, c] = [mesh.add(), mesh.add(), mesh.add()];
    await a.say(10);
    mesh.hub.connect(a.id, b.id);
    await mesh.quiet();
    mesh.cuts.set(a.id, 6);
    mesh.hub.connect(b.id, c.id);
    await mesh.quiet();
    expect(c.store.headOf(a.id).seq).toBe(6);
    await a.say(2);
    await mesh.quiet();
    expect(b.store.headOf(a.id).seq).toBe(10);
    c.restart();
    expect(c.store.headOf(a.id).seq).toBe(6);
  });

  test('a stranger is not copied, until it is a member', async () => {
    const mesh = new TestMesh();
    const [a, b] = [mesh.add(), mesh.add()];
    await a.say(3);
    const pair = mesh.keys.get(a.id);
    mesh.keys.delete(a.id);
    if (!pair) throw new Error('no key');
    const sign = mesh.signAs.bind(mesh);
    mesh.signAs = (node, bytes) => {
      mesh.keys.set(a.id, pair);
      const signature = sign(node, bytes);
      mesh.keys.delete(a.id);
      return signature;
    };
    mesh.connectAll();
    await mesh.quiet();
    expect(b.store.headOf(a.id).seq).toBe(0);
    expect(b.troubles).toEqual([]);
    mesh.signAs = sign;
    mesh.keys.set(a.id, pair);
    b.replication.membersChanged();
    await mesh.quiet();
    mesh.expectSame();
  });
});

describe('a copy that is damaged', () => {
  test.each([
    [
      'a byte of an event',
      `UPDATE events SET body = replace(body, 'n-a 7', 'n-a 8') WHERE node = 'n-a' AND seq = 7`,
      7,
    ],
    [
      'the hash of the last event',
      `UPDATE events SET hash = zeroblob(32) WHERE node = 'n-a' AND seq = 20`,
      20,
    ],
    ['an event that is gone', `DELETE FROM events WHERE node = 'n-a' AND seq = 11`, 11],
  ])('%s: is named, and put right from another node', async (_, sql, seq) => {
    const { mesh, a, b, c } = await three();
    await a.say(20);
    await mesh.quiet();
    const whole = c.store.read({ node: a.id });
    c.restart(() => change(c, sql));
    a.stop();
    mesh.hub.connect(b.id, c.id);
    await mesh.quiet();
    await c.replication.check();
    await mesh.quiet();
    expect(c.names('log.broken')[0]).toMatchObject({ node: a.id, seq, from: null });
    expect(c.names('log.repaired')[0]).toMatchObject({ node: a.id, from: b.id });
    const kept = c.store.read({ node: a.id });
    expect(kept.map(({ pos: _pos, ...event }) => event)).toEqual(
      whole.map(({ pos: _pos, ...event }) => event),
    );
    expect(c.store.verify(1, a.id)).toEqual({ checked: 20, problem: null });
    mesh.expectSame([b, c]);
  });

  test('JSON that is none any more, flipped on the disk: is put right with what is indexed by it', async () => {
    const { mesh, a, b, c } = await three();
    await a.say(20);
    await mesh.quiet();
    c.restart(() => {
      const path = join(c.home, 'vigil.db');
      const file = readFileSync(path);
      const body = JSON.stringify(paused('n-a 3'));
      // SQLite leaves stale copies of rows that it moved, so every copy is hit.
      for (let at = file.indexOf(body); at !== -1; at = file.indexOf(body, at + 1))
        file.writeUInt8(0x5b, at);
      writeFileSync(path, file);
    });
    mesh.hub.connect(b.id, c.id);
    await c.replication.check();
    await mesh.quiet();
    expect(c.names('log.broken')[0]).toMatchObject({ node: a.id, seq: 3, from: null });
    expect(c.store.verify(1, a.id)).toEqual({ checked: 20, problem: null });
    expect(c.store.read({ types: ['builds.paused'] })).toHaveLength(20);
  });

  test('is not passed on: whoever asks gets it from another node', async () => {
    const { mesh, a, b, c } = await three();
    await a.say(20);
    await mesh.quiet();
    b.restart(() =>
      change(
        b,
        `UPDATE events SET body = replace(body, 'n-a 7', 'n-a 8') WHERE node = 'n-a' AND seq = 7`,
      ),
    );
    a.stop();
    const d = mesh.add();
    mesh.hub.connect(b.id, d.id);
    await mesh.quiet();
    expect(d.store.headOf(a.id).seq).toBe(0);
    expect(b.names('log.broken')).toHaveLength(1);
    mesh.hub.connect(c.id, d.id);
    mesh.hub.connect(c.id, b.id);
    await mesh.quiet();
    mesh.expectSame([b, c, d]);
    expect(d.troubles).toEqual([]);
  });

  test('also of the own log, from those who have it', async () => {
    const { mesh, a, b } = await three();
    await a.say(20);
    await mesh.quiet();
    a.restart(() => change(a, `UPDATE events SET at_ms = at_ms + 1 WHERE seq BETWEEN 5 AND 9`));
    mesh.connectAll();
    await mesh.quiet();
    await a.replication.check();
    await mesh.quiet();
    expect(a.store.verify()).toEqual({ checked: 20, problem: null });
    mesh.expectSame([a, b]);
  });
});

describe('a peer that lies', () => {
  test('about an event is named and after three times hung up on; the truth comes from another', async () => {
    const { mesh, a, b, c } = await three();
    await a.say(10);
    await mesh.quiet();
    a.stop();
    const d = mesh.add();
    mesh.hub.tamper = ({ from, message }) =>
      from === b.id
        ? Buffer.from(Buffer.from(message).toString().replace('n-a 4', 'n-a 5'))
        : message;
    mesh.hub.connect(b.id, d.id);
    await mesh.quiet();
    expect(d.store.headOf(a.id).seq).toBe(0);
    expect(d.names('log.broken')[0]).toMatchObject({ node: a.id, from: b.id });
    mesh.hub.connect(c.id, d.id);
    await mesh.quiet();
    expect(d.logs()).toEqual(c.logs());
    // It goes on to say that it has more.
    for (let lie = 0; lie < 3; lie += 1) {
      const head = { seq: 11 + lie, hash: 'a'.repeat(64) };
      const signature = Buffer.from(mesh.signAs(b.id, sealBytes(a.id, head))).toString('base64');
      mesh.hub
        .node(b.id)
        .open.get(d.id)
        ?.send(
          'log',
          Buffer.from(
            JSON.stringify({ type: 'heads', heads: [{ node: a.id, ...head, signature }] }),
          ),
        );
      await mesh.quiet();
    }
    expect(mesh.hub.node(d.id).open.has(b.id)).toBe(false);
    expect(mesh.hub.node(d.id).open.has(c.id)).toBe(true);
    expect(d.logs()).toEqual(c.logs());
  });

  test('by events that it made up itself for another: they are not taken, however well they are chained', async () => {
    const { mesh, a, b, c } = await three();
    const json = JSON.stringify(paused('by b'));
    const seal = { seq: 1, hash: chainHash(GENESIS, a.id, { seq: 1, clock: 1 }, 1, json) };
    const forged = encode({
      type: 'range',
      node: a.id,
      from: 1,
      prev: GENESIS,
      events: [{ clock: 1, atMs: 1, json }],
      seal: { ...seal, signature: mesh.signAs(b.id, sealBytes(a.id, seal)) },
    });
    mesh.hub.node(b.id).open.get(c.id)?.send('log', forged);
    await mesh.quiet();
    expect(c.store.headOf(a.id).seq).toBe(0);
    expect(c.names('log.broken')).toMatchObject([{ node: a.id, from: b.id }]);
  });

  test('or does not answer, is passed over for another', async () => {
    const { mesh, a, b, c } = await three();
    await a.say(10);
    await mesh.quiet();
    a.stop();
    const d = mesh.add();
    mesh.hub.tamper = ({ from, message }) => {
      const isRange = from === b.id && Buffer.from(message).includes('"range"');
      return isRange ? Buffer.from('{"type":"links","nodes":[]}') : message;
    };
    mesh.hub.connect(b.id, d.id);
    await mesh.quiet();
    mesh.hub.connect(c.id, d.id);
    await mesh.quiet();
    expect(d.store.headOf(a.id).seq).toBe(0);
    for (const late of [...d.timers]) late();
    await mesh.quiet();
    expect(d.logs()).toEqual(c.logs());
  });

  test.each([
    ['noise', Buffer.from([0xff, 0xfe, 0x00])],
    ['not an object', Buffer.from('7')],
    ['an unknown message', Buffer.from('{"type":"delete","node":"n-a"}')],
    ['a seq that is none', Buffer.from('{"type":"want","node":"n-a","from":0.5}')],
    ['a node that is none', Buffer.from('{"type":"want","node":"../etc","from":1}')],
    ['lines where none belong', Buffer.from('{"type":"want","node":"n-a","from":1}\n1 1 {}')],
    [
      'a range of lines that are no events',
      Buffer.from(
        `{"type":"range","node":"n-a","from":1,"prev":"${'0'.repeat(64)}","seal":{"seq":1,"hash":"${'0'.repeat(64)}","signature":""}}\nrm -rf`,
      ),
    ],
    [
      'a list of a million logs',
      Buffer.from(`{"type":"links","nodes":[${'"n-a",'.repeat(99_999)}"n-a"]}`),
    ],
  ])('%s ends the link and nothing else', async (_, message) => {
    const { mesh, a, b } = await three();
    mesh.hub.node(b.id).open.get(a.id)?.send('log', message);
    await mesh.quiet();
    expect(mesh.hub.node(a.id).open.has(b.id)).toBe(false);
    expect(mesh.hub.ended.at(-1)?.reason).not.toBe('');
    await a.say();
    mesh.connectAll();
    await mesh.quiet();
    mesh.expectSame();
  });
});

describe('a log that was written twice', () => {
  test('by a home on two machines: is named everywhere, and frozen where it parts', async () => {
    const { mesh, a, b, c } = await three();
    await a.say(5);
    await mesh.quiet();
    a.stop();
    const copy = tempHome();
    cpSync(a.home, copy, { recursive: true });
    a.restart();
    mesh.hub.connect(a.id, b.id);
    await a.say(2, ' here');
    await mesh.quiet();
    a.stop();
    const twin = mesh.add(a.id, copy);
    await twin.say(3, ' there');
    mesh.hub.connect(twin.id, c.id);
    await mesh.quiet();
    expect(b.store.headOf(a.id).seq).toBe(7);
    expect(c.names('log.forked').length + b.names('log.forked').length).toBeGreaterThan(0);
    mesh.hub.cut(b.id, c.id);
    mesh.hub.connect(b.id, c.id);
    mesh.hub.connect(b.id, twin.id);
    await mesh.quiet();
    for (const node of [b, c, twin])
      expect(node.store.forks.get(a.id)?.what).toContain('signed both');
    expect(twin.replication.ownLog).toBe('forked');
    const before = c.store.headOf(a.id);
    await twin.say(4);
    await mesh.quiet();
    expect(c.store.headOf(a.id)).toEqual(before);
    c.restart();
    expect(c.store.forks.has(a.id)).toBe(true);
  });

  test('the own log, from an old backup: its end is taken back before anything is appended', async () => {
    const { mesh, a, b } = await three();
    await a.say(5);
    await mesh.quiet();
    a.stop();
    const backup = tempHome();
    cpSync(a.home, backup, { recursive: true });
    a.restart();
    mesh.hub.connect(a.id, b.id);
    await a.say(6);
    await mesh.quiet();
    a.stop();
    const restored = mesh.add(a.id, backup);
    expect(restored.store.head.seq).toBe(5);
    mesh.hub.connect(restored.id, b.id);
    expect(restored.store.head.seq).toBe(5);
    let done = false;
    const caughtUp = restored.replication.caughtUp().then(() => (done = true));
    await setImmediate();
    expect(done && restored.store.head.seq < 11).toBe(false);
    await mesh.quiet();
    await caughtUp;
    expect(restored.names('log.behind')[0]).toMatchObject({ node: a.id, seq: 6, from: b.id });
    expect(restored.store.head.seq).toBe(11);
    await restored.say();
    await mesh.quiet();
    mesh.expectSame([restored, b]);
    expect(b.troubles).toEqual([]);
  });

  test('the own log, appended to before anyone was asked: is a fork, and named on both sides', async () => {
    const { mesh, a, b } = await three();
    await a.say(5);
    await mesh.quiet();
    a.restart(() => change(a, `DELETE FROM events WHERE seq > 3`));
    await a.say(1, ' otherwise');
    mesh.hub.connect(a.id, b.id);
    await mesh.quiet();
    expect(a.replication.ownLog).toBe('forked');
    expect(a.names('log.forked')[0]).toMatchObject({ node: a.id, from: b.id });
    expect(b.names('log.forked')[0]).toMatchObject({ node: a.id, seq: 4 });
    await a.replication.caughtUp();
  });
});
