import { describe, expect, test } from 'vitest';
import type { ClientRequest } from 'node:http';
import { NodeId } from '../../../../shared/model/ids.ts';
import { errorOf, meshOf, startNode, until } from '../helpers.ts';

function answerTo(request: ClientRequest, body = ''): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    request.on('error', reject);
    request.on('response', (response) => {
      let text = '';
      response.on('data', (data: Buffer) => (text += data.toString()));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body: text }));
    });
    request.end(body);
  });
}

const asked = (path: string) => ({ method: 'POST', path, headers: { 'x-test': '1' } });

describe('HTTP between members', () => {
  test('reaches whoever serves the longest prefix, who knows the peer by its key', async () => {
    const [a, b] = await Promise.all([startNode('n-a'), startNode('n-b')]);
    await meshOf(a, b);
    a.mesh.http.serve('/', (_req, res) => void res.end('root'));
    a.mesh.http.serve('/git/', (req, res, peer) => {
      res.write(`${peer} ${req.headers['x-test'] as string} `);
      req.pipe(res);
    });
    const request = await b.mesh.http.request(a.node, asked('/git/app?x=1'));
    expect(await answerTo(request, 'body')).toEqual({ status: 200, body: 'n-b 1 body' });
    expect(await answerTo(await b.mesh.http.request(a.node, asked('/other')))).toMatchObject({
      body: 'root',
    });
  });

  test('says 404 where nobody serves, 500 where it fails, and goes on', async () => {
    const [a, b] = await Promise.all([startNode('n-a'), startNode('n-b')]);
    await meshOf(a, b);
    const stop = a.mesh.http.serve('/git/', () => {
      throw new Error('broken');
    });
    const status = async (path: string) =>
      (await answerTo(await b.mesh.http.request(a.node, asked(path)))).status;
    expect(await status('/git/app')).toBe(500);
    expect(await status('/else')).toBe(404);
    stop();
    expect(await status('/git/app')).toBe(404);
  });

  test('ends with the membership, also in the middle of a transfer', async () => {
    const [a, b] = await Promise.all([startNode('n-a'), startNode('n-b')]);
    await meshOf(a, b);
    a.mesh.http.serve('/git/', (_req, res) => void res.write('the first half'));
    const request = await b.mesh.http.request(a.node, asked('/git/app'));
    const ended = errorOf(
      new Promise((_resolve, reject) => {
        request.on('error', reject);
        request.on('response', (response) => {
          response.on('error', reject);
          response.on('data', () => a.mesh.members.revoke(b.node, 0));
        });
        request.end();
      }),
    );
    expect((await ended).code).toBe('ECONNRESET');
    expect(await errorOf(a.mesh.http.request(b.node, asked('/git/app')))).toMatchObject({
      code: 'peer-unreachable',
    });
  });

  test('names a peer that is no member or can’t be reached', async () => {
    const [a, b] = await Promise.all([startNode('n-a'), startNode('n-b')]);
    await meshOf(a, b);
    expect((await errorOf(a.mesh.http.connect(NodeId.parse('n-z')))).message).toMatch(/no member/);
    await b.mesh.stop();
    await until(() => a.mesh.links.open.size === 0);
    expect(await errorOf(a.mesh.http.connect(b.node))).toMatchObject({ code: 'peer-unreachable' });
  });
});
