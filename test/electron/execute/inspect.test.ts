import { closeSync, ftruncateSync, mkdirSync, openSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { inspectRepository } from '../../../electron/execute/repository/inspect.ts';
import { commitFiles, userGit, writeFiles } from '../../userGit.ts';
import { temporaryFolder, userRepository } from './repository.ts';

test('a repository tells its branch, head and dirt, and is not changed by looking', async () => {
  const user = userRepository();
  const head = userGit(user, 'rev-parse', 'HEAD');
  expect(await inspectRepository(user)).toEqual({
    root: user,
    remote: null,
    bare: false,
    target: 'main',
    head,
    dirty: false,
    submodules: [],
    hugeFiles: [],
    notes: [],
  });
  writeFiles(user, { 'untracked.txt': 'x' });
  expect(await inspectRepository(user)).toMatchObject({
    dirty: true,
    notes: [expect.stringContaining('uncommitted changes')],
  });
});

test('a folder inside a repository stands for the whole, and says so', async () => {
  const user = userRepository({ 'packages/a/x.txt': 'x' });
  expect(await inspectRepository(path.join(user, 'packages', 'a'))).toMatchObject({
    root: user,
    notes: [expect.stringContaining('lies inside')],
  });
  expect(await inspectRepository(path.join(user, '.git'))).toMatchObject({ root: user });
});

test('a bare repository is one', async () => {
  const bare = path.join(temporaryFolder(), 'app.git');
  userGit(path.dirname(bare), 'clone', '--quiet', '--bare', userRepository(), bare);
  expect(await inspectRepository(bare)).toMatchObject({
    root: bare,
    bare: true,
    target: 'main',
    dirty: false,
  });
});

test('submodules and huge files are noted', async () => {
  const user = userRepository();
  userGit(
    user,
    '-c',
    'protocol.file.allow=always',
    'submodule',
    '--quiet',
    'add',
    userRepository(),
    'vendor/lib',
  );
  const huge = openSync(path.join(user, 'huge.bin'), 'w');
  ftruncateSync(huge, 21 * 1024 * 1024);
  closeSync(huge);
  commitFiles(user, {}, 'Grow');
  expect(await inspectRepository(user)).toMatchObject({
    submodules: ['vendor/lib'],
    hugeFiles: [{ path: 'huge.bin', bytes: 21 * 1024 * 1024 }],
  });
});

test('what is no usable repository says why and what to do', async () => {
  const folder = temporaryFolder();
  await expect(inspectRepository(path.join(folder, 'missing'))).rejects.toMatchObject({
    code: 'not-found',
  });
  await expect(inspectRepository(folder)).rejects.toMatchObject({
    code: 'not-a-repository',
    help: expect.stringContaining('git init') as unknown,
  });
  writeFiles(folder, { file: 'x' });
  await expect(inspectRepository(path.join(folder, 'file'))).rejects.toMatchObject({
    code: 'not-a-repository',
  });
  const empty = path.join(folder, 'empty');
  mkdirSync(empty);
  userGit(empty, 'init', '--quiet');
  await expect(inspectRepository(empty)).rejects.toMatchObject({
    code: 'empty-repository',
    help: expect.stringContaining('git commit') as unknown,
  });
});

test('a detached head needs a target, and a target has to exist', async () => {
  const user = userRepository();
  userGit(user, 'switch', '--quiet', '--detach');
  await expect(inspectRepository(user)).rejects.toMatchObject({
    code: 'invalid-input',
    help: expect.stringContaining('git switch') as unknown,
  });
  expect(await inspectRepository(user, { target: 'main' })).toMatchObject({ target: 'main' });
  await expect(inspectRepository(user, { target: 'nope' })).rejects.toMatchObject({
    code: 'invalid-input',
    help: expect.stringContaining('main') as unknown,
  });
  userGit(user, 'switch', '--quiet', '--create', 'vigil/integration');
  await expect(inspectRepository(user)).rejects.toMatchObject({ code: 'conflict' });
});
