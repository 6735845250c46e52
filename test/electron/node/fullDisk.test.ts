import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { once } from 'node:events';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { ApiError } from '../../../shared/model/api.ts';
import { ProjectView } from '../../../shared/model/projectApi.ts';
import { StatusView } from '../../../shared/model/statusApi.ts';
import { TaskSummary } from '../../../shared/model/taskApi.ts';
import { userGit } from '../../userGit.ts';
import { makeRepository } from './userRepository.ts';
import { bundleVigil, VigilProcess, type Exit } from './vigilProcess.ts';

const Tasks = z.object({ tasks: z.array(TaskSummary) });
const INTEGRATION = 'refs/heads/vigil/integration';

let vigil: { entry: string; remove: () => void };
beforeAll(async () => {
  vigil = await bundleVigil();
});
afterAll(() => vigil.remove());

function temporaryFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'vigil-disk-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
  return folder;
}

/** A disk of so many megabytes, or null where the user may not mount one. */
function smallDisk(folder: string, megabytes: number): { grow: () => void } | null {
  mkdirSync(folder);
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', folder], {
      stdio: 'ignore',
    });
  } catch {
    return null;
  }
  onTestFinished(() => void execFileSync('umount', ['-l', folder]));
  return { grow: () => void execFileSync('mount', ['-o', 'remount,size=256m', folder]) };
}

function start(
  home: string,
  options: ConstructorParameters<typeof VigilProcess>[2] = {},
): VigilProcess {
  const node = new VigilProcess(vigil.entry, home, options);
  onTestFinished(() => node.crash('group'));
  return node;
}

function configure(home: string): void {
  writeFileSync(
    path.join(home, 'config.yaml'),
    'limits: { cyclesPerDay: 0, leastFreeDiskBytes: 0, leastFreeDiskShare: 0 }\n',
  );
}

/** The one error that the process ended with. */
function errorOf({ code, stderr }: Exit): z.infer<typeof ApiError>['error'] {
  expect(code).toBe(1);
  expect(stderr.trim().split('\n')).toHaveLength(1);
  return ApiError.parse(JSON.parse(stderr)).error;
}

async function addTask(node: VigilProcess, input: Record<string, unknown>): Promise<string> {
  const { tasks } = await node.call('POST', '/v1/tasks', Tasks, { tasks: [input] });
  return tasks[0]?.id ?? '';
}

async function untilThrough(node: VigilProcess): Promise<void> {
  await expect
    .poll(
      async () => {
        const { counts, state } = await node.call('GET', '/v1/status', StatusView);
        return { open: counts.open + counts.running, working: state === 'working' };
      },
      { timeout: 60_000, interval: 200 },
    )
    .toEqual({ open: 0, working: false });
}

const trailers = (user: string): string[] =>
  userGit(user, 'log', '--format=%(trailers:key=Vigil-Task,valueonly)', INTEGRATION)
    .split('\n')
    .filter((row) => row !== '')
    .sort();

test('a node whose home is full ends with one clear error, and goes on from all it acknowledged once there is room', async () => {
  const folder = temporaryFolder();
  const home = path.join(folder, 'home');
  // Only root may mount; others meet the end of the disk by a limit on the size of files.
  const disk = smallDisk(home, 3);
  const shell = disk === null ? { shell: 'ulimit -f 1500' } : {};
  configure(home);
  const user = makeRepository(path.join(folder, 'app'));
  const node = start(home, shell);
  await node.call('POST', '/v1/projects', ProjectView, { path: user });
  const acknowledged: string[] = [];
  const fill = async (): Promise<never> => {
    for (let n = 0; ; n++) {
      const waits = {
        title: `Waits ${n}`,
        instructions: 'x'.repeat(15_000),
        run: 'true',
        capabilities: ['none-has-it'],
      };
      const works = { title: `Works ${n}`, run: `echo ${n} > ${n}.txt`, scope: [`${n}.txt`] };
      acknowledged.push(await addTask(node, n % 20 === 0 ? works : waits));
    }
  };
  await expect(fill()).rejects.toThrow();
  const error = errorOf(await node.exited);
  expect(error).toMatchObject({
    code: 'disk-full',
    help: expect.stringContaining('space') as unknown,
  });
  userGit(user, 'fsck', '--strict', '--connectivity-only');

  disk?.grow();
  const again = start(home);
  const { tasks } = await again.call('GET', '/v1/tasks?all=1', Tasks);
  const there = new Set<string>(tasks.map(({ id }) => id));
  expect(acknowledged.filter((id) => !there.has(id))).toEqual([]);
  const works = tasks.filter(({ title }) => title.startsWith('Works'));
  await expect
    .poll(() => trailers(user), { timeout: 60_000, interval: 200 })
    .toEqual(works.map(({ id }) => id).sort());
  expect(await again.stop()).toEqual({ code: 0, signal: null, stderr: '' });
  userGit(user, 'fsck', '--strict', '--connectivity-only');
}, 120_000);

