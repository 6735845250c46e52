import { existsSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import {
  checkpoint,
  checkpointRef,
  continueFrom,
} from '../../../electron/execute/repository/checkpoint.ts';
import { commitAttempt } from '../../../electron/execute/repository/commit.ts';
import { restoreFiles, changesOf } from '../../../electron/execute/repository/workingTree.ts';
import { taskId } from '../../../shared/model/ids.ts';
import { userGit, writeFiles } from '../../userGit.ts';
import { creator, openProject } from './repository.ts';

const task = taskId(5);

test('work in progress is safe under a ref, and the worktree notices nothing', async () => {
  const { clone, pool } = await openProject();
  const base = await clone.integrationHead();
  const workspace = await pool.take({ task, attempt: 1, base });
  expect(await checkpoint(workspace)).toBeNull();
  writeFiles(workspace.path, { 'a.txt': 'half done\n', 'new/file.txt': 'x\n' });
  const before = userGit(workspace.path, 'status', '--porcelain=v2', '--untracked-files=all');
  const first = await checkpoint(workspace);
  expect(first).not.toBeNull();
  expect(await checkpoint(workspace)).toBeNull();
  expect(userGit(workspace.path, 'status', '--porcelain=v2', '--untracked-files=all')).toBe(before);
  expect(userGit(workspace.path, 'rev-parse', 'HEAD')).toBe(base);
  await pool.release(workspace);
  expect(userGit(clone.repository, 'rev-parse', checkpointRef(task))).toBe(first);

  const next = await pool.take({ task, attempt: 2, base });
  expect(first && (await continueFrom(next, first))).toBe(true);
  expect(readFileSync(path.join(next.path, 'a.txt'), 'utf8')).toBe('half done\n');
  expect(existsSync(path.join(next.path, 'new/file.txt'))).toBe(true);
  const made = await commitAttempt(next, { task, attempt: 2, creator, title: 'All of it' });
  expect(made?.diff.files).toEqual(['a.txt', 'new/file.txt']);
  expect(userGit(clone.repository, 'rev-parse', `${made?.commit}^`)).toBe(base);
  await pool.close();
});

test('work that no longer fits what merged meanwhile is not gone on with', async () => {
  const { clone, pool } = await openProject();
  const base = await clone.integrationHead();
  const first = await pool.take({ task, attempt: 1, base });
  writeFiles(first.path, { 'a.txt': 'ours\n' });
  const ours = await checkpoint(first);
  const other = await pool.take({ task: taskId(6), attempt: 1, base });
  writeFiles(other.path, { 'a.txt': 'theirs\n' });
  const theirs = await commitAttempt(other, {
    task: taskId(6),
    attempt: 1,
    creator,
    title: 'Theirs',
  });
  if (!ours || !theirs) throw new Error('nothing was committed');
  const next = await pool.take({ task, attempt: 2, base: theirs.commit });
  expect(await continueFrom(next, ours)).toBe(false);
  expect(userGit(next.path, 'status', '--porcelain')).toBe('');
  expect(readFileSync(path.join(next.path, 'a.txt'), 'utf8')).toBe('theirs\n');
  await pool.close();
});

test('files are put back as they were in a tree, whatever became of them', async () => {
  const { clone, pool } = await openProject();
  const base = await clone.integrationHead();
  const workspace = await pool.take({ task, attempt: 1, base });
  writeFiles(workspace.path, { 'test/a[1].test.txt': 'asks for it\n' });
  const { tree, files } = await changesOf(workspace);
  expect(files).toEqual(['test/a[1].test.txt']);
  writeFiles(workspace.path, { 'test/a[1].test.txt': 'asks for nothing\n', 'extra.txt': 'x\n' });
  rmSync(path.join(workspace.path, 'b.txt'));
  await restoreFiles(workspace, tree, ['test/a[1].test.txt', 'extra.txt', 'b.txt']);
  expect(readFileSync(path.join(workspace.path, 'test/a[1].test.txt'), 'utf8')).toBe(
    'asks for it\n',
  );
  expect(existsSync(path.join(workspace.path, 'extra.txt'))).toBe(false);
  expect(existsSync(path.join(workspace.path, 'b.txt'))).toBe(true);
  await pool.close();
});
