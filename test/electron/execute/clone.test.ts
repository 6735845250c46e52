import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { ProjectClone } from '../../../electron/execute/repository/clone.ts';
import { taskId } from '../../../shared/model/ids.ts';
import { commitFiles, userGit } from '../../userGit.ts';
import { openProject, projectAt, temporaryFolder, userRepository } from './repository.ts';

test('the integration branch starts at the target and survives reopening', async () => {
  const { user, home, clone } = await openProject();
  expect(await clone.integrationHead()).toBe(userGit(user, 'rev-parse', 'main'));
  const before = await clone.integrationHead();
  commitFiles(user, { 'c.txt': 'three\n' });
  const again = await ProjectClone.open(home, projectAt(user));
  expect(await again.integrationHead()).toBe(before);
  expect(await again.targetHead()).toBe(userGit(user, 'rev-parse', 'main'));
});

test('a clone that was cut off, and locks and worktrees of a crash, are cleaned on opening', async () => {
  const user = userRepository();
  const home = temporaryFolder();
  const folder = path.join(home, 'projects', 'app');
  mkdirSync(path.join(folder, 'repo.git.tmp', 'objects'), { recursive: true });
  writeFileSync(path.join(folder, 'repo.git.tmp', 'HEAD'), 'ref: ref');
  const first = await openProject(user, home);
  const base = await first.clone.integrationHead();
  const left = await first.pool.take({ task: taskId(1), attempt: 1, base });
  await first.pool.warm();
  for (const name of [
    'packed-refs.lock',
    'HEAD.lock',
    'config.lock',
    `worktrees/${path.basename(left.path)}/index.lock`,
    'refs/vigil/integration.lock',
    'refs/vigil/target.lock',
  ]) {
    writeFileSync(path.join(first.clone.repository, name), '');
  }
  mkdirSync(path.join(first.clone.workFolder, 'T-2.1'));
  // A worktree whose making was cut off before its head was written: a fetch of git's would stumble over it.
  const half = path.join(first.clone.repository, 'worktrees', 'half');
  mkdirSync(half);
  writeFileSync(path.join(half, 'HEAD'), `${'0'.repeat(40)}\n`);
  writeFileSync(
    path.join(half, 'gitdir'),
    `${path.join(first.clone.workFolder, 'half', '.git')}\n`,
  );
  writeFileSync(path.join(half, 'commondir'), '../..\n');
  writeFileSync(path.join(half, 'locked'), 'initializing\n');
  commitFiles(user, { 'c.txt': 'three\n' });
  const again = await openProject(user, home);
  await again.pool.close();
  expect(readdirSync(again.clone.workFolder)).toEqual([]);
  const workspace = await again.pool.take({ task: taskId(1), attempt: 1, base });
  expect(existsSync(path.join(workspace.path, 'a.txt'))).toBe(true);
});

test('a bare repository works', async () => {
  const bare = path.join(temporaryFolder(), 'app.git');
  userGit(path.dirname(bare), 'clone', '--quiet', '--bare', userRepository(), bare);
  const { clone } = await openProject(bare);
  expect(await clone.integrationHead()).toBe(userGit(bare, 'rev-parse', 'main'));
});

test('a shallow repository works', async () => {
  const origin = userRepository();
  commitFiles(origin, { 'a.txt': 'more\n' });
  const shallow = path.join(temporaryFolder(), 'shallow');
  userGit(path.dirname(shallow), 'clone', '--quiet', '--depth=1', `file://${origin}`, shallow);
  const { clone } = await openProject(shallow);
  expect(await clone.integrationHead()).toBe(userGit(shallow, 'rev-parse', 'main'));
});

test('a branch named vigil, and a target that is gone, are named with what to do', async () => {
  const user = userRepository();
  userGit(user, 'branch', 'vigil');
  await expect(ProjectClone.open(temporaryFolder(), projectAt(user))).rejects.toMatchObject({
    code: 'conflict',
    help: expect.stringContaining('git branch -m') as unknown,
  });
  const { clone } = await openProject();
  userGit(clone.userRepository, 'branch', '-m', 'main', 'trunk');
  await expect(clone.fetch()).rejects.toMatchObject({ code: 'not-found' });
});
