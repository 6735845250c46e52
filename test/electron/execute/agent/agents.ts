import { mkdtemp, readFile, realpath, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import type { Program } from '../../../../electron/tools/wrapCommand.ts';
import type { SessionOptions } from '../../../../electron/execute/agent/sessionOptions.ts';
import type { PermissionDecision } from '../../../../shared/policy/permission.ts';

const AGENT = fileURLToPath(new URL('testAgent.ts', import.meta.url));

export const yes: PermissionDecision = { answer: 'allow', reason: 'the test allows it' };
export const no: PermissionDecision = { answer: 'deny', reason: 'the test forbids it' };

/** A folder for an agent to work in, by its real path; gone after the test. */
export async function newWorktree(): Promise<string> {
  const folder = await realpath(await mkdtemp(path.join(os.tmpdir(), 'vigil-agent-')));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** The tests' own agent, behaving as `testAgent.ts` says. */
export function testAgent(worktree: string, behaviour = 'works'): Program {
  return {
    file: process.execPath,
    args: ['--disable-warning=ExperimentalWarning', AGENT, behaviour],
    env: { PATH: process.env['PATH'] ?? '', GATEWAY_TOKEN: 'vgl-the-token-of-this-attempt' },
    cwd: worktree,
  };
}

/** Options that let everything happen and wait long. */
export function optionsFor(command: Program): SessionOptions {
  return { command, decide: () => yes, timeoutMs: 30_000, stallMs: 30_000, maxMs: 60_000 };
}

/** Waits until something is so; the test's own time limit is the limit. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 10));
}

export async function pidIn(file: string): Promise<number> {
  let pid = NaN;
  await until(async () => {
    pid = Number.parseInt(await readFile(file, 'utf8').catch(() => ''), 10);
    return pid > 0;
  });
  return pid;
}

/** Whether a process runs: one that only waits to be reaped does not. */
export async function runs(pid: number): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  const status = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => null);
  return status === null || !/\) [ZX] /.test(status);
}
