import { request } from 'node:http';
import { expect, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import { EventView } from '../../../shared/model/eventApi.ts';
import { LiveNode } from './liveNode.ts';

interface Reply {
  readonly status: number;
  readonly body: string;
  readonly headers: Record<string, string | string[] | undefined>;
}

/** A request with exactly these headers: `fetch` would not send another `Host`. */
function send(
  url: string,
  options: { method?: string; headers?: Record<string, string>; body?: string } = {},
): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const outgoing = request(
      url,
      { method: options.method ?? 'GET', headers: options.headers ?? {} },
      (response) => {
        let body = '';
        response.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, body, headers: response.headers }),
        );
      },
    );
    outgoing.on('error', reject);
    outgoing.end(options.body);
  });
}

test('the API answers only its own machine, its own page and whoever has the token', async () => {
  const live = await LiveNode.start({});
  const { url, token } = live;
  const bearer = { authorization: `Bearer ${token}` };
  const status = `${url}/v1/status`;

  expect((await send(status, { headers: bearer })).status).toBe(200);
  expect((await send(status)).status).toBe(401);
  expect((await send(status, { headers: { authorization: 'Bearer x' } })).status).toBe(401);
  expect((await send(status, { headers: { authorization: `Bearer ${token}x` } })).status).toBe(401);
  // A page of another site, and a name that was rebound to loopback.
  expect(
    (await send(status, { headers: { ...bearer, origin: 'https://evil.example' } })).status,
  ).toBe(401);
  expect((await send(status, { headers: { ...bearer, origin: 'null' } })).status).toBe(401);
  expect((await send(status, { headers: { ...bearer, host: 'evil.example' } })).status).toBe(401);
  expect(
    (await send(status, { headers: { ...bearer, host: `evil.example:${new URL(url).port}` } }))
      .status,
  ).toBe(401);
  expect(
    (await send(status, { headers: { ...bearer, host: `localhost:${new URL(url).port}` } })).status,
  ).toBe(200);

  const refused = await send(`${url}/v1/pause`, {
    method: 'POST',
    headers: { origin: 'https://evil.example', 'content-type': 'text/plain' },
    body: '{}',
  });
  expect(refused.status).toBe(401);
  expect((await live.status()).state).not.toBe('paused');
});

test('a tunnel may lead to it from another port, and a proxy under a name that was allowed', async () => {
  const live = await LiveNode.start({ config: { hosts: ['box.tail1234.ts.net'] } });
  const ask = async (host: string, origin?: string) =>
    (
      await send(`${live.url}/v1/status`, {
        headers: {
          authorization: `Bearer ${live.token}`,
          host,
          ...(origin === undefined ? {} : { origin }),
        },
      })
    ).status;

  // ssh -L 8080:127.0.0.1:PORT, then http://localhost:8080.
  expect(await ask('localhost:8080', 'http://localhost:8080')).toBe(200);
  expect(await ask('box.tail1234.ts.net', 'https://box.tail1234.ts.net')).toBe(200);
  // A program of this machine that serves pages on another port is a stranger.
  expect(await ask('localhost:8080', 'http://localhost:9090')).toBe(401);
  expect(await ask('other.tail1234.ts.net', 'https://other.tail1234.ts.net')).toBe(401);
  expect(await ask('box.tail1234.ts.net.evil.example')).toBe(401);
  expect(await ask('box.tail1234.ts.net', 'https://evil.example')).toBe(401);
});

test('whoever was refused is in the log: each kind at once, and not one line a request', async () => {
  const live = await LiveNode.start({});
  const refuse = (headers: Record<string, string>) => send(`${live.url}/v1/status`, { headers });
  for (let i = 0; i < 30; i++) {
    await refuse({ host: `evil${i}.example` });
    await refuse({ origin: 'https://evil.example' });
    await refuse({ authorization: 'Bearer stolen' });
  }
  const told = () => live.events.filter(({ type }) => type === 'request.refused');
  await vi.waitFor(() => expect(told().length).toBeGreaterThanOrEqual(3), 10_000);
  const refusals = told();
  expect(refusals.map(({ text }) => text)).toEqual([
    expect.stringContaining('a name that is not of this machine (host evil0.example)'),
    expect.stringContaining("another site's page"),
    expect.stringContaining('no valid token'),
  ]);
});

test('the page comes without a token and with a policy that lets in nothing from elsewhere', async () => {
  const live = await LiveNode.start({});
  const page = await send(`${live.url}/`);
  expect(page.status).toBe(200);
  expect(page.headers['content-security-policy']).toContain("default-src 'none'");
  expect(page.headers['content-security-policy']).toContain("frame-ancestors 'none'");
  expect(page.body).not.toContain(live.token);
  expect((await send(`${live.url}/../../../etc/passwd`)).status).toBe(404);
  const [, script = ''] = /src="(\/assets\/[^"]+\.js)"/.exec(page.body) ?? [];
  expect((await send(live.url + script)).status).toBe(200);
  expect((await send(`${live.url}/assets/..%2Findex.html`)).status).toBe(404);
  expect((await send(`${live.url}/tasks/T-1`)).status).toBe(200);
});

