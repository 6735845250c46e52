import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { systemClock } from '../../../electron/node/clock.ts';
import { Containment } from '../../../electron/node/containment.ts';
import { Ledger } from '../../../electron/node/ledger.ts';
import { Projects } from '../../../electron/node/projects.ts';
import { EventStore } from '../../../electron/store/store.ts';
import { ProjectView } from '../../../shared/model/projectApi.ts';
import { NodeId } from '../../../shared/model/ids.ts';
import { commitFiles } from '../../userGit.ts';
import { LiveNode } from './liveNode.ts';
import { makeRepository } from './userRepository.ts';

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

test('a project that is added while another node can not be heard has an id that only this node gives', async () => {
  const home = mkdtempSync(join(tmpdir(), 'vigil-projects-'));
  const store = EventStore.open(home, NodeId.parse('n-abc123'));
  try {
    const ledger = Ledger.open(store, systemClock);
    const { world } = ledger;
    const projects = new Projects(
      ledger,
      home,
      new Containment(() => world.projects, home, 'agents'),
    );
    const peer = NodeId.parse('n-box');
    const none = { agent: 0, cheap: 0 };
    const told = { name: 'box', version: '1', concurrency: none, capabilities: [], choices: [] };
    const entered = { name: 'mac', slot: 0, floor: 0, inviter: null };
    await ledger.commit(
      { type: 'mesh.entered', ...entered },
      { type: 'peer.changed', peer, ...told, fitness: null, draining: false },
    );
    const [one, two] = ['one/app', 'two/app'].map((name) => makeRepository(join(home, name)));
    expect(await projects.add(one ?? '')).toBe('app');
    await ledger.commit({ type: 'peer.lost', peer, reason: 'silence' });
    expect(await projects.add(two ?? '')).toBe('app-abc123');
  } finally {
    store.close();
    rmSync(home, { recursive: true, force: true });
  }
});
