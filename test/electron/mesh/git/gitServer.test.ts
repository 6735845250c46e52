import { execFile, execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { expect, onTestFinished, test, vi } from 'vitest';
import type { GitAddress } from '../../../../shared/model/gitAddress.ts';
import { commitFiles, userGit } from '../../../userGit.ts';
import { app, gitNode, type GitNode } from './nodes.ts';

const run = promisify(execFile);

function temporaryFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'vigil-mesh-git-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }));
  return folder;
}

/** A repository with a commit, and the bare clone of it that a home would serve. */
function served(): { user: string; bare: string } {
  const folder = temporaryFolder();
  const user = path.join(folder, 'app');
  mkdirSync(user);
  userGit(user, 'init', '--quiet', '--initial-branch=main');
  commitFiles(user, { 'a.txt': 'one\n' }, 'Start');
  const bare = path.join(folder, 'repo.git');
  userGit(folder, 'clone', '--quiet', '--bare', user, bare);
  userGit(bare, 'update-ref', 'refs/vigil/integration', 'refs/heads/main');
  return { user, bare };
}

/** git as another node runs it. */
async function git(cwd: string, { authorization }: GitAddress, ...args: string[]): Promise<string> {
  const { stdout } = await run('git', args, {
    cwd,
    encoding: 'utf8',
    env: {
      PATH: process.env['PATH'],
      HOME: cwd,
      GIT_CONFIG_GLOBAL: '/dev/null',
      GIT_TERMINAL_PROMPT: '0',
      GIT_CONFIG_COUNT: '1',
      GIT_CONFIG_KEY_0: 'http.extraHeader',
      GIT_CONFIG_VALUE_0: `Authorization: ${authorization}`,
    },
  });
  return stdout;
}

async function pair(): Promise<{ home: GitNode; other: GitNode; user: string; bare: string }> {
  const home = await gitNode('n-home');
  const { user, bare } = served();
  home.repository = bare;
  return { home, other: await gitNode('n-other', [home]), user, bare };
}

/** A clone of the home's with a commit more. */
async function worker(other: GitNode, home: GitNode): Promise<string> {
  const folder = path.join(temporaryFolder(), 'work');
  const at = other.to(home);
  await git(tmpdir(), at, 'clone', '--quiet', at.url, folder);
  commitFiles(folder, { 'b.txt': 'two\n' }, 'More');
  return folder;
}

test('a peer fetches all of a clone, also by the id of a commit', async () => {
  const { home, other, user, bare } = await pair();
  const tree = userGit(bare, 'rev-parse', 'main^{tree}');
  const hidden = userGit(user, 'commit-tree', tree, '-m', 'x');
  userGit(bare, 'fetch', '--quiet', user, `${hidden}:refs/vigil/attempts/T-1/1`);
  userGit(bare, 'update-ref', '-d', 'refs/vigil/attempts/T-1/1');
  const folder = temporaryFolder();
  const at = other.to(home);
  await git(folder, at, 'clone', '--quiet', '--bare', at.url, 'copy.git');
  const copy = path.join(folder, 'copy.git');
  await git(copy, at, 'fetch', '--quiet', at.url, `${hidden}:refs/got`);
  expect(userGit(copy, 'rev-parse', 'main', 'refs/got')).toBe(
    `${userGit(bare, 'rev-parse', 'main')}\n${hidden}`,
  );
});

test('a peer writes below its own id, may replace and remove what it wrote, and its push is told', async () => {
  const { home, other, bare } = await pair();
  const work = await worker(other, home);
  const at = other.to(home);
  const ref = 'refs/vigil/from/n-other/checkpoints/T-1/1';
  await git(work, at, 'push', '--quiet', at.url, `HEAD:${ref}`);
  expect(userGit(bare, 'rev-parse', ref)).toBe(userGit(work, 'rev-parse', 'HEAD'));
  await git(work, at, 'push', '--quiet', at.url, `+HEAD~1:${ref}`);
  expect(userGit(bare, 'rev-parse', ref)).toBe(userGit(work, 'rev-parse', 'HEAD~1'));
  await git(work, at, 'push', '--quiet', at.url, `:${ref}`);
  expect(userGit(bare, 'for-each-ref', 'refs/vigil/from')).toBe('');
  expect(home.pushes).toEqual(Array(3).fill('n-other app'));
});

