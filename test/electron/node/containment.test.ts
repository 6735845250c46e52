import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { DoctorView } from '../../../shared/model/statusApi.ts';
import { taskId } from '../../../shared/model/ids.ts';
import { NO_GATES, observeMerged } from '../../../shared/policy/gates.ts';
import { newProject } from '../../../shared/world/project.ts';
import { Containment } from '../../../electron/node/containment.ts';
import { openProject } from '../execute/repository.ts';
import { LiveNode } from './liveNode.ts';

const USE = { writesDependencies: false };
const limits = { cyclesPerDay: 0, attemptsPerTask: 1 };
/** The token of the local API, as a command in a worktree could find it. */
const TOKEN = '../../../../token';
const FILES = { 'vigil.yaml': `test: "test ! -e ${TOKEN}"\n`, 'a.txt': 'a\n' };
const TASK = {
  title: 'looks around',
  run: `test ! -e ${TOKEN} || exit 1; echo held > b.txt`,
  scope: ['b.txt'],
};

/** A machine on which the sandbox's programs are not installed. */
function withoutSandbox(): void {
  const folder = mkdtempSync(join(tmpdir(), 'vigil-path-'));
  onTestFinished(() => {
    vi.unstubAllEnvs();
    rmSync(folder, { recursive: true, force: true });
  });
  const node = join(process.execPath, '..');
  for (const from of [node, '/usr/local/bin', '/usr/bin', '/bin'])
    for (const name of readdirSync(from))
      if (name !== 'bwrap')
        try {
          symlinkSync(join(from, name), join(folder, name));
        } catch {
          // An earlier folder on PATH has one of this name.
        }
  vi.stubEnv('PATH', folder);
}

test('commands and tests of a project run in the sandbox, and no proxy runs before the first', async () => {
  const live = await LiveNode.start({ config: { limits }, files: FILES });
  await live.until(() => live.of('baseline.recorded').length === 1);
  expect(live.of('baseline.recorded')[0]?.baseline).toMatchObject({
    held: true,
    tests: { outcome: 'passed' },
  });
  await live.add(TASK);
  await live.until(() => live.of('merge.done').length === 1);
});

test('where the user wants it so, a project in which no agent worked is run as it is', async () => {
  const live = await LiveNode.start({ config: { sandbox: 'agents', limits }, files: FILES });
  await live.until(() => live.of('baseline.recorded').length === 1);
  expect(live.of('baseline.recorded')[0]?.baseline).toMatchObject({
    held: false,
    tests: { outcome: 'unreadable', exitCode: 1 },
  });
  await live.add(TASK);
  await live.until(() => live.of('task.failed').length === 1);
  expect(children()).not.toContain('socat');
});

test('without a sandbox the user’s own code is run as it is, and the doctor says what is missing', async () => {
  withoutSandbox();
  const live = await LiveNode.start({ config: { limits }, files: FILES });
  await live.until(() => live.of('baseline.recorded').length === 1);
  expect(live.of('baseline.recorded')[0]?.baseline.held).toBe(false);
  const { ok, checks } = await live.call('GET', '/v1/doctor', DoctorView);
  expect(ok).toBe(false);
  expect(checks.find(({ name }) => name === 'sandbox')).toMatchObject({
    verdict: 'failed',
    detail: expect.stringContaining('bwrap') as unknown,
    help: expect.stringContaining('bubblewrap') as unknown,
  });
});

test('code that an agent wrote is never run outside of the sandbox', async () => {
  const { clone, home } = await openProject();
  const { project } = clone;
  let state = newProject(project);
  const always = () => new Containment(() => new Map([[project.id, state]]), home, 'always');
  const agents = () => new Containment(() => new Map([[project.id, state]]), home, 'agents');

  expect(await agents().of(clone, false)).toMatchObject({ held: false });
  expect(await agents().of(clone, true)).toMatchObject({ held: true });
  expect((await always().of(clone, false)).wrap('/', USE)).toBeDefined();

  const worked = { ...state, gates: observeMerged(NO_GATES, 'implementation', taskId(1)) };
  withoutSandbox();
  const unavailable = {
    code: 'sandbox-unavailable',
    help: expect.stringContaining('bubblewrap') as unknown,
  };
  expect((await always().of(clone, false)).wrap('/', USE)).toBeUndefined();
  await expect(always().of(clone, true)).rejects.toMatchObject(unavailable);
  state = worked;
  await expect(always().of(clone, false)).rejects.toMatchObject(unavailable);
  await expect(agents().of(clone, false)).rejects.toMatchObject(unavailable);
  vi.unstubAllEnvs();
  expect(await agents().of(clone, false)).toMatchObject({ held: true });
});

/** What this process has started and still runs. */
function children(): string {
  return execFileSync('ps', ['-o', 'args', '--ppid', String(process.pid)], { encoding: 'utf8' });
}
