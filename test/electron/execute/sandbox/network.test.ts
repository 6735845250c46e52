import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { networkInterfaces } from 'node:os';
import path from 'node:path';
import { afterAll, expect, onTestFinished, test } from 'vitest';
import { projectPolicy } from '../../../../electron/execute/sandbox/projectPolicy.ts';
import { INNER_GATEWAY_PORT } from '../../../../electron/execute/sandbox/policy.ts';
import { sandboxed, stopSandbox } from '../../../../electron/execute/sandbox/sandbox.ts';
import { heldProject, type Held } from './held.ts';

afterAll(stopSandbox);

/** Asks for a URL, through a proxy where one is given, and prints the status and the body. */
const ASK = `
  import { request } from 'node:http';
  const [url, proxy] = process.argv.slice(2);
  const through = proxy ? new URL(proxy) : null;
  const credentials = through && decodeURIComponent(through.username) + ':' + through.password;
  const options = through
    ? { host: '127.0.0.1', port: through.port, path: url, headers: {
        host: new URL(url).host,
        'proxy-authorization': 'Basic ' + Buffer.from(credentials).toString('base64') } }
    : url;
  const ask = request(options, (answer) => {
    let body = '';
    answer.on('data', (chunk) => (body += chunk));
    answer.on('end', () => console.log(answer.statusCode, body));
  });
  ask.on('error', (error) => console.log('refused', error.code));
  ask.end();
`;

async function askingProject(): Promise<Held & { ask: (url: string, proxy?: string) => string }> {
  const project = await heldProject();
  writeFileSync(path.join(project.worktree, 'ask.mjs'), ASK);
  const ask = (url: string, proxy = ''): string =>
    `'${process.execPath}' ask.mjs '${url}' ${proxy}`;
  return { ...project, ask };
}

/** A server that stands for the local API or any other of this machine. */
async function serverAt(host: string): Promise<string> {
  const server = createServer((_, answer) => answer.end('secret state')).listen(0, host);
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return `http://${host}:${address.port}/`;
}

/** An address of this machine that others see, where it has one. */
function outerAddress(): string {
  const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  return all.find(({ family, internal }) => family === 'IPv4' && !internal)?.address ?? '127.0.0.2';
}

const OWN_PROXY = '"$HTTP_PROXY"';

test.each([
  ['the local API', '127.0.0.1'],
  ['another host', outerAddress()],
])('%s is reached neither directly nor through the proxy of the sandbox', async (_, host) => {
  const { free, held, ask } = await askingProject();
  const url = await serverAt(host);
  expect((await free(ask(url))).stdout).toBe('200 secret state\n');
  // Node itself may ask the proxy.
  expect((await held(ask(url))).stdout).toMatch(/^(refused|403) /);
  expect((await held(ask(url, OWN_PROXY))).stdout).toMatch(/^403 /);
  const named = url.replace(host, 'localhost');
  expect((await held(ask(named, OWN_PROXY))).stdout).toMatch(/^403 /);
});

test('hosts of the project’s list are let through, and no others', async () => {
  const { held, ask, ground } = await askingProject();
  const network = ['api.vigil.invalid'];
  // Nobody is called so: the proxy goes as far as looking the name up.
  const allowed = await runWith(
    { ...ground, network },
    ask('http://api.vigil.invalid/', OWN_PROXY),
  );
  expect(allowed).not.toMatch(/^403 /);
  const other = await runWith(
    { ...ground, network },
    ask('http://other.vigil.invalid/', OWN_PROXY),
  );
  expect(other).toMatch(/^403 /);
  expect((await held(ask('http://api.vigil.invalid/', OWN_PROXY))).stdout).toMatch(/^403 /);

  async function runWith(changed: typeof ground, command: string): Promise<string> {
    const places = { tempDir: ground.worktree, homeDir: ground.worktree, writesDependencies: true };
    const wrap = sandboxed(projectPolicy(changed, places));
    return (await held(command, { wrap })).stdout;
  }
});

test.each(['localhost', '127.0.0.1', '*.localhost', '192.168.0.1', '0x7f000001', '2130706433'])(
  '%s is refused in a project’s list: it would open this machine',
  async (name) => {
    const { held, ground } = await heldProject();
    const places = { tempDir: ground.worktree, homeDir: ground.worktree, writesDependencies: true };
    const wrap = sandboxed(projectPolicy({ ...ground, network: [name] }, places));
    await expect(held('true', { wrap })).rejects.toMatchObject({ code: 'invalid-input' });
  },
);

test('the gateway is reached by a command that has it, and by no other', async () => {
  const { held, ask, ground } = await askingProject();
  const url = await serverAt('127.0.0.1');
  const inner = `http://127.0.0.1:${INNER_GATEWAY_PORT}/`;
  const policy = projectPolicy(ground, {
    tempDir: ground.worktree,
    homeDir: ground.worktree,
    writesDependencies: true,
    gatewayPort: Number(new URL(url).port),
  });
  const other = await serverAt('127.0.0.1');
  const wrap = sandboxed(policy);
  const both = await held(`${ask(inner)}; ${ask(other, OWN_PROXY)}`, { wrap });
  expect(both.stdout).toMatch(/^200 secret state\n403 /);
  expect((await held(ask(inner))).stdout).toMatch(/^refused /);
  expect((await held(ask(url, OWN_PROXY))).stdout).toMatch(/^403 /);
});

test('who a command is to the proxy can’t be seen by another, not be guessed, and ends with it', async () => {
  const { held, ask, ground } = await askingProject();
  const url = await serverAt('127.0.0.1');
  const policy = projectPolicy(ground, {
    tempDir: ground.worktree,
    homeDir: ground.worktree,
    writesDependencies: true,
    gatewayPort: Number(new URL(url).port),
  });
  const wrap = sandboxed(policy);
  const told = Promise.withResolvers<string>();
  const first = held('echo "$HTTP_PROXY"; while [ ! -e stop ]; do sleep 0.05; done', {
    wrap,
    onLine: (line) => told.resolve(line),
  });
  const identity = await told.promise;
  const user = decodeURIComponent(new URL(identity).username);
  const look = await held('cat /proc/*/environ /proc/*/cmdline | tr "\\0" "\\n"');
  expect(look.stdout).toContain('HTTP_PROXY');
  expect(look.stdout).not.toContain(encodeURIComponent(user));
  const guessed = identity.replace(/srt\.[^:]+/, (id) => `${id.slice(0, -8)}AAAAAAAA`);
  expect(guessed).not.toBe(identity);
  expect((await held(ask(url, `'${guessed}'`))).stdout).toMatch(/^403 /);
  // The test itself knows it: presented while the other runs it is worth what that one has, and nothing after.
  expect((await held(ask(url, `'${identity}'`))).stdout).toBe('200 secret state\n');
  writeFileSync(path.join(ground.worktree, 'stop'), '');
  await first;
  expect((await held(ask(url, `'${identity}'`))).stdout).toMatch(/^403 /);
});
