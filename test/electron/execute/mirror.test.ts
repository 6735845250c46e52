import { expect, test } from 'vitest';
import { QUEUE_REF, QueueMirror } from '../../../electron/execute/repository/mirror.ts';
import { userGit } from '../../userGit.ts';
import { userRepository } from './repository.ts';

test('each batch is one commit that git can show and wind back', async () => {
  const user = userRepository();
  const before = [
    userGit(user, 'status', '--porcelain=v2', '--branch'),
    userGit(user, 'rev-parse', 'main'),
  ];
  const mirror = new QueueMirror(user);
  expect(await mirror.read()).toBeNull();
  await mirror.write(
    [
      { path: 'tasks/T-1.json', json: { status: 'open', title: 'Für alle' } },
      { path: 'tasks/T-2.json', json: { status: 'open' } },
    ],
    'Two tasks',
    4,
  );
  const commit = await mirror.write(
    [
      { path: 'tasks/T-1.json', json: { status: 'running', title: 'Für alle' } },
      { path: 'tasks/T-2.json', json: null },
    ],
    'T-1 started',
    9,
  );
  expect(userGit(user, 'rev-parse', QUEUE_REF)).toBe(commit);
  expect(userGit(user, 'log', '--format=%s', QUEUE_REF)).toBe('T-1 started\nTwo tasks');
  const diff = userGit(user, 'diff', `${QUEUE_REF}~`, QUEUE_REF, '--', 'tasks/T-1.json');
  expect(diff).toContain('-  "status": "open",\n+  "status": "running",\n   "title": "Für alle"');
  expect(await mirror.read()).toEqual({
    commit,
    seq: 9,
    files: [{ path: 'tasks/T-1.json', json: { status: 'running', title: 'Für alle' } }],
  });
  expect([
    userGit(user, 'status', '--porcelain=v2', '--branch'),
    userGit(user, 'rev-parse', 'main'),
  ]).toEqual(before);
  userGit(user, 'update-ref', QUEUE_REF, `${QUEUE_REF}~`);
  expect(await mirror.read()).toMatchObject({ seq: 4 });
  userGit(user, 'fsck', '--strict');
});

test('batches that come at once are written in their order', async () => {
  const user = userRepository();
  const mirror = new QueueMirror(user);
  await Promise.all(
    [1, 2, 3, 4].map((seq) =>
      mirror.write([{ path: 'queue.json', json: { seq } }], `Batch ${seq}`, seq),
    ),
  );
  expect(userGit(user, 'log', '--format=%s', '--reverse', QUEUE_REF)).toBe(
    'Batch 1\nBatch 2\nBatch 3\nBatch 4',
  );
});

test('a full rewrite drops what is no longer there, also after the ref was moved or removed', async () => {
  const user = userRepository();
  const mirror = new QueueMirror(user);
  await mirror.write([{ path: 'tasks/T-1.json', json: 1 }], 'One', 1);
  await mirror.write([{ path: 'queue.json', json: [] }], 'All', 2, { replace: true });
  expect((await mirror.read())?.files).toEqual([{ path: 'queue.json', json: [] }]);
  userGit(user, 'update-ref', '-d', QUEUE_REF);
  await mirror.write([{ path: 'queue.json', json: [1] }], 'Again', 3, { replace: true });
  expect(userGit(user, 'rev-list', '--count', QUEUE_REF)).toBe('1');
});

test('a path that would leave the tree is refused', async () => {
  const mirror = new QueueMirror(userRepository());
  await expect(mirror.write([{ path: '../x.json', json: 1 }], 'Bad', 1)).rejects.toMatchObject({
    code: 'internal',
  });
  await mirror.write([{ path: 'x.json', json: 1 }], 'Good', 2);
});