test('a node whose project is on a full disk merges nothing by half, and merges it once there is room', async () => {
  const folder = temporaryFolder();
  const home = path.join(folder, 'home');
  mkdirSync(home);
  configure(home);
  const mounted = path.join(folder, 'disk');
  const disk = smallDisk(mounted, 2);
  const user = makeRepository(path.join(mounted, 'app'));
  const big = {
    title: 'Write much',
    run: 'head -c 4000000 /dev/urandom > big.bin',
    scope: ['big.bin'],
  };
  const node = start(home, disk === null ? { shell: 'ulimit -f 5000' } : {});
  await node.call('POST', '/v1/projects', ProjectView, { path: user });
  await untilThrough(node);
  const before = userGit(user, 'rev-parse', INTEGRATION);
  const id = await addTask(
    node,
    disk === null ? { ...big, run: big.run.replace('4000000', '2500000') } : big,
  );
  expect(errorOf(await node.exited).code).toBe('disk-full');
  expect(userGit(user, 'rev-parse', INTEGRATION)).toBe(before);
  userGit(user, 'fsck', '--strict', '--connectivity-only');

  disk?.grow();
  const again = start(home);
  await untilThrough(again);
  expect(trailers(user)).toEqual([id]);
  const { tasks } = await again.call('GET', '/v1/tasks?all=1', Tasks);
  expect(tasks).toMatchObject([{ id, status: 'merged', attempts: 1 }]);
  expect((await again.stop()).code).toBe(0);
}, 120_000);

test('a second node on the same home joins the first, and a third that may not do so says who has it', async () => {
  const home = temporaryFolder();
  const first = start(home);
  await first.ready;
  const second = start(home);
  expect(await second.ready).toBe(await first.ready);
  expect((await second.stop()).code).toBe(0);
  // As after a restore of the folder: the address is gone, the lock is not.
  rmSync(path.join(home, 'node.json'));
  const error = errorOf(await start(home).exited);
  expect(error.code).toBe('home-in-use');
  expect(error.message).toContain(`process ${first.pid}`);
  expect((await first.stop()).code).toBe(0);
});

test('a node that finds the address of a dead one, with a number that another process now has, starts itself', async () => {
  const home = temporaryFolder();
  const first = start(home);
  await first.ready;
  await first.crash();
  writeFileSync(
    path.join(home, 'node.json'),
    JSON.stringify({
      pid: process.pid,
      identity: 'of another',
      port: 9,
      url: 'http://127.0.0.1:9',
    }),
  );
  const second = start(home);
  expect((await second.call('GET', '/v1/status', StatusView)).pid).toBe(second.pid);
  expect((await second.stop()).code).toBe(0);
});

test('a port that is taken is named, and nothing is changed', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const home = temporaryFolder();
  const error = errorOf(await start(home, { args: ['--port', String(port)] }).exited);
  expect(error).toMatchObject({
    code: 'port-in-use',
    message: expect.stringContaining(String(port)) as unknown,
  });
  const node = start(home);
  await node.ready;
  expect((await node.stop()).code).toBe(0);
});