test('bad input gets an error that says where and what to do, and changes nothing', async () => {
  const live = await LiveNode.start({});
  const headers = { authorization: `Bearer ${live.token}`, 'content-type': 'application/json' };
  const before = (await live.status()).seq;
  const post = (path: string, body: string) =>
    send(live.url + path, { method: 'POST', headers, body });
  const bad = [
    await post('/v1/tasks', '{'),
    await post('/v1/tasks', JSON.stringify({ tasks: [{ title: 'x', colour: 'red' }] })),
    await post('/v1/tasks', JSON.stringify({ tasks: [] })),
    await post('/v1/projects', JSON.stringify({ path: '/does/not/exist' })),
    await send(`${live.url}/v1/tasks/T-0`, { headers }),
    await send(`${live.url}/v1/tasks/T-99`, { headers }),
    await send(`${live.url}/v1/events?type=nonsense`, { headers }),
    await post('/v1/reviews/T-99', JSON.stringify({ answer: 'perhaps' })),
  ];
  for (const reply of bad) {
    expect(reply.status).toBeGreaterThanOrEqual(400);
    expect(reply.status).toBeLessThan(500);
    const { error } = JSON.parse(reply.body) as {
      error: { code: string; message: string; help: string };
    };
    expect(error.message).not.toBe('');
    expect(error.help).not.toBe('');
  }
  const huge = await post(
    '/v1/tasks',
    JSON.stringify({ tasks: [{ title: 'x', instructions: 'y'.repeat(17 * 1024 * 1024) }] }),
  );
  expect(huge.status).toBe(413);
  const cycle = [
    { title: 'a', key: 'a', run: 'true', dependencies: [{ type: 'ordering', task: 'b' }] },
    { title: 'b', key: 'b', run: 'true', dependencies: [{ type: 'ordering', task: 'a' }] },
  ];
  const refused = await post('/v1/tasks', JSON.stringify({ tasks: cycle }));
  expect(refused.status).toBe(409);
  expect(refused.body).toMatch(/a → b → a|b → a → b/);
  expect(live.of('task.added')).toEqual([]);
  // Only the refused cycle is news: whoever generates tasks learns from it (Q6).
  expect(
    live.events
      .filter((event) => event.seq > before)
      .map((event) => event.type)
      .filter((type) => type.startsWith('task.')),
  ).toEqual(['task.refused']);
});

test('the description of the API names every path that the node answers', async () => {
  const live = await LiveNode.start({});
  const reply = await send(`${live.url}/v1/openapi.json`, {
    headers: { authorization: `Bearer ${live.token}` },
  });
  const { paths, openapi } = JSON.parse(reply.body) as {
    openapi: string;
    paths: Record<string, object>;
  };
  expect(openapi).toBe('3.1.0');
  expect(Object.keys(paths)).toEqual(
    expect.arrayContaining([
      '/v1/status',
      '/v1/tasks',
      '/v1/tasks/{id}/explain',
      '/v1/queue',
      '/v1/events',
      '/v1/reviews/{id}',
      '/v1/projects/{id}/promote',
    ]),
  );
});

test('the stream begins where its reader left off, loses nothing, and refuses strangers', async () => {
  const live = await LiveNode.start({});
  await live.add({ title: 'one', run: 'true' });
  await live.until(() => live.of('attempt.passed').length === 1);
  const address = live.url.replace('http', 'ws');
  const read = async (after: number, upTo: number): Promise<number[]> => {
    const socket = new WebSocket(`${address}/v1/stream?after=${after}`, [
      'vigil.v1',
      `vigil.bearer.${live.token}`,
    ]);
    const seqs: number[] = [];
    await new Promise<void>((resolve, reject) => {
      socket.on('error', reject);
      socket.on('message', (data: Buffer) => {
        seqs.push(EventView.parse(JSON.parse(data.toString('utf8'))).seq);
        if (seqs.at(-1) === upTo) resolve();
      });
    });
    socket.close();
    return seqs;
  };
  const { seq } = await live.status();
  expect(await read(0, seq)).toEqual(Array.from({ length: seq }, (_, i) => i + 1));
  const following = read(seq, seq + 1);
  await live.call('POST', '/v1/pause', (await import('zod')).z.unknown(), { reason: 'lunch' });
  expect(await following).toEqual([seq + 1]);

  for (const [protocols, origin] of [
    [['vigil.v1'], undefined],
    [['vigil.v1', 'vigil.bearer.wrong'], undefined],
    [['vigil.v1', `vigil.bearer.${live.token}`], 'https://evil.example'],
  ] as const) {
    const socket = new WebSocket(
      `${address}/v1/stream`,
      [...protocols],
      origin === undefined ? {} : { origin },
    );
    const closed = await new Promise<string>((resolve) => {
      socket.on('error', (error) => resolve(error.message));
      socket.on('open', () => resolve('open'));
    });
    expect(closed).toContain('401');
  }
});
