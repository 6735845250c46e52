import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { expect, onTestFinished, test } from 'vitest';
import { adoptResult } from '../../../../electron/execute/repository/adoptResult.ts';
import {
  checkpoint,
  checkpointRef,
  continueFrom,
} from '../../../../electron/execute/repository/checkpoint.ts';
import { attemptRef } from '../../../../electron/execute/repository/commit.ts';
import { integrate } from '../../../../electron/execute/repository/integrate.ts';
import { fetchWork, pushWork } from '../../../../electron/execute/repository/moveWork.ts';
import { newestCheckpoint } from '../../../../electron/execute/repository/newestCheckpoint.ts';
import { pruneWork } from '../../../../electron/execute/repository/pruneWork.ts';
import { parseSentRef, sentRef } from '../../../../electron/execute/repository/sentWork.ts';
import { CommitId, NodeId, taskId } from '../../../../shared/model/ids.ts';
import { commitFiles, userGit, writeFiles } from '../../../userGit.ts';
import { cuttingRoute, gitNode, type Routes } from '../../mesh/git/nodes.ts';
import { attempt, creator, temporaryFolder } from '../repository.ts';
import { awayNode, homeNode, result, type Site } from './overMesh.ts';

/** What a node wrote for a task so far, kept and not yet sent. */
async function workInProgress(
  site: Site,
  { task = 1, number = 1, text }: { task?: number; number?: number; text: string },
): Promise<CommitId> {
  const base = await site.clone.integrationHead();
  const workspace = await site.pool.take({ task: taskId(task), attempt: number, base });
  writeFiles(workspace.path, { 'progress.txt': text });
  const commit = await checkpoint(workspace);
  await site.pool.release(workspace);
  if (commit === null) throw new Error('nothing was written');
  return commit;
}

test('a result made elsewhere merges at home as if it had been made there', async () => {
  const home = await homeNode();
  const away = await awayNode('n-away', home);
  const { commit } = await attempt(away, 1, { 'c.txt': 'three\n' });
  const work = result(away, 1, commit);
  const mine = { ...work, creator };
  await expect(adoptResult(home.clone, mine)).rejects.toMatchObject({ code: 'not-found' });
  await pushWork(away.clone, away.to(home), work);
  // Sent twice, adopted twice: as once.
  await pushWork(away.clone, away.to(home), work);
  await adoptResult(home.clone, mine);
  await adoptResult(home.clone, mine);
  expect(userGit(home.clone.repository, 'rev-parse', attemptRef(taskId(1), 1))).toBe(commit);
  expect(await integrate({ clone: home.clone, ...mine })).toMatchObject({ kind: 'merged', commit });
  expect(await integrate({ clone: home.clone, ...mine })).toMatchObject({ kind: 'already' });
  expect(userGit(home.user, 'show', 'vigil/integration:c.txt')).toBe('three');
});

test('a push carries what the receiver lacks and no more', async () => {
  const home = await homeNode();
  commitFiles(home.user, { 'big.txt': randomBytes(400_000).toString('base64') }, 'Big');
  await home.clone.fetch();
  const away = await awayNode('n-away', home);
  await away.clone.fetch();
  const base = await away.clone.targetHead();
  const { commit } = await attempt(away, 1, { 'c.txt': 'three\n' }, base);
  let bytes = 0;
  home.counted((size) => (bytes += size));
  await pushWork(away.clone, away.to(home), result(away, 1, commit));
  expect(bytes).toBeGreaterThan(0);
  expect(bytes).toBeLessThan(20_000);
});

test('with the home out of reach, a result waits at another node, and the home fetches it from there', async () => {
  const home = await homeNode();
  const friend = await awayNode('n-friend', home);
  const routes: Routes = new Map([]);
  const away = await awayNode('n-away', home, { others: [friend], routes });
  routes.set(home.id, 1);
  const { commit } = await attempt(away, 1, { 'c.txt': 'three\n' });
  const work = result(away, 1, commit);
  await expect(pushWork(away.clone, away.to(home), work)).rejects.toMatchObject({
    code: 'node-unreachable',
  });
  await pushWork(away.clone, away.to(friend), work);
  const asHome = await gitNode('n-home', [friend]);
  await fetchWork(home.clone, asHome.to(friend), work);
  await adoptResult(home.clone, { ...work, creator });
  const absent = result(away, 2, CommitId.parse('1'.repeat(40)));
  await expect(fetchWork(home.clone, asHome.to(friend), absent)).rejects.toMatchObject({
    code: 'not-found',
  });
});

