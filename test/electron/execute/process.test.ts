import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test, vi } from 'vitest';
import { commandEnvironment } from '../../../electron/execute/command/environment.ts';
import { runCommand, type RunOptions } from '../../../electron/execute/command/runCommand.ts';
import {
  endLeftover,
  processIdentity,
  processRuns,
  type ProcessRecord,
} from '../../../electron/execute/command/processGroup.ts';
import { temporaryFolder } from './repository.ts';

const minute = 60_000;

function run(command: string, options: Partial<RunOptions> = {}): ReturnType<typeof runCommand> {
  return runCommand({
    command,
    cwd: options.cwd ?? temporaryFolder(),
    timeoutMs: minute,
    stallMs: minute,
    maxMs: minute,
    ...options,
  });
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  // One that only waits to be reaped by its parent has ended.
  return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
}

function pidIn(folder: string): number {
  return Number(readFileSync(path.join(folder, 'pid'), 'utf8'));
}

test('tells exit code, both streams, and lines', async () => {
  const lines: string[] = [];
  const result = await run('echo out; echo err >&2; printf last; exit 3', {
    stdoutBytes: 100,
    onLine: (line) => lines.push(line),
  });
  expect(result).toMatchObject({
    exitCode: 3,
    signal: null,
    timedOut: false,
    aborted: false,
    stdout: 'out\nlast',
    outputBytes: 12,
  });
  expect(lines.sort()).toEqual(['err', 'last', 'out']);
});

test('a line left unfinished in one stream does not run into the other', async () => {
  const lines: string[] = [];
  await run('printf half; sleep 0.1; echo err >&2; sleep 0.1; echo more', {
    onLine: (line) => lines.push(line),
  });
  expect(lines).toEqual(['err', 'halfmore']);
});

test('a folder that is missing is an error that says so', async () => {
  await expect(run('true', { cwd: '/nowhere/at/all' })).rejects.toMatchObject({
    code: 'command-failed',
    message: expect.stringContaining('/nowhere/at/all') as unknown,
  });
});

test('a child that goes on in the background is ended with its leader and holds nothing up', async () => {
  const folder = temporaryFolder();
  const result = await run('sleep 600 & echo $! > pid; exit 0', { cwd: folder });
  expect(result).toMatchObject({ exitCode: 0 });
  expect(result.durationMs).toBeLessThan(10_000);
  expect(isAlive(pidIn(folder))).toBe(false);
});

test.runIf(process.platform === 'linux')(
  'a child that leaves the process group is found and ended',
  async () => {
    const folder = temporaryFolder();
    await run(
      `setsid sh -c 'echo $$ > pid; exec sleep 600' & while [ ! -s pid ]; do sleep 0.01; done`,
      { cwd: folder },
    );
    expect(isAlive(pidIn(folder))).toBe(false);
  },
);

test('a command that ignores SIGTERM is killed', async () => {
  const folder = temporaryFolder();
  const stop = new AbortController();
  const result = run(`trap '' TERM; echo $$ > pid; echo ready; while :; do sleep 0.05; done`, {
    cwd: folder,
    signal: stop.signal,
    onLine: () => stop.abort(),
  });
  expect(await result).toMatchObject({ exitCode: null, signal: 'SIGKILL', aborted: true });
  expect(isAlive(pidIn(folder))).toBe(false);
});

test('silence past the timeout ends it; the time before counts', async () => {
  const onOverdue = vi.fn();
  const result = await run('sleep 600', { timeoutMs: 100, stallMs: 50, onOverdue });
  expect(result).toMatchObject({ timedOut: 'stalled', signal: 'SIGTERM' });
  expect(result.durationMs).toBeGreaterThanOrEqual(100);
  expect(onOverdue).not.toHaveBeenCalled();
});

test('output keeps a slow command alive past its timeout, and that is told once', async () => {
  const onOverdue = vi.fn();
  const result = await run('for i in 1 2 3 4 5 6 7 8; do echo $i; sleep 0.1; done', {
    timeoutMs: 50,
    stallMs: 2000,
    onOverdue,
  });
  expect(result).toMatchObject({ exitCode: 0, timedOut: false });
  expect(onOverdue).toHaveBeenCalledTimes(1);
});