test.for([
  ['the integrated tree', 'HEAD:refs/vigil/integration'],
  ['the branch of the same name', 'HEAD:refs/heads/vigil/integration'],
  ['a branch', 'HEAD:refs/heads/main'],
  ['an own namespace of git', 'HEAD:refs/namespaces/x/refs/heads/main'],
  ['what belongs to another node', 'HEAD:refs/vigil/from/n-third/results/T-1/1'],
  ['what belongs to a node whose id begins alike', 'HEAD:refs/vigil/from/n-other2/results/T-1/1'],
] as const)('a push is refused: %s', async ([, refspec]) => {
  const { home, other, bare } = await pair();
  userGit(bare, 'update-ref', 'refs/vigil/from/n-third/kept', 'main');
  const before = userGit(bare, 'for-each-ref');
  const work = await worker(other, home);
  const at = other.to(home);
  await expect(git(work, at, 'push', at.url, `+${refspec}`)).rejects.toThrow(/hidden ref/);
  expect(userGit(bare, 'for-each-ref')).toBe(before);
});

test.for(['refs/heads/main', 'refs/vigil/integration', 'refs/vigil/from/n-third/kept'])(
  'a removal is refused, whatever the client knows: %s',
  async (ref) => {
    const { home, bare } = await pair();
    userGit(bare, 'update-ref', 'refs/vigil/from/n-third/kept', 'main');
    const before = userGit(bare, 'for-each-ref');
    const head = userGit(bare, 'rev-parse', 'main');
    const command = `${head} ${'0'.repeat(40)} ${ref}\0 report-status delete-refs`;
    const { status, text } = await ask(home, {
      method: 'POST',
      path: '/git/app/git-receive-pack',
      headers: { 'content-type': 'application/x-git-receive-pack-request' },
      body: Buffer.from(`${packetLine(command)}0000`),
    });
    expect(status).toBe(200);
    expect(text).toContain(`ng ${ref} deny deleting a hidden ref`);
    expect(userGit(bare, 'for-each-ref')).toBe(before);
  },
);

test('what is allowed goes in when it comes along with what is not', async () => {
  const { home, other, bare } = await pair();
  const work = await worker(other, home);
  const at = other.to(home);
  await expect(
    git(work, at, 'push', at.url, 'HEAD:refs/heads/evil', 'HEAD:refs/vigil/from/n-other/ok'),
  ).rejects.toThrow(/hidden ref/);
  expect(
    userGit(bare, 'for-each-ref', '--format=%(refname)', 'refs/heads', 'refs/vigil/from'),
  ).toBe('refs/heads/main\nrefs/vigil/from/n-other/ok');
});

test('neither hooks nor settings of the repository or the user are heeded where they would run something', async () => {
  const { home, other, bare } = await pair();
  const trace = path.join(temporaryFolder(), 'ran');
  mkdirSync(path.join(bare, 'hooks'), { recursive: true });
  const hooks = ['pre-receive', 'update', 'post-receive', 'post-update', 'reference-transaction'];
  for (const hook of hooks)
    writeFileSync(path.join(bare, 'hooks', hook), `#!/bin/sh\ntouch ${trace}\n`, { mode: 0o755 });
  const work = await worker(other, home);
  const at = other.to(home);
  await git(work, at, 'push', '--quiet', at.url, 'HEAD:refs/vigil/from/n-other/x');
  expect(userGit(bare, 'rev-parse', 'refs/vigil/from/n-other/x')).not.toBe('');
  expect(existsSync(trace)).toBe(false);
});