test('a result that is not what it should be is not adopted', async () => {
  const home = await homeNode();
  const away = await awayNode('n-away', home);
  const { workspace, commit } = await attempt(away, 1, { 'c.txt': 'three\n' });
  const tree = userGit(workspace.path, 'rev-parse', `${commit}^{tree}`);
  const base = workspace.base;
  const made = (message: string, ...parents: string[]): CommitId =>
    CommitId.parse(
      userGit(
        workspace.path,
        'commit-tree',
        tree,
        ...parents.flatMap((parent) => ['-p', parent]),
        '-m',
        message,
      ),
    );
  const trailers = (text: string): string => `Work\n\n${text}`;
  const right = 'Vigil-Task: T-1\nVigil-Attempt: 1\nVigil-Node: node-a';
  const stray = made(trailers('Nothing: here'), base);
  const cases: [string, CommitId, RegExp][] = [
    ['another task', made(trailers(right.replace('T-1', 'T-2')), base), /names other work/],
    ['another attempt', made(trailers(right.replace(': 1', ': 2')), base), /names other work/],
    ['another creator', made(trailers(right.replace('node-a', 'n-x')), base), /names other work/],
    ['two tasks', made(trailers(`${right}\nVigil-Task: T-2`), base), /names other work/],
    ['no trailers', stray, /names other work/],
    ['a base that nobody knows', made(trailers(right), stray), /does not have/],
    ['no base', made(trailers(right)), /0 parents/],
    ['two bases', made(trailers(right), base, stray), /2 parents/],
  ];
  for (const [what, wrong, why] of cases) {
    const work = result(away, 1, wrong);
    await pushWork(away.clone, away.to(home), work);
    await expect(adoptResult(home.clone, { ...work, creator }), what).rejects.toMatchObject({
      code: 'invalid-input',
      message: expect.stringMatching(why) as unknown,
    });
    // Another commit than the one that was announced.
    await expect(adoptResult(home.clone, { ...work, commit, creator }), what).rejects.toMatchObject(
      { code: 'not-found' },
    );
  }
  expect(userGit(home.clone.repository, 'for-each-ref', 'refs/vigil/attempts')).toBe('');
});

test('another node goes on from the newest work in progress, whoever made it', async () => {
  const home = await homeNode();
  const away = await awayNode('n-away', home);
  const third = await awayNode('n-third', home);
  const task = taskId(1);
  expect(await newestCheckpoint(home.clone, task)).toBeNull();
  const send = async (site: Site, number: number, text: string): Promise<CommitId> => {
    const commit = await workInProgress(site, { number, text });
    const node = site.id;
    await pushWork(site.clone, site.to(home), {
      kind: 'checkpoint',
      node,
      task,
      attempt: number,
      commit,
    });
    return commit;
  };
  const own = await workInProgress(home, { number: 1, text: 'own\n' });
  expect(await newestCheckpoint(home.clone, task)).toEqual({ commit: own, attempt: 1, node: null });
  await send(away, 2, 'half\n');
  const later = await send(away, 2, 'more\n');
  expect(await newestCheckpoint(home.clone, task)).toEqual({
    commit: later,
    attempt: 2,
    node: away.id,
  });
  const last = await send(third, 3, 'almost\n');
  expect((await newestCheckpoint(home.clone, task))?.commit).toBe(last);
  // Announced as of an attempt that it is not of.
  const lie = { kind: 'checkpoint', node: away.id, task, attempt: 9, commit: later } as const;
  await pushWork(away.clone, away.to(home), lie);
  expect((await newestCheckpoint(home.clone, task))?.commit).toBe(last);

  const base = await home.clone.integrationHead();
  const workspace = await home.pool.take({ task, attempt: 4, base });
  expect(await continueFrom(workspace, last)).toBe(true);
  expect(userGit(workspace.path, 'status', '--porcelain')).toContain('progress.txt');
  expect(userGit(home.clone.repository, 'rev-parse', checkpointRef(task))).toBe(own);
});

test('what was sent for tasks that have ended goes, and with it what nobody should have sent', async () => {
  const home = await homeNode();
  const away = await awayNode('n-away', home);
  for (const number of [1, 2]) {
    const { commit } = await attempt(away, number, { [`${number}.txt`]: 'x\n' });
    await pushWork(away.clone, away.to(home), result(away, number, commit));
    await adoptResult(home.clone, { ...result(away, number, commit), creator });
  }
  userGit(home.clone.repository, 'update-ref', 'refs/vigil/from/n-away/odd', 'refs/vigil/target');
  expect(await pruneWork(home.clone, (task) => task === 'T-2')).toBe(2);
  const left = userGit(home.clone.repository, 'for-each-ref', '--format=%(refname)', 'refs/vigil');
  expect(left.split('\n')).toEqual([
    'refs/vigil/attempts/T-1/1',
    'refs/vigil/attempts/T-2/1',
    'refs/vigil/from/n-away/results/T-2/1',
    'refs/vigil/integration',
    'refs/vigil/target',
  ]);
  expect(await pruneWork(home.clone, () => true)).toBe(0);
});

