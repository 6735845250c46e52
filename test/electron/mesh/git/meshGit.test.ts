import { request } from 'node:http';
import { expect, test } from 'vitest';
import type { GitAddress } from '../../../../shared/model/gitAddress.ts';
import { NodeId } from '../../../../shared/model/ids.ts';
import { app, gitNode } from './nodes.ts';

/** What the proxy says to a request for the refs of a clone. */
function refsAt(
  { url, authorization }: GitAddress,
  { path = '/info/refs?service=git-upload-pack', method = 'GET' } = {},
): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const asked = request(`${url}${path}`, { method, headers: { authorization } }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => (text += chunk));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
      response.on('error', reject);
    });
    asked.on('error', reject);
    asked.end();
  });
}

test('only who knows the token is let in, and it is not in the address', async () => {
  const home = await gitNode('n-home');
  const other = await gitNode('n-other', [home]);
  const { url, authorization } = other.to(home);
  expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/n-home\/git\/app$/);
  expect((await refsAt({ url, authorization: '' })).status).toBe(401);
  expect((await refsAt({ url, authorization: `${authorization}x` })).status).toBe(401);
  const another = await gitNode('n-another', [home]);
  expect(another.to(home).authorization).not.toBe(authorization);
  // Let in: it is the home that has nothing of the name.
  const { status, text } = await refsAt({ url, authorization });
  expect([status, text]).toEqual([404, 'vigil: there is no project app on this node\n']);
});

test('a peer that can not be reached is named in words', async () => {
  const other = await gitNode('n-other');
  const nobody = other.mesh.address(NodeId.parse('n-gone'), app);
  expect(await refsAt(nobody)).toEqual({
    status: 502,
    text: "vigil: node n-gone can't be reached: no such node\n",
  });
  const home = await gitNode('n-home');
  const routes = new Map([[home.id, 1]]);
  const lost = await gitNode('n-lost', [home], { routes });
  const refused = await refsAt(lost.to(home));
  expect(refused.status).toBe(502);
  expect(refused.text).toContain('ECONNREFUSED');
});

test('nothing but what git asks is carried', async () => {
  const home = await gitNode('n-home');
  const other = await gitNode('n-other', [home]);
  const at = other.to(home);
  for (const path of ['/HEAD', '/info/refs', '/info/refs?service=git-upload-archive'])
    expect((await refsAt(at, { path })).text).toBe('vigil: that is not a request of git\n');
  expect((await refsAt(at, { method: 'DELETE' })).status).toBe(404);
});

test('it ends with the node, also in the middle of a request', async () => {
  const home = await gitNode('n-home');
  const other = await gitNode('n-other', [home]);
  const { url, authorization } = other.to(home);
  const asked = request(`${url}/git-receive-pack`, { method: 'POST', headers: { authorization } });
  const gone = new Promise<void>((resolve) => asked.once('error', () => resolve()));
  asked.write('x');
  await new Promise<void>((resolve) => asked.once('socket', () => resolve()));
  await other.mesh.close();
  await gone;
  await expect(refsAt({ url, authorization })).rejects.toThrow(/ECONNREFUSED|hang up|ECONNRESET/);
});
