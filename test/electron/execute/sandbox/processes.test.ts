import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, expect, onTestFinished, test, vi } from 'vitest';
import { projectSandbox } from '../../../../electron/execute/sandbox/projectSandbox.ts';
import { stopSandbox } from '../../../../electron/execute/sandbox/sandbox.ts';
import { temporaryFolder } from '../repository.ts';
import { heldProject } from './held.ts';

afterAll(stopSandbox);

/** Leaves session, group, parent and the mark of its run behind, twice over. */
function daemon(mark: string): string {
  const forever = `while :; do sleep 0.2; done`;
  return `env -i setsid nohup sh -c '(setsid sh -c "${forever}" ${mark} &) ; exit' ${mark} >/dev/null 2>&1 &`;
}

test('nothing of a command outlives the process that started it, however that ends', async () => {
  const { ground } = await heldProject();
  const theirs = mark();
  const entry = (file: string): string => JSON.stringify(path.resolve('electron/execute', file));
  const starter = spawn(
    process.execPath,
    [
      '--input-type=module',
      '-e',
      `const { projectSandbox } = await import(${entry('sandbox/projectSandbox.ts')});
       const { runCommand } = await import(${entry('command/runCommand.ts')});
       await runCommand({ command: ${JSON.stringify(`${daemon(theirs)} while :; do sleep 0.2; done`)}, cwd: ${JSON.stringify(ground.worktree)},
         timeoutMs: 1e6, stallMs: 1e6, maxMs: 1e6, wrap: projectSandbox(${JSON.stringify(ground)}, { writesDependencies: true }) });`,
    ],
    { stdio: 'ignore' },
  );
  onTestFinished(() => void starter.kill('SIGKILL'));
  await vi.waitFor(() => expect(alive(theirs)).not.toEqual([]), 20_000);
  starter.kill('SIGKILL');
  await once(starter, 'exit');
  await vi.waitFor(() => expect(alive(theirs)).toEqual([]), 5000);
});

test('other processes can’t be seen, so that neither their environment nor their files are a way out', async () => {
  const { free, held } = await heldProject();
  const secret = randomUUID();
  const holder = spawn('sleep', ['60'], { env: { PATH: process.env['PATH'], HELD: secret } });
  onTestFinished(() => void holder.kill());
  await once(holder, 'spawn');
  const look = `cat /proc/[0-9]*/environ | tr '\\0' '\\n' | grep -a ${secret.slice(0, 8)}`;
  expect((await free(look)).stdout).toContain(secret);
  expect((await held(look)).stdout).not.toContain(secret);
  const end = `kill -9 ${holder.pid}`;
  await held(end);
  expect(holder.signalCode).toBeNull();
  const ended = once(holder, 'exit');
  await free(end);
  await ended;
  expect(holder.signalCode).toBe('SIGKILL');
});

test('a program that is spoken to over its streams gets each word as it is said, and its exit code is passed on', async () => {
  const { ground } = await heldProject();
  const wrapped = await projectSandbox(ground, { writesDependencies: true })({
    file: '/bin/sh',
    args: ['-c', 'while read -r word; do [ "$word" = end ] && exit 7; echo "heard $word"; done'],
    env: { PATH: process.env['PATH'] ?? '' },
    cwd: ground.worktree,
  });
  const child = spawn(wrapped.file, wrapped.args, { cwd: ground.worktree, env: wrapped.env });
  const exited = once(child, 'exit');
  const heard: string[] = [];
  child.stdout.setEncoding('utf8').on('data', (text: string) => heard.push(text));
  child.stdin.write('one\n');
  await vi.waitFor(() => expect(heard).toEqual(['heard one\n']));
  child.stdin.write('two\n');
  await vi.waitFor(() => expect(heard).toEqual(['heard one\n', 'heard two\n']));
  child.stdin.write('end\n');
  expect(await exited).toEqual([7, null]);
  await wrapped.cleanup();
});

