import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { ProjectClone } from '../../../../electron/execute/repository/clone.ts';
import { git } from '../../../../electron/execute/repository/git.ts';
import { integrate } from '../../../../electron/execute/repository/integrate.ts';
import {
  commitsAhead,
  promote,
  syncTarget,
} from '../../../../electron/execute/repository/promote.ts';
import { takeHome } from '../../../../electron/execute/repository/takeHome.ts';
import { findMerged } from '../../../../electron/execute/repository/trailers.ts';
import { taskId } from '../../../../shared/model/ids.ts';
import { commitFiles, userGit } from '../../../userGit.ts';
import { cuttingRoute, type Routes } from '../../mesh/git/nodes.ts';
import { attempt, creator, projectAt, temporaryFolder, userRepository } from '../repository.ts';
import { awayNode, homeNode } from './overMesh.ts';

/** A repository with so many bytes that can't be compressed. */
function largeRepository(bytes: number): string {
  const user = userRepository();
  for (let i = 0; i < 4; i++)
    writeFileSync(path.join(user, `blob${i}.bin`), randomBytes(Math.ceil(bytes / 4)));
  userGit(user, 'add', '--all');
  userGit(user, 'commit', '--quiet', '--message', 'Large files');
  return user;
}

test('a node away from home works from a clone of its own and sees what merges at home', async () => {
  const home = await homeNode();
  const away = await awayNode('n-away', home);
  expect(away.clone.isHome).toBe(false);
  const base = await home.clone.integrationHead();
  expect(await away.clone.integrationHead()).toBe(base);
  expect(await away.clone.targetHead()).toBe(await home.clone.targetHead());

  const { commit } = await attempt(home, 1, { 'c.txt': 'three\n' });
  const identity = { task: taskId(1), attempt: 1, creator };
  expect(await integrate({ clone: home.clone, ...identity, commit })).toMatchObject({
    kind: 'merged',
  });
  // What it fetched last, until it fetches again.
  expect(await away.clone.integrationHead()).toBe(base);
  expect(await away.clone.fetch()).toEqual({ target: base, integration: commit });
  expect(await away.clone.integrationHead()).toBe(commit);
  expect(await findMerged(away.clone, taskId(1), creator)).toBe(commit);
  expect(await commitsAhead(away.clone)).toBe(1);
  const workspace = await away.pool.take({ task: taskId(2), attempt: 1, base: commit });
  expect(readFileSync(path.join(workspace.path, 'c.txt'), 'utf8')).toBe('three\n');
  mkdirSync(path.join(workspace.path, 'node_modules'));
  writeFileSync(path.join(workspace.path, 'node_modules', 'x.js'), '');
  expect(userGit(workspace.path, 'status', '--porcelain')).toBe('');
});

test('away from home nothing merges, and that is said', async () => {
  const home = await homeNode();
  const away = await awayNode('n-away', home);
  const { commit } = await attempt(away, 1, { 'c.txt': 'three\n' });
  const task = { task: taskId(1), attempt: 1, creator };
  for (const act of [
    () => integrate({ clone: away.clone, ...task, commit }),
    () => promote(away.clone),
    () => syncTarget(away.clone),
    () => ProjectClone.open(temporaryFolder(), away.clone.project),
  ])
    await expect(act()).rejects.toMatchObject({ code: 'not-home' });
  expect(await home.clone.integrationHead()).not.toBe(commit);
});

test('a clone opens while the home is away, with what it knew last; a first one can not be made', async () => {
  const home = await homeNode();
  const routes: Routes = new Map();
  const folder = temporaryFolder();
  const away = await awayNode('n-away', home, { folder });
  const known = await away.clone.integrationHead();
  routes.set(home.id, 1);
  const again = await awayNode('n-away', home, { folder, routes });
  expect(await again.clone.integrationHead()).toBe(known);
  await expect(again.clone.fetch()).rejects.toMatchObject({ code: 'node-unreachable' });
  await expect(awayNode('n-new', home, { routes })).rejects.toMatchObject({
    code: 'node-unreachable',
    message: expect.stringContaining("node n-home can't be reached") as unknown,
  });
  home.repository = null;
  await expect(awayNode('n-new', home)).rejects.toMatchObject({ code: 'not-found' });
});

test('no message of git tells the token', async () => {
  const home = await homeNode();
  const routes: Routes = new Map([[home.id, 1]]);
  const failed: unknown = await awayNode('n-away', home, { routes }).catch(
    (error: unknown) => error,
  );
  expect(String(failed)).toContain('127.0.0.1');
  expect(JSON.stringify(failed, Object.getOwnPropertyNames(failed))).not.toContain('Bearer');
});

test.for([100_000, 1_500_000])(
  'a first fetch that is cut after %i bytes is made good by the next one',
  async (after) => {
    const home = await homeNode(largeRepository(3_000_000));
    const way = await cuttingRoute(home.port, { after, on: 'fetch' });
    const routes: Routes = new Map([[home.id, way.port]]);
    const folder = temporaryFolder();
    await expect(awayNode('n-away', home, { folder, routes })).rejects.toMatchObject({
      code: 'node-unreachable',
    });
    expect(way.cuts()).toBe(1);
    const away = await awayNode('n-away', home, { folder, routes });
    userGit(away.clone.repository, 'fsck', '--full', '--strict');
    expect(await away.clone.integrationHead()).toBe(await home.clone.integrationHead());
  },
);

