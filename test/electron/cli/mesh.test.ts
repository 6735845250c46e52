import { spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ApiError } from '../../../shared/model/api.ts';
import {
  DrainView,
  InvitationView,
  JoinedView,
  LeftView,
  NodeView,
  NodesView,
  RevokedView,
} from '../../../shared/model/meshApi.ts';
import { allLinked, atEnd } from '../mesh/helpers.ts';
import { MeshNode } from '../node/api/meshNode.ts';
import { makeRepository } from '../node/userRepository.ts';
import { cleanEnvironment, collect, Home, printed, ROOT, type Result } from './vigil.ts';

const MAIN = join(ROOT, 'electron/cli/main.ts');

/** A command on the home of a node, with what it reads on standard input. */
function vigil(node: MeshNode, args: readonly string[], input = ''): Promise<Result> {
  const child = spawn(process.execPath, [MAIN, ...args], {
    env: { ...cleanEnvironment(), VIGIL_HOME: node.home },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  child.stdin.end(input);
  return collect(child);
}

/** The same on a terminal, at which a person types. */
function vigilTyped(node: MeshNode, args: readonly string[], typed: string): Promise<Result> {
  const command = [process.execPath, MAIN, ...args].map((part) => `'${part}'`).join(' ');
  const child = spawn('script', ['-qec', command, '/dev/null'], {
    env: { ...cleanEnvironment(), VIGIL_HOME: node.home, TERM: 'dumb' },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  // Asked first: what comes before the question would be read by nobody.
  child.stdout.on('data', (text: Buffer) => {
    if (text.includes('[y/N]')) child.stdin.write(`${typed}\n`);
  });
  return collect(child);
}

async function start(id: string): Promise<MeshNode> {
  const node = await MeshNode.start(id);
  await node.announce();
  return node;
}

async function pair(): Promise<{ studio: MeshNode; laptop: MeshNode }> {
  const [studio, laptop] = await Promise.all([start('studio'), start('laptop')]);
  const { line } = await studio.call('POST', '/v1/mesh/invitations', InvitationView);
  await laptop.call('POST', '/v1/mesh/join', JoinedView, { line });
  await allLinked(studio.links, laptop.links);
  return { studio, laptop };
}

const parsed = ({ stdout, stderr }: Result): unknown => {
  expect(stderr).toBe('');
  return JSON.parse(stdout);
};

test('an invitation is one line that can be piped into `join -`, also after it was wrapped', async () => {
  const [studio, laptop] = await Promise.all([start('studio'), start('laptop')]);
  const invited = await vigil(studio, ['invite']);
  expect(invited.code).toBe(0);
  expect(invited.stdout).toMatch(/^vigil1\.[\w-]+\.[\w-]+\n$/);
  expect(invited.stderr).toMatch(/one machine.*within 10 min[\s\S]*vigil join LINE/);

  const wrapped = invited.stdout.replace(/(.{50})/g, '$1\r\n  ');
  const joined = await vigil(laptop, ['join', '-'], wrapped);
  expect(joined).toMatchObject({ code: 0, stderr: '' });
  expect(joined.stdout).toContain('Joined as laptop, let in by machine of studio');

  const again = InvitationView.parse(parsed(await vigil(studio, ['invite', '--json'])));
  const refused = await vigil(laptop, ['join', again.line, '--json']);
  expect(refused).toMatchObject({ code: 1, stdout: '' });
  expect(ApiError.parse(JSON.parse(refused.stderr)).error.code).toBe('already-member');
});

test('`join` answers with JSON, and takes a line in pieces', async () => {
  const [studio, laptop] = await Promise.all([start('studio'), start('laptop')]);
  const { line } = await studio.call('POST', '/v1/mesh/invitations', InvitationView);
  // In front of a letter: a piece that begins with a dash would be taken for an option.
  const at = 40 + line.slice(40).search(/\w/);
  const joined = await vigil(laptop, ['join', line.slice(0, at), line.slice(at), '--json']);
  expect(JoinedView.parse(parsed(joined))).toEqual({
    node: 'laptop',
    inviter: 'machine of studio',
  });
});

test('nodes are shown with who leads and why, one of them in full, and in the status', async () => {
  const { studio } = await pair();
  studio.ledger.record(
    { type: 'mesh.entered', name: 'studio', slot: 0, floor: 0, inviter: null },
    { type: 'leader.changed', leader: studio.ledger.store.node, term: 3, reason: 'it is the best' },
  );
  const [table, one, json, oneJson, status] = await Promise.all([
    vigil(studio, ['nodes']),
    vigil(studio, ['nodes', 'machine of laptop']),
    vigil(studio, ['nodes', '--json']),
    vigil(studio, ['nodes', 'laptop', '--json']),
    vigil(studio, ['status']),
  ]);
  expect(table.stdout).toMatch(/studio +machine of studio \(here\) +ready, leads/);
  expect(table.stdout).toMatch(/laptop +machine of laptop +ready/);
  expect(table.stdout).toContain(
    '\n\nmachine of studio (studio) leads in term 3: it is the best.\n',
  );
  expect(one.stdout).toMatch(/^laptop {2}ready\n[\s\S]*name +machine of laptop/);
  expect(NodesView.parse(parsed(json)).nodes).toHaveLength(2);
  expect(NodeView.parse(parsed(oneJson)).id).toBe('laptop');
  expect(status.stdout).toMatch(/mesh +2 of 2 nodes up, this one leads\n/);
});

test('drain and undrain are for this node when none is named', async () => {
  const node = await start('studio');
  const drained = await vigil(node, ['drain']);
  expect(drained.stdout).toContain('machine of studio (studio) finishes what runs');
  expect((await vigil(node, ['status'])).stdout).toContain('This node is drained');
  const view = DrainView.parse(parsed(await vigil(node, ['undrain', 'STUDIO', '--json'])));
  expect(view).toEqual({ node: 'studio', name: 'machine of studio', draining: false });
});

test('a revocation says what it does, and is done only after a yes', async () => {
  const { studio, laptop } = await pair();
  const isMember = () => studio.links.mesh.members.get(laptop.ledger.store.node)?.revoked === null;
  const [silent, no] = await Promise.all([
    vigil(studio, ['revoke', 'laptop']),
    vigilTyped(studio, ['revoke', 'laptop'], 'n'),
  ]);
  expect(silent).toMatchObject({ code: 2, stdout: '' });
  expect(silent.stderr).toContain('--yes');
  expect(no.stdout).toMatch(/machine of laptop \(laptop\) will be out for good[\s\S]*are lost/);
  expect(no.code).toBe(2);
  expect(isMember()).toBe(true);
  const yes = await vigilTyped(studio, ['revoke', 'laptop', '--json'], 'y');
  expect(yes.code).toBe(0);
  expect(yes.stdout).toContain('"revoked": "laptop"');
  expect(isMember()).toBe(false);
});

test('revoke and leave take --yes, and answer with JSON', async () => {
  const { studio, laptop } = await pair();
  const left = await vigil(laptop, ['leave', '--yes', '--json']);
  expect(LeftView.parse(parsed(left))).toEqual({ left: 'laptop' });
  const again = await start('third');
  const { line } = await studio.call('POST', '/v1/mesh/invitations', InvitationView);
  await again.call('POST', '/v1/mesh/join', JoinedView, { line });
  const revoked = await vigil(studio, ['revoke', 'machine of third', '--yes', '--json']);
  expect(RevokedView.parse(parsed(revoked))).toEqual({
    revoked: 'third',
    name: 'machine of third',
  });
});

test('on a fresh machine `join` alone starts a node, joins and stays; Ctrl-C ends it', async () => {
  const [first, second] = await Promise.all([Home.create(), Home.create()]);
  atEnd(() => Promise.all([first.remove(), second.remove()]));
  const config = 'mesh: { listen: 127.0.0.1, port: 0, mdns: false, tailscale: false }\n';
  for (const { folder } of [first, second]) await writeFile(join(folder, 'config.yaml'), config);
  await printed(first.start(['up', '--port', '0']), /Ctrl-C stops the node/);
  await first.vigil('pause');
  await first.vigil('project', 'add', makeRepository(join(first.folder, 'app')));
  const file = join(first.folder, 'task.yaml');
  await writeFile(file, 'title: Added before\nrun: echo\nscope: [a.txt]\n');
  await first.vigil('task', 'add', '-f', file);
  const invited = InvitationView.parse(parsed(await first.vigil('invite', '--json')));
  const node = second.start(['join', invited.line, '--port', '0']);
  await printed(node, /Joined as n-/);
  const { nodes } = NodesView.parse(parsed(await second.vigil('nodes', '--json')));
  expect(nodes).toHaveLength(2);
  const cancelled = printed(node, /T-1 Added before is cancelled: not now/);
  await first.vigil('task', 'cancel', 'T-1', '--reason', 'not now');
  await cancelled;
  const ended = collect(node);
  node.kill('SIGINT');
  expect(await ended).toMatchObject({ code: 0, stderr: '' });
});

test('without a running node, commands say how to start one, and a bad line starts none', async () => {
  const home = await Home.create();
  atEnd(() => home.remove());
  const [nodes, invite, drain, damaged] = await Promise.all([
    home.vigil('nodes'),
    home.vigil('invite'),
    home.vigil('drain'),
    home.vigil('join', 'vigil1.abc'),
  ]);
  expect(nodes).toMatchObject({ code: 0, stderr: '' });
  expect(nodes.stdout).toContain('vigil up');
  for (const result of [invite, drain]) {
    expect(result).toMatchObject({ code: 1, stdout: '' });
    expect(result.stderr).toContain('vigil up');
  }
  expect(damaged).toMatchObject({ code: 1, stdout: '' });
  expect(damaged.stderr).toContain('Copy the whole line');
});