test('the name of a ref says what it holds, and nothing else is taken for one', () => {
  const node = NodeId.parse('n-away');
  for (const kind of ['result', 'checkpoint'] as const) {
    const work = { kind, node, task: taskId(12), attempt: 3 };
    expect(parseSentRef(sentRef(work))).toEqual(work);
  }
  for (const ref of ['', 'refs/vigil/from/n-away/results/T-0/1', 'refs/vigil/from/A/results/T-1/1'])
    expect(parseSentRef(ref)).toBeNull();
});

test('two nodes push at once', async () => {
  const home = await homeNode();
  const nodes = await Promise.all(['n-a', 'n-b', 'n-c'].map((name) => awayNode(name, home)));
  await Promise.all(
    nodes.map(async (site, i) => {
      for (const number of [1, 2, 3]) {
        const task = i * 10 + number;
        const { commit } = await attempt(site, task, { [`${task}.txt`]: 'x\n' });
        await pushWork(site.clone, site.to(home), result(site, task, commit));
        await adoptResult(home.clone, { ...result(site, task, commit), creator });
      }
    }),
  );
  const refs = userGit(home.clone.repository, 'for-each-ref', 'refs/vigil/attempts');
  expect(refs.split('\n')).toHaveLength(9);
  userGit(home.clone.repository, 'fsck', '--full', '--strict');
});

test('a push that is cut leaves the receiver sound, and is made good by the next one', async () => {
  const home = await homeNode();
  const routes: Routes = new Map();
  const away = await awayNode('n-away', home, { routes });
  const { commit } = await attempt(away, 1, { 'big.txt': randomBytes(1_500_000).toString('hex') });
  const way = await cuttingRoute(home.port, { after: 600_000, on: 'push' });
  routes.set(home.id, way.port);
  const work = result(away, 1, commit);
  await expect(pushWork(away.clone, away.to(home), work)).rejects.toMatchObject({
    code: 'node-unreachable',
  });
  expect(way.cuts()).toBe(1);
  expect(userGit(home.clone.repository, 'for-each-ref', 'refs/vigil/from')).toBe('');
  await pushWork(away.clone, away.to(home), work);
  await adoptResult(home.clone, { ...work, creator });
  userGit(home.clone.repository, 'fsck', '--full', '--strict');
});

test('a result that is too large, and a ref that is not ours, are refused with what to do', async () => {
  const home = await homeNode(undefined, { maxReceiveBytes: 100_000 });
  const away = await awayNode('n-away', home);
  const { commit } = await attempt(away, 1, { 'big.txt': randomBytes(3_000_000).toString('hex') });
  const work = result(away, 1, commit);
  await expect(pushWork(away.clone, away.to(home), work)).rejects.toMatchObject({
    code: 'too-large',
    message: expect.stringContaining('exceeds maximum allowed size') as unknown,
  });
  const small = await attempt(away, 2, { 'c.txt': 'x\n' });
  const foreign = { ...result(away, 2, small.commit), node: NodeId.parse('n-third') };
  await expect(pushWork(away.clone, away.to(home), foreign)).rejects.toMatchObject({
    code: 'unauthorized',
  });
});

/** Whether the user may mount a disk: only root may. */
const mayMount = process.platform === 'linux' && process.getuid?.() === 0;

test.runIf(mayMount)("a receiver's full disk is said to be the receiver's", async () => {
  const folder = temporaryFolder();
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', folder]);
  onTestFinished(() => void execFileSync('umount', ['-l', folder]));
  const home = await homeNode();
  const away = await awayNode('n-away', home);
  // The home's clone lies on a small disk.
  userGit(folder, 'clone', '--quiet', '--bare', home.clone.repository, 'repo.git');
  home.repository = `${folder}/repo.git`;
  const { commit } = await attempt(away, 1, { 'big.txt': randomBytes(2_000_000).toString('hex') });
  await expect(pushWork(away.clone, away.to(home), result(away, 1, commit))).rejects.toMatchObject({
    code: 'peer-disk-full',
    message: 'The disk of the other node is full.',
  });
});
