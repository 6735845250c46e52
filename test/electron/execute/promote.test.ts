import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { advanceIntegration, integrate } from '../../../electron/execute/repository/integrate.ts';
import { commitsAhead, promote, syncTarget } from '../../../electron/execute/repository/promote.ts';
import { taskId } from '../../../shared/model/ids.ts';
import { commitFiles, userGit, writeFiles } from '../../userGit.ts';
import { attempt, creator, openProject, userRepository, type Setting } from './repository.ts';

async function merged(user?: string): Promise<Setting> {
  const project = await openProject(user);
  const { commit } = await attempt(project, 1, { 'a.txt': 'better\n' });
  await integrate({ clone: project.clone, task: taskId(1), attempt: 1, creator, commit });
  return project;
}

test('promote moves the checked-out target and its files, and keeps unrelated local changes', async () => {
  const { user, clone } = await merged();
  writeFiles(user, { 'b.txt': 'mine\n' });
  expect(await commitsAhead(clone)).toBe(1);
  expect(await promote(clone)).toMatchObject({ to: await clone.integrationHead(), commits: 1 });
  expect(userGit(user, 'rev-parse', 'main')).toBe(await clone.integrationHead());
  expect(readFileSync(path.join(user, 'a.txt'), 'utf8')).toBe('better\n');
  expect(userGit(user, 'status', '--porcelain')).toBe(' M b.txt');
  expect(await promote(clone)).toMatchObject({ commits: 0 });
});

test('promote moves a target that is checked out nowhere', async () => {
  const { user, clone } = await merged();
  userGit(user, 'switch', '--quiet', '--create', 'elsewhere');
  await promote(clone);
  expect(userGit(user, 'rev-parse', 'main')).toBe(await clone.integrationHead());
  expect(userGit(user, 'status', '--porcelain')).toBe('');
});

test('promote leaves local changes that are in the way alone and says so', async () => {
  const { user, clone } = await merged();
  writeFiles(user, { 'a.txt': 'mine\n' });
  const before = userGit(user, 'rev-parse', 'main');
  await expect(promote(clone)).rejects.toMatchObject({
    code: 'conflict',
    help: expect.stringContaining('stash') as unknown,
  });
  expect(userGit(user, 'rev-parse', 'main')).toBe(before);
  expect(readFileSync(path.join(user, 'a.txt'), 'utf8')).toBe('mine\n');
});

test('promote refuses what is no fast-forward', async () => {
  const { user, clone } = await merged();
  commitFiles(user, { 'c.txt': 'mine\n' });
  await expect(promote(clone)).rejects.toMatchObject({
    code: 'conflict',
    help: expect.stringContaining('git merge vigil/integration') as unknown,
  });
});

test('an integrated tree without work of its own follows the target', async () => {
  const { user, clone } = await openProject();
  expect(await syncTarget(clone)).toEqual({ kind: 'current' });
  const head = commitFiles(user, { 'c.txt': 'mine\n' });
  expect(await syncTarget(clone)).toEqual({ kind: 'forwarded', commit: head });
  expect(await clone.integrationHead()).toBe(head);
});

test('where both moved, a merge is proposed, and after it is put in place promote fast-forwards', async () => {
  const { user, clone } = await merged();
  const onto = await clone.integrationHead();
  commitFiles(user, { 'c.txt': 'mine\n' });
  const result = await syncTarget(clone);
  if (result.kind !== 'candidate') throw new Error(result.kind);
  expect(result.onto).toBe(onto);
  expect(await clone.integrationHead()).toBe(onto);
  expect(
    await advanceIntegration(clone, { from: onto, to: result.commit, why: 'follow main' }),
  ).toEqual({ kind: 'advanced' });
  await promote(clone);
  expect([
    readFileSync(path.join(user, 'a.txt'), 'utf8'),
    readFileSync(path.join(user, 'c.txt'), 'utf8'),
  ]).toEqual(['better\n', 'mine\n']);
});

test('a target that contradicts the integrated tree is a conflict with its files', async () => {
  const { user, clone } = await merged(userRepository());
  commitFiles(user, { 'a.txt': 'mine\n' });
  expect(await syncTarget(clone)).toEqual({ kind: 'conflict', files: ['a.txt'] });
  expect(await syncTarget(clone)).toEqual({ kind: 'conflict', files: ['a.txt'] });
});
