import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { spawn } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ApiError } from '../../../shared/model/api.ts';
import { NodeAddress } from '../../../electron/client/runningNode.ts';
import { cleanEnvironment, collect, Home, printed, ROOT } from './vigil.ts';

let home: Home;
beforeAll(async () => {
  home = await Home.create();
});
afterAll(() => home.remove());

describe('a command line that is wrong', () => {
  it.each([
    { args: ['frob'], says: "unknown command 'frob'" },
    { args: ['task'], says: 'a command is missing' },
    { args: ['help', 'foo'], says: "unknown command 'foo'" },
    { args: ['transcript', '--search', ''], says: 'a task or --search is needed' },
    { args: ['notify', 'set', '--ntfy', 'foo'], says: 'foo is no address' },
    { args: ['task', 'add'], says: '--file' },
    { args: ['task', 'show', 'X'], says: 'A task id looks like T-12' },
    { args: ['status', '--nope'], says: "unknown option '--nope'" },
    { args: ['events', '--limit', '0'], says: 'from 1 to 10000' },
    { args: ['up', '--port', '99999'], says: 'from 0 to 65535' },
    { args: ['task', 'list', '--status', 'nope'], says: 'Allowed choices are open' },
    { args: ['review', 'reject', 'T-1'], says: '--reason' },
    { args: ['task', 'depend', 'T-1'], says: 'no dependency was named' },
    { args: ['project', 'show', 'a/b'], says: 'vigil project list' },
  ])('exits 2 and says what: vigil $args', async ({ args, says }) => {
    const result = await home.vigil(...args);
    expect(result).toMatchObject({ code: 2, stdout: '' });
    expect(result.stderr).toContain(says);
    // What happened, and what to do.
    expect(result.stderr.trim().split('\n').length).toBeGreaterThanOrEqual(2);
  });

  it('is told as JSON with --json', async () => {
    const { code, stderr } = await home.vigil('frob', '--json');
    expect(code).toBe(2);
    expect(ApiError.parse(JSON.parse(stderr)).error.code).toBe('misuse');
  });
});

describe('a command that fails', () => {
  it.each([
    { args: ['task', 'show', 'T-9'], says: 'there is no task T-9' },
    { args: ['project', 'add', '/nowhere/at/all'], says: 'nothing at /nowhere/at/all' },
    { args: ['project', 'show', 'none'], says: 'there is no project none' },
    { args: ['queue', '--project', 'none'], says: 'there is no project none' },
    { args: ['events', '--follow'], says: 'no node runs' },
    { args: ['task', 'add', '-f', '/nowhere.yaml'], says: "can't be read" },
  ])('exits 1 and says what to do: vigil $args', async ({ args, says }) => {
    const result = await home.vigil(...args);
    expect(result).toMatchObject({ code: 1, stdout: '' });
    expect(result.stderr).toContain(says);
  });
});

describe('a task file that is wrong', () => {
  const add = async (text: string) => {
    const file = join(home.folder, 'tasks.yaml');
    await writeFile(file, text);
    return home.vigil('task', 'add', '-f', file);
  };
  it('names the line of malformed YAML', async () => {
    const { code, stderr } = await add('title: one\nrun: [a\n');
    expect(code).toBe(1);
    expect(stderr).toMatch(/tasks\.yaml:[23]:\d+: /);
  });
  it('names the line of an unknown field, and the field that was meant', async () => {
    const { code, stderr } = await add('title: one\ndeliverable: [a]\n');
    expect(code).toBe(1);
    expect(stderr).toContain(
      'tasks.yaml:2:1: deliverable: unknown field; did you mean "deliverables"?',
    );
  });
});

it('says that a node which does not run is paused, and for how long', async () => {
  await home.vigil('pause', '--reason', 'release day');
  expect((await home.vigil('status')).stdout).toMatch(/will start paused .*: release day\)/);
  await home.vigil('resume');
  expect((await home.vigil('status')).stdout).not.toContain('paused');
});

it('offers help, its version, and a way to begin', async () => {
  expect(await home.vigil('--version')).toMatchObject({ code: 0, stderr: '' });
  const help = await home.vigil('--help');
  expect(help.code).toBe(0);
  for (const command of ['up', 'demo', 'explain', 'promote', 'doctor'])
    expect(help.stdout).toMatch(new RegExp(`^  ${command} `, 'm'));
});

it('ends for Ctrl-C in a terminal also while it looks for work', async () => {
  const own = await Home.create();
  const demo = spawn(
    'script',
    ['-qefc', `"${process.execPath}" electron/cli/main.ts demo`, '/dev/null'],
    {
      cwd: ROOT,
      env: { ...cleanEnvironment(), VIGIL_HOME: own.folder, TERM: 'xterm' },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  const ended = collect(demo);
  await printed(demo, /looking for work in sample/);
  const address = NodeAddress.parse(
    JSON.parse(await readFile(join(own.folder, 'node.json'), 'utf8')),
  );
  process.kill(address.pid, 'SIGINT');
  expect((await ended).code).toBe(0);
  expect(() => process.kill(address.pid, 0)).toThrow('ESRCH');
  await own.remove();
});

it('starts again under the installed Node when the one it got is too old', async () => {
  // What the launcher reads of the Node that runs it; everything after that is real.
  const old = "Object.defineProperty(process.versions, 'node', { value: '18.20.0' })";
  const args = [
    '--import',
    `data:text/javascript,${encodeURIComponent(old)}`,
    join(ROOT, 'bin/vigil.js'),
    'frob',
  ];
  const child = spawn(process.execPath, args, {
    env: { ...cleanEnvironment(), VIGIL_HOME: home.folder },
  });
  const { code, stderr } = await collect(child);
  expect(stderr).toContain("unknown command 'frob'");
  expect(code).toBe(2);
});