test('objects that git would choke on are not taken in', async () => {
  const { home, other, bare } = await pair();
  const work = await worker(other, home);
  const blob = userGit(work, 'rev-parse', 'HEAD:a.txt');
  const evil = execFileSync('git', ['mktree'], {
    cwd: work,
    input: `100644 blob ${blob}\t.git\n`,
    encoding: 'utf8',
  }).trim();
  const commit = userGit(work, 'commit-tree', evil, '-p', 'HEAD', '-m', 'Evil');
  const at = other.to(home);
  await expect(
    git(work, at, 'push', at.url, `${commit}:refs/vigil/from/n-other/x`),
  ).rejects.toThrow(/hasDotgit/);
  expect(userGit(bare, 'for-each-ref', 'refs/vigil/from')).toBe('');
  expect(
    readdirSync(path.join(bare, 'objects')).filter((name) => /tmp|incoming/.test(name)),
  ).toEqual([]);
});

test('a push larger than allowed is refused in words', async () => {
  const home = await gitNode('n-home', [], { limits: { maxReceiveBytes: 64 * 1024 } });
  home.repository = served().bare;
  const other = await gitNode('n-other', [home]);
  const work = await worker(other, home);
  commitFiles(work, { 'big.bin': randomBytes(100 * 1024).toString('base64') }, 'Big');
  const at = other.to(home);
  await expect(git(work, at, 'push', at.url, 'HEAD:refs/vigil/from/n-other/x')).rejects.toThrow(
    /exceeds maximum allowed size/,
  );
});

/** A line as git frames it: its length in four hex digits, then the line. */
function packetLine(line: string): string {
  return (line.length + 4).toString(16).padStart(4, '0') + line;
}

/** A raw request to a node's server, as from a peer. */
function ask(
  node: GitNode,
  options: { method?: string; path: string; headers?: Record<string, string>; body?: Buffer },
): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const asked = request(
      {
        host: '127.0.0.1',
        port: node.port,
        method: options.method ?? 'GET',
        path: options.path,
        headers: { 'x-test-peer': 'n-other', ...options.headers },
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString() }),
        );
        response.on('error', reject);
      },
    );
    asked.on('error', reject);
    asked.end(options.body);
  });
}

test.for([
  '/git/app/HEAD',
  '/git/app/objects/info/packs',
  '/git/app/info/refs',
  '/git/app/info/refs?service=git-upload-archive',
  '/git/app/info/refs?service=git-upload-pack&x=1',
  '/git/../app/info/refs?service=git-upload-pack',
  '/git/app%2f..%2fapp/info/refs?service=git-upload-pack',
  '/git/other/info/refs?service=git-upload-pack',
])('%s is not found', async (asked) => {
  const { home } = await pair();
  expect((await ask(home, { path: asked })).status).toBe(404);
});

test('a compressed request is understood, as git sends large ones', async () => {
  const { home, bare } = await pair();
  const head = userGit(bare, 'rev-parse', 'main');
  const lines = [`command=fetch`, null, `no-progress`, `want ${head}\n`, `done\n`];
  const body = lines.map((line) => (line === null ? '0001' : packetLine(line))).join('');
  const { status, text } = await ask(home, {
    method: 'POST',
    path: '/git/app/git-upload-pack',
    headers: {
      'content-type': 'application/x-git-upload-pack-request',
      'content-encoding': 'gzip',
      'git-protocol': 'version=2',
    },
    body: gzipSync(Buffer.from(`${body}0000`)),
  });
  expect(status).toBe(200);
  expect(text).toContain('PACK');
});

/** Processes of git that work in a repository. */
function backendsIn(repository: string): number {
  return readdirSync('/proc').filter((pid) => {
    try {
      return /^\d+$/.test(pid) && readlinkSync(`/proc/${pid}/cwd`) === repository;
    } catch {
      return false;
    }
  }).length;
}

/** A request to push that is never finished. */
function halfPush(home: GitNode): ReturnType<typeof request> {
  const asked = request({
    host: '127.0.0.1',
    port: home.port,
    method: 'POST',
    path: `/git/${app}/git-receive-pack`,
    headers: {
      'x-test-peer': 'n-other',
      'content-type': 'application/x-git-receive-pack-request',
    },
  });
  asked.on('error', () => undefined);
  asked.write('00');
  return asked;
}

