import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { INNER_GATEWAY_PORT } from '../../../../electron/execute/sandbox/policy.ts';
import { projectPolicy } from '../../../../electron/execute/sandbox/projectPolicy.ts';
import { sandboxed, stopSandbox } from '../../../../electron/execute/sandbox/sandbox.ts';
import { heldProject } from './held.ts';

/** Stands for all other hosts, as a company's proxy does: it answers for each, and notes which was asked for. */
let internet: Server;
let asked: string[] = [];

beforeAll(async () => {
  internet = await listen((request, response) => {
    response.end(`the page of ${request.headers.host}`);
  });
  // Programs ask for a tunnel, also for what is not encrypted.
  internet.on('connect', (request, socket) => {
    asked.push(request.url ?? '');
    socket.write('HTTP/1.1 200 OK\r\n\r\n');
    internet.emit('connection', socket);
  });
  // Read when the sandbox starts.
  for (const name of ['HTTP_PROXY', 'HTTPS_PROXY', 'http_proxy', 'https_proxy'])
    vi.stubEnv(name, `http://127.0.0.1:${portOf(internet)}`);
  for (const name of ['NO_PROXY', 'no_proxy']) vi.stubEnv(name, '');
});

beforeEach(() => {
  asked = [];
});

afterAll(async () => {
  await stopSandbox();
  internet.close();
  vi.unstubAllEnvs();
});

test('hosts of the list are reached, in the clear and encrypted, and others are not', async () => {
  const { free, held } = await heldProject(undefined, { network: ['api.allowed.test'] });
  for (const host of ['registry.npmjs.org', 'api.allowed.test'])
    expect((await held(fetching(`http://${host}/x`))).stdout).toBe(`the page of ${host}`);
  asked = [];
  // It gets as far as the handshake, which nobody answers here.
  await held(fetching('https://registry.npmjs.org/x'));
  expect(asked).toEqual(['registry.npmjs.org:443']);

  asked = [];
  const elsewhere = ['http://secrets.example.com/?taken', 'https://secrets.example.com/?taken'];
  for (const url of elsewhere) await held(fetching(url));
  expect(asked).toEqual([]);
  const env = { NODE_USE_ENV_PROXY: '1' };
  for (const url of elsewhere) await free(fetching(url), { env });
  expect(asked).toEqual(['secrets.example.com:80', 'secrets.example.com:443']);
});

test('what the gateway says comes inside as it is said', async () => {
  const { ground, held } = await heldProject();
  let goOn: () => void = () => undefined;
  const gateway = await listen((request, response) => {
    if (request.url === '/go-on') {
      goOn();
      response.end();
      return;
    }
    response.write('first;');
    goOn = () => response.end('second');
  });
  onTestFinished(() => void gateway.close());
  const [tempDir, homeDir] = [
    path.join(ground.worktree, 'tmp'),
    path.join(ground.worktree, 'home'),
  ] as const;
  for (const folder of [tempDir, homeDir]) mkdirSync(folder);
  const wrap = sandboxed(
    projectPolicy(ground, {
      tempDir,
      homeDir,
      gatewayPort: portOf(gateway),
      writesDependencies: true,
    }),
  );
  const url = `http://127.0.0.1:${INNER_GATEWAY_PORT}`;
  // The second half only comes when the first is inside and was answered from there.
  const stream = node(`
    for await (const chunk of (await fetch("${url}/stream")).body) {
      process.stdout.write(chunk);
      if (Buffer.from(chunk).toString().startsWith("first")) await fetch("${url}/go-on");
    }`);
  expect((await held(stream, { wrap })).stdout).toBe('first;second');
});

test('a service that listens on a file can’t be spoken to, wherever the file lies', async () => {
  const { free, held, outside, worktree } = await heldProject();
  for (const folder of [outside, worktree]) {
    const file = path.join(folder, 'local.sock');
    const server = createServer((_, response) => response.end('the API')).listen(file);
    await once(server, 'listening');
    onTestFinished(() => void server.close());
    const ask = node(
      `net.connect("${file}").on("error", (e) => console.log(e.code)).on("connect", function () { this.end("GET / HTTP/1.0\\r\\n\\r\\n"); this.pipe(process.stdout); });`,
    );
    expect((await free(ask)).stdout).toContain('the API');
    expect((await held(ask)).stdout).toMatch(/^(EPERM|EACCES|ENOENT)\n$/);
  }
});

async function listen(answer: RequestListener): Promise<Server> {
  const server = createServer(answer).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string')
    throw new Error('the server does not listen');
  return address.port;
}

/** A module in double quotes only. */
function node(script: string): string {
  return `'${process.execPath}' --input-type=module -e 'import net from "node:net"; ${script}'`;
}

function fetching(url: string): string {
  return node(
    `await fetch("${url}").then((r) => r.text()).then((t) => process.stdout.write(t), (e) => process.stdout.write(String(e)));`,
  );
}