test('a fetch of something new that is cut leaves the clone sound, and the next one brings it', async () => {
  const home = await homeNode();
  const routes: Routes = new Map();
  const away = await awayNode('n-away', home, { routes });
  const before = await away.clone.integrationHead();
  commitFiles(home.user, { 'big.txt': randomBytes(600_000).toString('base64') }, 'Big');
  await home.clone.fetch();
  const way = await cuttingRoute(home.port, { after: 300_000, on: 'fetch' });
  routes.set(home.id, way.port);
  await expect(away.clone.fetch()).rejects.toMatchObject({ code: 'node-unreachable' });
  userGit(away.clone.repository, 'fsck', '--full');
  expect(await away.clone.integrationHead()).toBe(before);
  expect((await away.clone.fetch()).target).toBe(userGit(home.user, 'rev-parse', 'main'));
  userGit(away.clone.repository, 'fsck', '--full', '--strict');
});

test('what a crash left half-received is gone after the next opening', async () => {
  const home = await homeNode();
  const objects = path.join(home.clone.repository, 'objects');
  const left = [
    path.join(objects, 'tmp_objdir-incoming-x'),
    path.join(objects, 'pack', 'tmp_pack_x'),
  ];
  mkdirSync(path.join(left[0] ?? '', 'pack'), { recursive: true });
  writeFileSync(left[1] ?? '', 'half');
  await ProjectClone.open(home.home, projectAt(home.user));
  expect(left.filter((file) => existsSync(file))).toEqual([]);
  userGit(home.clone.repository, 'fsck', '--full');
});

test('a shallow repository and one of sha256 travel as they are', async () => {
  const deep = userRepository();
  commitFiles(deep, { 'c.txt': 'three\n' }, 'More');
  const shallow = path.join(temporaryFolder(), 'shallow');
  userGit(deep, 'clone', '--quiet', '--depth=1', `file://${deep}`, shallow);
  const home = await homeNode(shallow);
  const away = await awayNode('n-away', home);
  expect(userGit(away.clone.repository, 'rev-list', '--count', 'refs/vigil/integration')).toBe('1');

  const long = path.join(temporaryFolder(), 'long');
  mkdirSync(long);
  userGit(long, 'init', '--quiet', '--object-format=sha256', '--initial-branch=main');
  commitFiles(long, { 'a.txt': 'one\n' }, 'Start');
  const longHome = await homeNode(long);
  const longAway = await awayNode('n-long', longHome);
  expect(await longAway.clone.integrationHead()).toHaveLength(64);
});

test('the settings of the user of a machine do not get in between', async () => {
  const folder = temporaryFolder();
  const config = path.join(folder, '.gitconfig');
  writeFileSync(config, '[http]\n\tproxy = http://127.0.0.1:1\n\textraHeader = "Secret: x"\n');
  const before = { HOME: process.env['HOME'], http_proxy: process.env['http_proxy'] };
  process.env['HOME'] = folder;
  process.env['http_proxy'] = 'http://127.0.0.1:1';
  onTestFinished(() => {
    for (const [name, value] of Object.entries(before)) {
      if (value === undefined) Reflect.deleteProperty(process.env, name);
      else process.env[name] = value;
    }
  });
  expect((await git(folder, ['config', '--global', 'http.proxy'])).stdout).toContain('127.0.0.1:1');
  const home = await homeNode();
  const away = await awayNode('n-away', home);
  expect(await away.clone.integrationHead()).toBe(await home.clone.integrationHead());
});

test('another repository of the user becomes the home, with all that had merged and was fetched', async () => {
  const home = await homeNode();
  const folder = temporaryFolder();
  const away = await awayNode('n-away', home, { folder });
  const copy = path.join(temporaryFolder(), 'copy');
  userGit(home.user, 'clone', '--quiet', home.user, copy);
  const { commit } = await attempt(home, 1, { 'c.txt': 'three\n' });
  const identity = { task: taskId(1), attempt: 1, creator };
  await integrate({ clone: home.clone, ...identity, commit });
  await away.clone.fetch();
  await takeHome(away.clone, copy);
  await takeHome(away.clone, copy);
  const clone = await ProjectClone.open(folder, projectAt(copy));
  expect(clone.isHome).toBe(true);
  expect(await clone.integrationHead()).toBe(commit);
  // The task that had merged at the old home does not merge again.
  expect(await integrate({ clone, ...identity, commit })).toEqual({ kind: 'already', commit });

  userGit(copy, 'branch', '--force', 'vigil/integration', 'main');
  userGit(copy, 'switch', '--quiet', 'vigil/integration');
  commitFiles(copy, { 'own.txt': 'x\n' }, 'Elsewhere');
  await expect(takeHome(away.clone, copy)).rejects.toMatchObject({ code: 'conflict' });
});