test.runIf(process.platform === 'linux')(
  'backends end with the peer, in silence and with the server; more than may work at once wait',
  async () => {
    const home = await gitNode('n-home', [], { limits: { ofOnePeer: 2, waiting: 1 } });
    const { bare } = served();
    home.repository = bare;
    const first = halfPush(home);
    const second = halfPush(home);
    await vi.waitFor(() => expect(backendsIn(bare)).toBeGreaterThanOrEqual(2));
    const third = ask(home, { path: '/git/app/info/refs?service=git-upload-pack' });
    await vi.waitFor(async () => {
      const fourth = await ask(home, { path: '/git/app/info/refs?service=git-upload-pack' });
      expect(fourth.status).toBe(503);
    });
    first.destroy();
    expect((await third).status).toBe(200);
    second.destroy();
    await vi.waitFor(() => expect(backendsIn(bare)).toBe(0));
    halfPush(home);
    await vi.waitFor(() => expect(backendsIn(bare)).toBeGreaterThan(0));
    await home.server.close();
    expect(backendsIn(bare)).toBe(0);
  },
);

test.runIf(process.platform === 'linux')('a peer that falls silent is hung up on', async () => {
  const home = await gitNode('n-home', [], { limits: { idleMs: 200 } });
  const { bare } = served();
  home.repository = bare;
  const asked = halfPush(home);
  const gone = new Promise<void>((resolve) => asked.once('close', resolve));
  await gone;
  await vi.waitFor(() => expect(backendsIn(bare)).toBe(0));
});

test.runIf(process.platform === 'linux')(
  'a peer that goes away without reading what it asked for leaves nothing behind',
  async () => {
    const home = await gitNode('n-home', [], { limits: { atOnce: 1 } });
    const { user, bare } = served();
    home.repository = bare;
    commitFiles(user, { 'big.txt': randomBytes(8_000_000).toString('hex') }, 'Big');
    userGit(bare, 'fetch', '--quiet', user, 'main:main');
    const head = userGit(bare, 'rev-parse', 'main');
    const lines = [`command=fetch`, null, `no-progress`, `want ${head}\n`, `done\n`];
    const asked = request({
      host: '127.0.0.1',
      port: home.port,
      method: 'POST',
      path: '/git/app/git-upload-pack',
      headers: {
        'x-test-peer': 'n-other',
        'content-type': 'application/x-git-upload-pack-request',
        'git-protocol': 'version=2',
      },
    });
    asked.on('error', () => undefined);
    asked.end(`${lines.map((line) => (line === null ? '0001' : packetLine(line))).join('')}0000`);
    // Nobody reads it.
    asked.once('response', () => undefined);
    await vi.waitFor(() => expect(home.answers[0]?.writableNeedDrain).toBe(true), 20_000);
    asked.destroy();
    // The only place is free again.
    const next = await ask(home, { path: '/git/app/info/refs?service=git-upload-pack' });
    expect(next.status).toBe(200);
    await vi.waitFor(() => expect(backendsIn(bare)).toBe(0));
  },
);

test.runIf(process.platform === 'linux')(
  'a peer may send all of what git no longer wants, and hears why afterwards',
  async () => {
    const { home, bare } = await pair();
    const asked = halfPush(home);
    let ended = false;
    const answer = new Promise<string>((resolve, reject) => {
      asked.once('error', reject);
      asked.once('response', (response) => {
        let text = '';
        response.on('data', (chunk: Buffer) => (text += chunk.toString()));
        response.once('end', () => {
          ended = true;
          resolve(text);
        });
      });
    });
    await vi.waitFor(() => expect(backendsIn(bare)).toBeGreaterThan(0), 5000);
    // No length that a line of git could have: it gives up at once.
    asked.write('zz');
    await vi.waitFor(() => expect(backendsIn(bare)).toBe(0), 5000);
    for (let i = 0; i < 20; i++)
      await new Promise<void>((resolve, reject) => {
        asked.write(randomBytes(100_000), (error) => (error ? reject(error) : resolve()));
      });
    expect(ended).toBe(false);
    asked.end();
    await answer;
  },
);
