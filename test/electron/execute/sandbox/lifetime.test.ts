import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, expect, test, vi } from 'vitest';
import {
  endLeftover,
  type ProcessRecord,
} from '../../../../electron/execute/command/processGroup.ts';
import { runTool } from '../../../../electron/tools/runTool.ts';
import type { WrapCommand } from '../../../../electron/tools/wrapCommand.ts';
import {
  projectSandbox,
  removeAbandoned,
} from '../../../../electron/execute/sandbox/projectSandbox.ts';
import { stopSandbox } from '../../../../electron/execute/sandbox/sandbox.ts';
import { heldProject } from './held.ts';

afterAll(stopSandbox);

/** Processes of this machine whose command line holds a text, seen from outside. */
function running(text: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => pid !== process.pid && read(`/proc/${pid}/cmdline`).includes(text))
    .filter((pid) => !/\) Z /.test(read(`/proc/${pid}/stat`)));
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    // It ended while we looked.
    return '';
  }
}

/** A time to sleep that no other process has. */
function mark(): string {
  return `6${Math.floor(Math.random() * 1e8)}`;
}

test.each([
  ['in the background', (sleep: string) => `${sleep} & :`],
  ['in a session of its own', (sleep: string) => `setsid ${sleep} >/dev/null 2>&1 & :`],
  [
    'deaf to signals',
    (sleep: string) => `(trap '' TERM HUP INT; nohup ${sleep}) >/dev/null 2>&1 & :`,
  ],
])('a child left %s ends with the command', async (_, leave) => {
  const { held } = await heldProject();
  const time = mark();
  const ran = await held(`${leave(`sleep ${time}`)}; echo left`);
  expect(ran).toMatchObject({ exitCode: 0, stdout: 'left\n' });
  expect(running(time)).toEqual([]);
});

test('a child that left the group and hid its mark outlives a free command, never a held one', async () => {
  const { free, held } = await heldProject();
  const time = mark();
  const escape = `env -i setsid -f sleep ${time} </dev/null >/dev/null 2>&1; echo left`;
  await free(escape);
  const [left] = running(time);
  expect(left).toBeDefined();
  if (left !== undefined) process.kill(left, 'SIGKILL');
  await vi.waitFor(() => expect(running(time)).toEqual([]));
  expect((await held(escape)).stdout).toBe('left\n');
  expect(running(time)).toEqual([]);
});

test('a timeout and an abort end everything inside', async () => {
  const { held } = await heldProject();
  const time = mark();
  const forks = `env -i setsid -f sleep ${time}; (trap '' TERM; sleep ${time}) & wait`;
  const late = await held(forks, { timeoutMs: 300, stallMs: 100 });
  expect(late).toMatchObject({ timedOut: 'stalled' });
  expect(running(time)).toEqual([]);

  const stop = new AbortController();
  const ran = held(`echo up; ${forks}`, { signal: stop.signal, onLine: () => stop.abort() });
  expect(await ran).toMatchObject({ aborted: true, timedOut: false });
  expect(running(time)).toEqual([]);
});

test('a node that died finds what it ran by its mark, from outside of the sandbox', async () => {
  const { held } = await heldProject();
  const time = mark();
  let record: ProcessRecord | null = null;
  const ran = held(`sleep ${time}`, { onSpawn: (spawned) => (record = spawned) });
  const sleeping = () =>
    running(time).filter((pid) => read(`/proc/${pid}/cmdline`).startsWith('sleep\0'));
  await vi.waitFor(() => expect(sleeping()).toHaveLength(1));
  const { run = 'none' } = (record as ProcessRecord | null) ?? {};
  const [inside] = sleeping();
  expect(read(`/proc/${inside}/environ`).split('\0')).toContain(`VIGIL_RUN=${run}`);
  // Its number was given to another meanwhile: the mark alone finds it.
  await endLeftover({ pid: 2 ** 22, identity: 'another', run });
  expect(running(time)).toEqual([]);
  expect((await ran).exitCode).not.toBe(0);
});

test('what commands of a dead node left in the temporary folder is removed, and of no other node', async () => {
  const { ground, held, home } = await heldProject();
  const folderOf = async (wrap?: WrapCommand) =>
    path.dirname((await held('echo "$TMPDIR"', wrap && { wrap })).stdout.trim());
  // One whose cleaning up never came, as when the node is killed.
  const left = (nodeHome: string) => {
    const wrap = projectSandbox({ ...ground, nodeHome }, { writesDependencies: false });
    return folderOf(async (program) => ({
      ...(await wrap(program)),
      cleanup: () => Promise.resolve(),
    }));
  };
  const elsewhere = path.join(home, 'other');
  mkdirSync(elsewhere);
  const [mine, theirs] = [await left(home), await left(elsewhere)];
  await removeAbandoned(home);
  expect([existsSync(mine), existsSync(theirs)]).toEqual([false, true]);
  await removeAbandoned(elsewhere);
  expect(existsSync(theirs)).toBe(false);
});

test('a tool that is ended takes along what it started', async () => {
  const { ground, worktree } = await heldProject();
  const wrap = projectSandbox(ground, { writesDependencies: false });
  const time = mark();
  const run = runTool('/bin/sh', ['-c', `env -i setsid -f sleep ${time}; sleep ${time}`], {
    cwd: worktree,
    timeoutMs: 500,
    wrap,
  });
  await expect(run).rejects.toMatchObject({ code: 'timeout' });
  await vi.waitFor(() => expect(running(time)).toEqual([]));
});

test('a sandbox that can’t be had keeps the command from starting', async () => {
  const { held, worktree } = await heldProject();
  const wrap = () => Promise.reject(new Error('no sandbox'));
  await expect(held('touch started', { wrap })).rejects.toThrow('no sandbox');
  expect(existsSync(path.join(worktree, 'started'))).toBe(false);
});