test('changing files keep a silent command alive; changes in node_modules do not', async () => {
  const worker =
    'mkdir -p src node_modules; for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15; do echo $i > FOLDER/file; sleep 0.1; done';
  const limits = { timeoutMs: 100, stallMs: 700 };
  const folder = temporaryFolder();
  expect(
    await run(worker.replace('FOLDER', 'src'), { cwd: folder, progressDir: folder, ...limits }),
  ).toMatchObject({ timedOut: false, exitCode: 0 });
  const other = temporaryFolder();
  expect(
    await run(worker.replace('FOLDER', 'node_modules'), {
      cwd: other,
      progressDir: other,
      ...limits,
    }),
  ).toMatchObject({ timedOut: 'stalled' });
});

test('progress does not carry it past the ceiling', async () => {
  expect(
    await run('while :; do echo x; sleep 0.02; done', { timeoutMs: 50, stallMs: 1000, maxMs: 400 }),
  ).toMatchObject({ timedOut: 'ceiling' });
});

test('the log keeps the first and the last part and says how much is missing', async () => {
  const logFile = path.join(temporaryFolder(), 'logs', '1.log');
  const result = await run('echo first; head -c 3000000 /dev/zero | tr "\\0" x; echo; echo last', {
    logFile,
    logBytes: 10_000,
  });
  const log = readFileSync(logFile, 'utf8');
  expect(log.startsWith('first\nxxx')).toBe(true);
  expect(log.endsWith('xxx\nlast\n')).toBe(true);
  expect(log).toContain(`[… ${result.outputBytes - 10_000} bytes left out …]`);
  expect(statSync(logFile).size).toBeLessThan(10_100);
  expect(result.tail.length).toBe(64 * 1024);
});

test('a log within its bound is whole', async () => {
  const logFile = path.join(temporaryFolder(), '1.log');
  await run('seq 1 1000', { logFile, logBytes: 4000 });
  const log = readFileSync(logFile, 'utf8');
  expect(log).toBe(Array.from({ length: 1000 }, (_, i) => `${i + 1}\n`).join(''));
});

test('secrets, and what npm, git and Vigil set, do not reach the command', () => {
  const env = commandEnvironment({
    HOME: '/home/ada',
    LANG: 'C.UTF-8',
    GITHUB_TOKEN: 'x',
    Db_Password: 'x',
    OPENAI_API_KEY: 'x',
    AWS_SECRET_ACCESS_KEY: 'x',
    MY_APIKEY: 'x',
    APP_CREDENTIALS: 'x',
    GIT_DIR: '/x',
    npm_config_cache: '/x',
    npm_lifecycle_event: 'start',
    NPM_CONFIG_REGISTRY: 'http://r',
    NODE_OPTIONS: '--x',
    NODE_ENV: 'production',
    NODE_EXTRA_CA_CERTS: '/ca',
    INIT_CWD: '/x',
    VIGIL_HOME: '/x',
    FORCE_COLOR: '3',
    PATH: `/work/vigil/node_modules/.bin:/opt/npm/node_modules/@npmcli/run-script/lib/node-gyp-bin:${path.dirname(process.execPath)}:/usr/bin`,
  });
  const nodeOnPath = ['/usr/bin/node', '/bin/node'].some((file) => existsSync(file));
  expect(env).toEqual({
    HOME: '/home/ada',
    LANG: 'C.UTF-8',
    NPM_CONFIG_REGISTRY: 'http://r',
    NODE_EXTRA_CA_CERTS: '/ca',
    CI: '1',
    NO_COLOR: '1',
    FORCE_COLOR: '0',
    PATH: nodeOnPath ? '/usr/bin' : `/usr/bin:${path.dirname(process.execPath)}`,
  });
});

