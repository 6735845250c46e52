import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { INTEGRATION_REF, ProjectClone } from '../../../electron/execute/repository/clone.ts';
import {
  advanceIntegration,
  integrate,
  rebase,
} from '../../../electron/execute/repository/integrate.ts';
import { findMerged, highestTaskNumber } from '../../../electron/execute/repository/trailers.ts';
import { CommitId, taskId } from '../../../shared/model/ids.ts';
import { commitFiles, userGit, writeFiles } from '../../userGit.ts';
import { attempt, creator, openProject, temporaryFolder, userRepository } from './repository.ts';

const one = { task: taskId(1), attempt: 1, creator };
const two = { task: taskId(2), attempt: 1, creator };

test('a merged attempt moves only the integration branch of the user', async () => {
  const user = userRepository();
  userGit(user, 'branch', 'other');
  writeFiles(user, {
    'a.txt': 'changed, not committed\n',
    'new.txt': 'untracked\n',
    'b.txt': 'staged\n',
  });
  userGit(user, 'add', 'b.txt');
  writeFiles(path.join(user, '.git', 'hooks'), {
    'reference-transaction': '#!/bin/sh\ntouch "$GIT_DIR/hook-ran"\n',
  });
  const look = (): unknown => [
    userGit(user, 'status', '--porcelain=v2', '--branch'),
    userGit(user, 'symbolic-ref', 'HEAD'),
    userGit(user, 'for-each-ref')
      .split('\n')
      .filter((row) => !row.endsWith(INTEGRATION_REF)),
    readFileSync(path.join(user, 'a.txt'), 'utf8'),
    existsSync(path.join(user, '.git', 'FETCH_HEAD')),
    readFileSync(path.join(user, '.git', 'config'), 'utf8'),
    userGit(user, 'worktree', 'list'),
  ];
  const before = look();
  const index = readFileSync(path.join(user, '.git', 'index'));
  const project = await openProject(user);
  const base = await project.clone.integrationHead();
  const { workspace, commit } = await attempt(project, 1, { 'a.txt': 'better\n' });
  expect(await integrate({ clone: project.clone, ...one, commit })).toEqual({
    kind: 'merged',
    commit,
    parent: base,
  });
  await project.pool.release(workspace);
  expect(readFileSync(path.join(user, '.git', 'index'))).toEqual(index);
  expect(look()).toEqual(before);
  expect(existsSync(path.join(user, '.git', 'hook-ran'))).toBe(false);
  expect(userGit(user, 'show', `${INTEGRATION_REF}:a.txt`)).toBe('better');
  expect(userGit(user, 'log', '-1', '--format=%an <%ae>%n%B', INTEGRATION_REF)).toBe(
    'Vigil <vigil@localhost>\nTask 1\n\nVigil-Task: T-1\nVigil-Attempt: 1\nVigil-Node: node-a',
  );
  userGit(user, 'fsck', '--strict');
});

test('an attempt whose base is no longer the head is not merged', async () => {
  const project = await openProject();
  const first = await attempt(project, 1, { 'a.txt': 'first\n' });
  const second = await attempt(project, 2, { 'b.txt': 'second\n' });
  await integrate({ clone: project.clone, ...one, commit: first.commit });
  expect(await integrate({ clone: project.clone, ...two, commit: second.commit })).toEqual({
    kind: 'moved',
    head: first.commit,
  });
  expect(await project.clone.integrationHead()).toBe(first.commit);
});

test('of two integrations at once exactly one wins', async () => {
  const project = await openProject();
  const first = await attempt(project, 1, { 'a.txt': 'first\n' });
  const second = await attempt(project, 2, { 'b.txt': 'second\n' });
  const results = await Promise.all([
    integrate({ clone: project.clone, ...one, commit: first.commit }),
    integrate({ clone: project.clone, ...two, commit: second.commit }),
  ]);
  expect(results.map(({ kind }) => kind).sort()).toEqual(['merged', 'moved']);
});

test('a head that the user moved meanwhile is seen', async () => {
  const project = await openProject();
  const { commit } = await attempt(project, 1, { 'a.txt': 'first\n' });
  const head = CommitId.parse(commitFiles(project.user, { 'c.txt': 'three\n' }));
  userGit(project.user, 'update-ref', INTEGRATION_REF, head);
  expect(await integrate({ clone: project.clone, ...one, commit })).toEqual({
    kind: 'moved',
    head,
  });
});