test('a program of the worktree never stands in for one that the sandbox is made of', async () => {
  vi.stubEnv('PATH', `tools:${process.env['PATH']}`);
  const { free, held, worktree, outside } = await heldProject();
  mkdirSync(path.join(worktree, 'tools'));
  for (const name of ['bwrap', 'socat', 'bash'])
    writeFileSync(
      path.join(worktree, 'tools', name),
      `#!/bin/sh\necho x > '${outside}/${name}'\n`,
      { mode: 0o755 },
    );
  await stopSandbox();
  await held('true');
  expect(readdirSync(outside)).toEqual([]);
  await free('bwrap; socat; bash');
  expect(readdirSync(outside).sort()).toEqual(['bash', 'bwrap', 'socat']);
  vi.unstubAllEnvs();
  await stopSandbox();
});

test('what others keep in the folder for temporary files can’t be seen', async () => {
  const { free, held } = await heldProject();
  const file = path.join(temporaryFolder(), 'secret');
  writeFileSync(file, 'of another');
  const look = `cat '${file}'; ls '${path.dirname(path.dirname(file))}'`;
  expect((await free(look)).stdout).toContain('of another');
  const { stdout } = await held(look);
  expect(stdout).not.toContain('of another');
  expect(stdout).not.toContain(path.basename(path.dirname(file)));
  await held(`echo x > '${file}.planted'`);
  expect(readdirSync(path.dirname(file))).toEqual(['secret']);
});

test('a sandbox that can’t start starts nothing and says what to do', async () => {
  const { ground } = await heldProject();
  const made = path.join(ground.worktree, 'made');
  const ask = [
    `const { checkSandbox, stopSandbox } = await import(${JSON.stringify(path.resolve('electron/execute/sandbox/sandbox.ts'))});`,
    `const { projectSandbox } = await import(${JSON.stringify(path.resolve('electron/execute/sandbox/projectSandbox.ts'))});`,
    `const wrap = projectSandbox(${JSON.stringify(ground)}, { writesDependencies: true });`,
    `const code = await wrap({ file: "touch", args: [${JSON.stringify(made)}], env: {}, cwd: "/" }).then(() => "started", (error) => error.code);`,
    `console.log(JSON.stringify({ code, ...(await checkSandbox()) })); await stopSandbox();`,
  ].join('\n');
  const bare = path.join(temporaryFolder(), 'bin');
  mkdirSync(bare);
  const { free } = await heldProject();
  const asked = async (command: string, env: Record<string, string>) => {
    const { stdout, tail } = await free(command, { env });
    return { tail, ...(JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as object) };
  };
  const run = `'${process.execPath}' --input-type=module -e '${ask}'`;
  expect(await asked(run, {})).toMatchObject({ code: 'started', ok: true });
  expect(await asked(run, { PATH: bare })).toMatchObject({
    code: 'sandbox-unavailable',
    ok: false,
    help: expect.stringContaining('sudo apt install bubblewrap socat ripgrep') as string,
  });
  const forbidden = `unshare -Ur sh -c 'echo 0 > /proc/sys/user/max_user_namespaces; exec "$0" --input-type=module -e "$1"' '${process.execPath}' '${ask}'`;
  expect(await asked(forbidden, {})).toMatchObject({
    code: 'sandbox-unavailable',
    ok: false,
    help: expect.stringContaining('user namespaces') as string,
  });
});

/** Found in the command lines of this machine's processes. */
function mark(): string {
  const made = `-${randomUUID()}`;
  onTestFinished(() => {
    for (const pid of alive(made)) process.kill(pid, 'SIGKILL');
  });
  return made;
}

function alive(of: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && read(`/proc/${name}/cmdline`).split('\0').includes(of))
    .filter((name) => !/\) [ZX] /.test(read(`/proc/${name}/stat`)))
    .map(Number);
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    // It ended while we looked.
    return '';
  }
}
