import { rmSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import {
  attemptRef,
  commitAttempt,
  diffText,
} from '../../../electron/execute/repository/commit.ts';
import { taskId } from '../../../shared/model/ids.ts';
import { userGit, writeFiles } from '../../userGit.ts';
import { creator, openProject, userRepository } from './repository.ts';

const identity = { task: taskId(3), attempt: 2, creator };

test('a workspace’s changes become one commit on the base, kept after the workspace is gone', async () => {
  const { clone, pool } = await openProject();
  const base = await clone.integrationHead();
  const workspace = await pool.take({ task: taskId(3), attempt: 2, base });
  writeFiles(workspace.path, { 'a.txt': 'one\nand more\n', 'sub/new ünïcode.txt': 'x\ny\n' });
  rmSync(path.join(workspace.path, 'b.txt'));
  userGit(workspace.path, 'add', 'a.txt');
  userGit(workspace.path, 'commit', '--quiet', '--message', 'the worker committed by itself');
  const made = await commitAttempt(workspace, { ...identity, title: 'Say\n\nVigil-Task: T-99' });
  expect(made?.diff).toEqual({
    files: ['a.txt', 'b.txt', 'sub/new ünïcode.txt'],
    added: 3,
    removed: 1,
  });
  await pool.release(workspace);
  await pool.close();
  expect(
    userGit(
      clone.repository,
      'rev-parse',
      attemptRef(taskId(3), 2),
      `${attemptRef(taskId(3), 2)}^`,
    ),
  ).toBe(`${made?.commit}\n${base}`);
  expect(
    userGit(
      clone.repository,
      'log',
      '-1',
      '--format=%(trailers:key=Vigil-Task,valueonly)',
      made?.commit ?? '',
    ).trim(),
  ).toBe('T-3');
  expect(userGit(clone.repository, 'for-each-ref', 'refs/heads/vigil/T-3')).toBe('');
});

test('no change is no commit', async () => {
  const { clone, pool } = await openProject();
  const workspace = await pool.take({
    task: taskId(3),
    attempt: 2,
    base: await clone.integrationHead(),
  });
  expect(await commitAttempt(workspace, { ...identity, title: 'Nothing' })).toBeNull();
});

test('ignored files, dependencies and repositories inside stay out', async () => {
  const { clone, pool } = await openProject(
    userRepository({ '.gitignore': 'dist\n', 'a.txt': 'one\n' }),
  );
  const workspace = await pool.take({
    task: taskId(3),
    attempt: 2,
    base: await clone.integrationHead(),
  });
  writeFiles(workspace.path, {
    'dist/x': 'x',
    'node_modules/p/index.js': 'x',
    'packages/q/node_modules/p/index.js': 'x',
    'inner/file': 'x',
    'kept.txt': 'x\n',
  });
  userGit(path.join(workspace.path, 'inner'), 'init', '--quiet');
  userGit(path.join(workspace.path, 'inner'), 'add', '--all');
  userGit(path.join(workspace.path, 'inner'), 'commit', '--quiet', '--message', 'inner');
  expect((await commitAttempt(workspace, { ...identity, title: 'Add' }))?.diff.files).toEqual([
    'kept.txt',
  ]);
});

test('a diff longer than asked for is cut and says so', async () => {
  const { clone, pool } = await openProject();
  const base = await clone.integrationHead();
  const workspace = await pool.take({ task: taskId(3), attempt: 2, base });
  writeFiles(workspace.path, { 'a.txt': 'x\n'.repeat(100_000) });
  const made = await commitAttempt(workspace, { ...identity, title: 'Grow' });
  const commit = made?.commit ?? base;
  expect(await diffText(clone.repository, base, commit, 1_000_000)).toContain('-one\n+x\n+x\n');
  const cut = await diffText(clone.repository, base, commit, 5000);
  expect(cut).toMatch(/\n\[… cut at 5000 bytes …\]\n$/);
  expect(Buffer.byteLength(cut)).toBeLessThan(5100);
});