test('a task is never merged twice, also by a node that knows nothing of the first time', async () => {
  const project = await openProject();
  const { commit } = await attempt(project, 1, { 'a.txt': 'first\n' });
  await integrate({ clone: project.clone, ...one, commit });
  const fresh = await openProject(project.user, temporaryFolder());
  const again = await attempt(fresh, 1, { 'a.txt': 'again\n' });
  expect(await integrate({ clone: fresh.clone, ...one, commit: again.commit })).toEqual({
    kind: 'already',
    commit,
  });
  expect(await findMerged(fresh.clone, taskId(1), creator)).toBe(commit);
  expect(await findMerged(fresh.clone, taskId(2), creator)).toBeNull();
  expect(await highestTaskNumber(fresh.clone)).toBe(1);
});

test('a merge that the user wound back counts as not merged', async () => {
  const project = await openProject();
  const { commit } = await attempt(project, 7, { 'a.txt': 'first\n' });
  await integrate({ clone: project.clone, task: taskId(7), attempt: 1, creator, commit });
  expect(await highestTaskNumber(project.clone)).toBe(7);
  userGit(project.user, 'update-ref', INTEGRATION_REF, 'main');
  expect(await findMerged(project.clone, taskId(7), creator)).toBeNull();
  expect(await highestTaskNumber(project.clone)).toBe(0);
});

test('while the user has the integration branch checked out, nothing moves and the help says what to do', async () => {
  const project = await openProject();
  const { commit } = await attempt(project, 1, { 'a.txt': 'first\n' });
  userGit(project.user, 'switch', '--quiet', 'vigil/integration');
  const result = await integrate({ clone: project.clone, ...one, commit });
  expect(result).toMatchObject({
    kind: 'blocked',
    help: expect.stringContaining('switch main') as unknown,
  });
  expect(userGit(project.user, 'status', '--porcelain')).toBe('');
});

test('a rebased attempt carries its trailers and merges', async () => {
  const project = await openProject();
  const first = await attempt(project, 1, { 'a.txt': 'first\n' });
  const second = await attempt(project, 2, { 'b.txt': 'second\n' });
  await integrate({ clone: project.clone, ...one, commit: first.commit });
  const rebased = await rebase({
    workspace: second.workspace,
    commit: second.commit,
    onto: first.commit,
  });
  if (rebased.kind !== 'clean') throw new Error(rebased.kind);
  expect(readFileSync(path.join(second.workspace.path, 'a.txt'), 'utf8')).toBe('first\n');
  expect(await integrate({ clone: project.clone, ...two, commit: rebased.commit })).toEqual({
    kind: 'merged',
    commit: rebased.commit,
    parent: first.commit,
  });
  expect(await findMerged(project.clone, taskId(2), creator)).toBe(rebased.commit);
});

test('a conflict names its files and leaves the workspace at the attempt', async () => {
  const project = await openProject();
  const first = await attempt(project, 1, { 'a.txt': 'first\n' });
  const second = await attempt(project, 2, { 'a.txt': 'second\n' });
  await integrate({ clone: project.clone, ...one, commit: first.commit });
  expect(
    await rebase({ workspace: second.workspace, commit: second.commit, onto: first.commit }),
  ).toEqual({ kind: 'conflict', files: ['a.txt'] });
  expect(readFileSync(path.join(second.workspace.path, 'a.txt'), 'utf8')).toBe('second\n');
  expect(userGit(second.workspace.path, 'status', '--porcelain')).toBe('');
});

test('an attempt that others have merged in substance leaves nothing to merge', async () => {
  const project = await openProject();
  const first = await attempt(project, 1, { 'a.txt': 'same\n' });
  const second = await attempt(project, 2, { 'a.txt': 'same\n' });
  await integrate({ clone: project.clone, ...one, commit: first.commit });
  expect(
    await rebase({ workspace: second.workspace, commit: second.commit, onto: first.commit }),
  ).toEqual({ kind: 'empty' });
});

test('a lock in the user’s repository is an error, not a merge, and is left alone', async () => {
  const project = await openProject();
  const { commit } = await attempt(project, 1, { 'a.txt': 'first\n' });
  const lock = path.join(project.user, '.git', `${INTEGRATION_REF}.lock`);
  writeFiles(path.dirname(lock), { [path.basename(lock)]: '' });
  await expect(
    advanceIntegration(project.clone, {
      from: await project.clone.integrationHead(),
      to: commit,
      why: 'test',
    }),
  ).rejects.toMatchObject({ code: 'git-failed' });
  await ProjectClone.open(project.home, project.clone.project);
  expect(existsSync(lock)).toBe(true);
});
