import { connect } from 'node:net';
import { describe, expect, test } from 'vitest';
import { openIdentity } from '../../../../electron/mesh/identity/identity.ts';
import { JOIN_PATH, LINK_PATH } from '../../../../electron/mesh/link/protocol.ts';
import { meshOf, startNode, tempHome, until } from '../helpers.ts';
import { credentialsOf, dialAs, portOf, refusalOf, talk, talkTls, tls } from './raw.ts';

async function openNode(strangers = 64) {
  const node = await startNode('n-a', { limits: { handshakeMs: 300, strangers } });
  await node.mesh.invite();
  return { ...node, port: portOf(node) };
}

async function stranger() {
  const { key, certificate } = await openIdentity(tempHome());
  return { key, cert: certificate };
}

const UPGRADE = `GET ${LINK_PATH} HTTP/1.1\r\nhost: x\r\nconnection: Upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`;
const GIT = 'GET /git/app/info/refs HTTP/1.1\r\nhost: x\r\n\r\n';

describe('a stranger at the port', () => {
  test('without TLS gets nothing and is named', async () => {
    const { port, refusals } = await openNode();
    expect(await talk(port, '\x00\x01\x02 not TLS, whatever it is')).not.toContain('HTTP');
    await until(() => refusals.length === 1);
    expect(refusals[0]).toMatchObject({ address: '127.0.0.1', reason: 'no TLS' });
  });

  test('with HTTP instead of HTTPS is named', async () => {
    const { port, refusals } = await openNode();
    expect(await talk(port, GIT)).not.toContain('200');
    await until(() => refusals.length === 1);
    expect(refusals[0]?.reason).toBe('HTTP without TLS');
  });

  test('with an older TLS is named', async () => {
    const { port, refusals } = await openNode();
    const socket = tls(port, await stranger(), 'TLSv1.2');
    socket.on('error', () => undefined);
    await until(() => refusals.length === 1);
    expect(refusals[0]?.reason).toBe('a TLS older than 1.3');
  });

  test('that scans the port, or says nothing, is counted and hung up on', async () => {
    const { port, refusals, mesh } = await openNode();
    const scan = connect(port, '127.0.0.1', () => scan.destroy());
    await until(() => refusals.length === 1);
    expect(refusals[0]?.reason).toBe('hung up before it showed a key');
    await talk(port, '');
    await until(() => mesh.refusedCount === 2);
    // The second of an address within a minute is counted, not reported.
    expect(refusals).toHaveLength(1);
  });

  test('without a key of its own is hung up on', async () => {
    const { port, refusals } = await openNode();
    expect(await talkTls(port, {}, GIT)).toBe('');
    await until(() => refusals.length === 1);
    expect(refusals[0]?.reason).toBe('TLS without a key of its own');
  });

  test('with an unknown key gets 401 and no data, on every path', async () => {
    const { port, mesh, refusals } = await openNode();
    const reached: string[] = [];
    mesh.http.serve('/git/', (req, res) => {
      reached.push(req.url ?? '');
      res.end('secret');
    });
    const credentials = await stranger();
    for (const text of [GIT, UPGRADE, 'GET / HTTP/1.1\r\nhost: x\r\n\r\n']) {
      const answer = await talkTls(port, credentials, text);
      expect(answer).toMatch(/^HTTP\/1.1 401 /);
      expect(answer).toContain('belongs to no member');
      expect(answer).not.toMatch(/n-a|secret|x-vigil/);
    }
    expect(reached).toEqual([]);
    expect(mesh.links.open.size).toBe(0);
    expect(refusals[0]?.reason).toMatch(/belongs to no member/);
  });

  test('that holds connections open keeps no member out for long', async () => {
    const a = await openNode(3);
    const idle = Array.from({ length: 10 }, () => talk(a.port, ''));
    await until(() => a.mesh.refusedCount >= 7);
    expect(a.refusals.map(({ reason }) => reason)).toContain(
      'too many connections without a known key at once',
    );
    await Promise.all(idle);
    const b = await startNode('n-b');
    await meshOf(a, b);
  });

  test('that asks to join with rubbish is refused, and the node lives', async () => {
    const { port, mesh, refusals } = await openNode();
    const credentials = await stranger();
    for (const [body, header] of [
      ['{}', 'x-vigil-protocol: 1\r\n'],
      ['x'.repeat(100_000), 'x-vigil-protocol: 1\r\n'],
      ['not json', 'x-vigil-protocol: 1\r\n'],
      ['{}', ''],
    ]) {
      const head = `POST ${JOIN_PATH} HTTP/1.1\r\nhost: x\r\n${header}content-length: ${body?.length}\r\n\r\n`;
      expect(await talkTls(port, credentials, head + body)).toMatch(/^(HTTP\/1.1 4\d\d |$)/);
    }
    expect(mesh.members.list()).toHaveLength(1);
    expect(refusals.length).toBeGreaterThan(0);
  });
});

describe('a peer of another version', () => {
  test('is told, and so is this node, which of the two has to be updated', async () => {
    const [a, b] = await Promise.all([startNode('n-a'), startNode('n-b')]);
    await meshOf(a, b);
    const newer = await refusalOf(dialAs(b, a, { 'x-vigil-protocol': '2' }));
    expect(newer.status).toBe(426);
    expect(a.log.at(-1)).toMatch(/incompatible n-b: machine of n-b runs a newer version/);
    const older = await refusalOf(dialAs(b, a, { 'x-vigil-protocol': '0' }));
    expect(older.status).toBe(426);
    expect(older.body).toMatch(/older version.*protocol 0.*Update Vigil on machine of n-b/);
    expect(a.log.at(-1)).toMatch(/incompatible n-b: machine of n-b runs an older version/);
  });

  test('that wants to join is told so in words', async () => {
    const { port, log } = await openNode();
    const answer = await talkTls(
      port,
      await stranger(),
      `POST ${JOIN_PATH} HTTP/1.1\r\nhost: x\r\nx-vigil-protocol: 9\r\ncontent-length: 2\r\n\r\n{}`,
    );
    expect(answer).toMatch(/^HTTP\/1.1 426 /);
    expect(log.at(-1)).toMatch(/incompatible null: .*newer version.*protocol 9/);
  });
});

describe('a copied home', () => {
  test('is refused while the node with the same key is linked, and named on its peers', async () => {
    const [a, b] = await Promise.all([startNode('n-a'), startNode('n-b')]);
    await meshOf(a, b);
    const { status, body } = await refusalOf(dialAs(b, a));
    expect(status).toBe(409);
    expect(body).toMatch(/Two machines use the identity/);
    expect(a.log).toContain('twin n-b');
    expect(a.mesh.links.open.size).toBe(1);
  });

  test('that dials the node it was copied from is named there', async () => {
    const a = await startNode('n-a');
    await a.mesh.invite();
    expect((await refusalOf(dialAs(a, a))).status).toBe(409);
    expect(a.log).toContain('twin n-a');
    expect(credentialsOf(a).key).toContain('PRIVATE KEY');
  });
});
