import { utimesSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { z } from 'zod';
import type { Input } from './crashWork.ts';
import { LocalNode, temporaryFolder } from './localNode.ts';
import { commitFiles, userGit, writeFiles } from '../../userGit.ts';
import { makeRepository, PASSING_TEST } from './userRepository.ts';

const INTEGRATION = 'refs/heads/vigil/integration';

/** A node with one project that has been looked at. */
async function working(
  files: Record<string, string> = {},
  testCommand = PASSING_TEST,
): Promise<{ node: LocalNode; user: string }> {
  const folder = temporaryFolder();
  const user = makeRepository(path.join(folder, 'app'), files, testCommand);
  const node = await LocalNode.start(temporaryFolder());
  await node.addProject(user);
  return { node, user };
}

/** A task that writes one file and, with `review`, waits for a human before it merges. */
function writes(file: string, text: string, more: Partial<Input> = {}): Input {
  return { title: `Write ${file}`, run: `echo ${text} > ${file}`, scope: [file], ...more };
}

const tree = (user: string, file: string): string =>
  userGit(user, 'show', `${INTEGRATION}:${file}`);
const trailers = (user: string): string[] =>
  userGit(user, 'log', '--format=%(trailers:key=Vigil-Task,valueonly)', INTEGRATION)
    .split('\n')
    .filter((row) => row !== '');

test('a result that conflicts with what merged before it is done again on top of that, and reviewed again', async () => {
  const { node, user } = await working();
  const first = await node.task(writes('a.txt', 'reviewed', { review: true }));
  const second = await node.task(writes('a.txt', 'quick'));
  expect([await node.status(first), await node.status(second)]).toEqual(['review', 'merged']);
  await node.approve(first);
  expect(await node.events('attempt.failed')).toMatchObject([
    { task: first, attempt: 1, failure: { reason: expect.stringContaining('a.txt') as unknown } },
  ]);
  await node.later();
  expect((await node.review(first)).attempt).toBe(2);
  expect(tree(user, 'a.txt')).toBe('quick');
  await node.approve(first);
  expect(await node.status(first)).toBe('merged');
  expect(tree(user, 'a.txt')).toBe('reviewed');
  expect(trailers(user)).toEqual([first, second]);
});

test('a result that others overtook is moved onto their work, verified again there, and merged', async () => {
  const { node, user } = await working();
  const first = await node.task(writes('b.txt', 'mine', { review: true }));
  const second = await node.task(writes('c.txt', 'theirs'));
  await node.approve(first);
  const [, merge] = await node.events('merge.done');
  const theirs = (await node.events('merge.done'))[0]?.['commit'];
  expect(merge).toMatchObject({ task: first, rebased: true, parent: theirs });
  const verified = (await node.events('attempt.verified')).filter(({ task }) => task === first);
  expect(verified).toHaveLength(2);
  expect([tree(user, 'b.txt'), tree(user, 'c.txt')]).toEqual(['mine', 'theirs']);
  expect(trailers(user)).toEqual([first, second]);
});

test('two results that are each fine and together break the tests: the second does not merge', async () => {
  const together = `printf 'TAP version 13\\n1..1\\n'; if test -e b.txt && test -e c.txt; then printf 'not ok 1 - works\\n'; exit 1; fi; printf 'ok 1 - works\\n'`;
  const { node, user } = await working({}, together);
  const first = await node.task(writes('b.txt', 'mine', { review: true, maxAttempts: 1 }));
  const second = await node.task(writes('c.txt', 'theirs'));
  await node.approve(first);
  expect(await node.status(first)).toBe('failed');
  expect(await node.events('attempt.failed')).toMatchObject([
    { task: first, failure: { reason: expect.stringContaining('test') as unknown } },
  ]);
  expect(trailers(user)).toEqual([second]);
});

test('what the user commits meanwhile is brought into the integrated tree, tested, and the user’s files are left alone', async () => {
  const { node, user } = await working();
  await node.task(writes('b.txt', 'vigil'));
  const theirs = commitFiles(user, { 'mine.txt': 'by hand\n' });
  writeFiles(user, { 'draft.txt': 'not committed\n' });
  await node.later();
  expect([tree(user, 'b.txt'), tree(user, 'mine.txt')]).toEqual(['vigil', 'by hand']);
  expect((await node.events('integration.synced')).at(-1)).toMatchObject({
    target: theirs,
    commit: userGit(user, 'rev-parse', INTEGRATION),
  });
  expect(userGit(user, 'rev-parse', 'main')).toBe(theirs);
  expect(userGit(user, 'status', '--porcelain')).toBe('?? draft.txt');
});

test('commits of the user that conflict with the integrated tree park the project until the user has merged them', async () => {
  const { node, user } = await working();
  await node.task(writes('a.txt', 'vigil'));
  commitFiles(user, { 'a.txt': 'by hand\n' });
  await node.later();
  const { trouble } = await node.project();
  expect(trouble?.reason).toContain('a.txt');
  expect(trouble?.help).toContain('git merge vigil/integration');
  // What the help says, with a hand in between.
  userGit(user, 'switch', '--quiet', '-c', 'merge-vigil', 'main');
  expect(() => userGit(user, 'merge', 'vigil/integration')).toThrow();
  commitFiles(user, { 'a.txt': 'both\n' }, 'Merge');
  userGit(user, 'switch', '--quiet', 'main');
  userGit(user, 'merge', '--quiet', 'merge-vigil');
  await node.later();
  expect((await node.project()).trouble).toBeNull();
  expect(tree(user, 'a.txt')).toBe('both');
});

test('a commit that the user puts on the integration branch by hand is kept, and work goes on from it', async () => {
  const { node, user } = await working();
  await node.task(writes('b.txt', 'first'));
  userGit(user, 'switch', '--quiet', 'vigil/integration');
  commitFiles(user, { 'hand.txt': 'by hand\n' });
  userGit(user, 'switch', '--quiet', 'main');
  const next = await node.task(writes('c.txt', 'second'));
  expect(await node.status(next)).toBe('merged');
  expect(['b.txt', 'hand.txt', 'c.txt'].map((file) => tree(user, file))).toEqual([
    'first',
    'by hand',
    'second',
  ]);
});

test('an integration branch that the user wound back stays wound back: what was taken out is not merged again', async () => {
  const { node, user } = await working();
  const gone = await node.task(writes('b.txt', 'first'));
  userGit(user, 'update-ref', INTEGRATION, 'main');
  const next = await node.task(writes('c.txt', 'second'));
  await node.later();
  expect([await node.status(gone), await node.status(next)]).toEqual(['merged', 'merged']);
  expect(userGit(user, 'ls-tree', '--name-only', INTEGRATION).split('\n')).toEqual([
    'a.txt',
    'c.txt',
    'vigil.yaml',
  ]);
  expect(trailers(user)).toEqual([next]);
});

test('while the user has the integration branch checked out nothing merges; afterwards what waited does', async () => {
  const { node, user } = await working();
  userGit(user, 'switch', '--quiet', 'vigil/integration');
  const waiting = await node.task(writes('b.txt', 'waits'));
  expect(await node.status(waiting)).toBe('merging');
  expect((await node.project()).trouble?.help).toContain('switch main');
  expect(userGit(user, 'status', '--porcelain')).toBe('');
  userGit(user, 'switch', '--quiet', 'main');
  await node.later();
  expect(await node.status(waiting)).toBe('merged');
  expect((await node.project()).trouble).toBeNull();
  expect(trailers(user)).toEqual([waiting]);
});

test('a task that is cancelled while it merges is merged or cancelled, in git as in the log', async () => {
  const { node, user } = await working();
  const id = await node.task(writes('b.txt', 'late', { review: true }));
  const approval = node.approve(id);
  const cancel = node.call('POST', `/v1/tasks/${id}/cancel`, z.unknown(), { reason: 'too late' });
  await Promise.allSettled([approval, cancel]);
  await node.idle();
  expect(trailers(user)).toEqual((await node.status(id)) === 'merged' ? [id] : []);
});

test('promote refuses to touch files that are not committed, says what to do, and works once they are', async () => {
  const { node, user } = await working();
  await node.task(writes('a.txt', 'vigil'));
  const before = userGit(user, 'rev-parse', 'main');
  writeFiles(user, { 'a.txt': 'not committed\n' });
  const promote = () =>
    node.call('POST', '/v1/projects/app/promote', z.object({ commits: z.number() }));
  await expect(promote()).rejects.toMatchObject({
    answer: { error: { code: 'conflict', help: expect.stringContaining('stash') as unknown } },
  });
  expect(userGit(user, 'rev-parse', 'main')).toBe(before);
  expect(userGit(user, 'diff', '--name-only')).toBe('a.txt');
  userGit(user, 'checkout', '--', 'a.txt');
  expect(await promote()).toEqual({ commits: 1 });
  expect(userGit(user, 'rev-parse', 'main')).toBe(userGit(user, 'rev-parse', INTEGRATION));
  expect(userGit(user, 'status', '--porcelain')).toBe('');
  expect(await node.events('integration.promoted')).toHaveLength(1);
});

test('a lock that a crash left on the integration branch is removed once it is old, and the merge goes on', async () => {
  const { node, user } = await working();
  const lock = path.join(user, '.git', `${INTEGRATION}.lock`);
  writeFiles(path.dirname(lock), { [path.basename(lock)]: '' });
  const id = await node.task(writes('b.txt', 'waits'));
  expect(await node.status(id)).toBe('merging');
  expect((await node.project()).trouble?.reason).toContain('.lock');
  utimesSync(lock, 0, 0);
  await node.later();
  await node.later();
  expect(await node.status(id)).toBe('merged');
});
