import { execFileSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { ProjectView } from '../../../shared/model/api.ts';
import { commitFiles } from '../../userGit.ts';
import { LiveNode } from './liveNode.ts';

const git = (cwd: string, ...args: string[]) =>
  execFileSync('git', args, { cwd, encoding: 'utf8' }).trim();

test('settings that are read anew hold from then on, and what runs is not disturbed', async () => {
  // The task waits for a file in the home, which the sandbox hides.
  const config = { sandbox: 'agents', limits: { cyclesPerDay: 0 } };
  const live = await LiveNode.start({ config });
  await live.until(() => live.of('baseline.recorded').length === 1);
  await live.add({
    title: 'slow',
    run: 'echo on; while [ ! -e ../../../../go ]; do sleep 0.05; done; echo 1 > slow.txt',
    scope: ['slow.txt'],
  });
  await live.until(() => live.of('attempt.started').length === 1);
  commitFiles(live.repository, { 'vigil.yaml': 'test: "test -e a.txt && echo tested"\n' });
  const view = await live.call('POST', '/v1/projects', ProjectView, { path: live.repository });
  expect(view.profile.test).toContain('tested');
  // The tests are others now, so what they say as things are is found out again.
  await live.until(() => live.of('baseline.recorded').length === 2);
  writeFileSync(join(live.home, 'go'), '');
  await live.until(() => live.of('merge.done').length === 1);
  expect(live.of('attempt.failed')).toEqual([]);
  expect(git(live.repository, 'show', 'vigil/integration:slow.txt')).toBe('1');
});

test('a project that is removed leaves the repository as it is, and nothing of it in the home', async () => {
  const live = await LiveNode.start({ config: { limits: { cyclesPerDay: 0 } } });
  await live.add({ title: 'one', run: 'echo 1 > one.txt', scope: ['one.txt'] });
  await live.until(() => live.of('merge.done').length === 1);
  await live.add({ title: 'never ends', run: 'sleep 600' });
  await live.until(() => live.of('attempt.started').length === 2);
  const { definition } = live.of('project.added')[0] ?? {};
  await live.call('DELETE', `/v1/projects/${definition?.id}`, z.unknown());
  expect(live.of('task.cancelled')).toHaveLength(1);
  await live.idle();
  expect(existsSync(join(live.home, 'projects', definition?.id ?? ''))).toBe(false);
  expect(git(live.repository, 'log', '--format=%s', '-1', 'vigil/integration')).toBe('one');
  expect((await live.status()).projects).toEqual([]);
});