test('a node is on PATH even where Vigil runs on the only one', () => {
  const folder = temporaryFolder();
  expect(commandEnvironment({ PATH: folder })['PATH']).toBe(
    `${folder}:${path.dirname(process.execPath)}`,
  );
});

test('time in which the machine slept is neither silence nor work', async () => {
  const folder = temporaryFolder();
  const program = `
    import { runCommand } from ${JSON.stringify(path.resolve('electron/execute/command/runCommand.ts'))};
    const result = await runCommand({ command: 'echo $$ > pid; sleep 600', cwd: ${JSON.stringify(folder)}, timeoutMs: 500, stallMs: 2500, maxMs: 4000,
      onSpawn: () => process.stdout.write('started') });
    process.stdout.write(JSON.stringify(result));`;
  const node = spawn(process.execPath, ['--input-type=module', '--eval', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const said = () => new Promise<string>((resolve) => node.stdout.once('data', resolve));
  await said();
  await vi.waitFor(() => expect(pidIn(folder)).toBeGreaterThan(0));
  node.kill('SIGSTOP');
  await sleep(5_000);
  const wokeAt = performance.now();
  node.kill('SIGCONT');
  const result = JSON.parse(`${await said()}`) as object;
  expect(result).toMatchObject({ timedOut: 'stalled' });
  expect(performance.now() - wokeAt, 'it may be silent for as long again').toBeGreaterThan(2_400);
}, 20_000);

test('what a killed node left running is ended, and only that', async () => {
  const folder = temporaryFolder();
  const program = `
    import { runCommand } from ${JSON.stringify(path.resolve('electron/execute/command/runCommand.ts'))};
    await runCommand({ command: 'sleep 600 & echo $! > pid; wait', cwd: ${JSON.stringify(folder)}, timeoutMs: 1e6, stallMs: 1e6, maxMs: 1e6,
      onSpawn: (record) => process.stdout.write(JSON.stringify(record) + '\\n') });`;
  const node = spawn(process.execPath, ['--input-type=module', '--eval', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const record = await new Promise<ProcessRecord>((resolve) =>
    node.stdout.once('data', (text: Buffer) =>
      resolve(JSON.parse(text.toString()) as ProcessRecord),
    ),
  );
  await vi.waitFor(() => expect(pidIn(folder)).toBeGreaterThan(0));
  node.kill('SIGKILL');
  await new Promise((resolve) => node.once('exit', resolve));
  expect(isAlive(record.pid)).toBe(true);
  expect(await endLeftover({ ...record, identity: 'another boot/1', run: 'another run' })).toBe(
    false,
  );
  expect(isAlive(record.pid)).toBe(true);
  expect(await endLeftover(record)).toBe(true);
  expect(isAlive(record.pid)).toBe(false);
  expect(isAlive(pidIn(folder))).toBe(false);
  expect(await endLeftover(record)).toBe(false);
});

test('a process has one identity, and none after its end', async () => {
  const child = spawn('sleep', ['600']);
  const pid = child.pid ?? 0;
  const identity = await processIdentity(pid);
  expect(identity).not.toBeNull();
  expect(await processIdentity(pid)).toBe(identity);
  expect(await processIdentity(process.pid)).not.toBe(identity);
  child.kill('SIGKILL');
  await new Promise((resolve) => child.once('exit', resolve));
  expect(await processIdentity(pid)).toBeNull();
});

test('a process that has ended does not run, also while nobody reaps it', async () => {
  // The shell becomes a program that knows of no child and so never asks for its end.
  const parent = spawn('sh', ['-c', 'sleep 600 & echo $!; exec sleep 600']);
  const [line] = (await once(parent.stdout, 'data')) as [Buffer];
  const pid = Number(line.toString());
  const identity = (await processIdentity(pid)) ?? '';
  expect(await processRuns(pid, identity)).toBe(true);
  expect(await processRuns(pid, `${identity}0`)).toBe(false);
  process.kill(pid, 'SIGKILL');
  await vi.waitFor(async () => expect(await processRuns(pid, identity)).toBe(false));
  expect(await processIdentity(pid)).toBe(identity);
  parent.kill('SIGKILL');
});
