import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { onTestFinished } from 'vitest';
import { runCommand, type RunOptions } from '../../../../electron/execute/command/runCommand.ts';
import { projectSandbox } from '../../../../electron/execute/sandbox/projectSandbox.ts';
import type { ProjectGround } from '../../../../electron/execute/sandbox/projectPolicy.ts';
import { taskId } from '../../../../shared/model/ids.ts';
import type { Workspace } from '../../../../electron/execute/repository/workspace.ts';
import { openProject, temporaryFolder, userRepository } from '../repository.ts';

/** A worktree of a real project, what lies around it, and commands in it, held and free. */

const minute = 60_000;

type Ran = Awaited<ReturnType<typeof runCommand>>;

export interface Held {
  readonly workspace: Workspace;
  readonly worktree: string;
  readonly home: string;
  readonly user: string;
  readonly ground: ProjectGround;
  /** A folder beside the worktree, which the sandbox hides with all of the temporary folder. */
  readonly outside: string;
  /** A folder that can be seen and not written. */
  readonly visible: string;
  /** Runs a command as it is. */
  readonly free: (command: string, options?: Partial<RunOptions>) => Promise<Ran>;
  /** Runs a command in the sandbox. */
  readonly held: (command: string, options?: Partial<RunOptions>) => Promise<Ran>;
}

export async function heldProject(
  files?: Readonly<Record<string, string>>,
  {
    network = [],
    writesDependencies = false,
  }: { network?: string[]; writesDependencies?: boolean } = {},
): Promise<Held> {
  const user = userRepository(files);
  const { home, clone, pool } = await openProject(user);
  onTestFinished(() => pool.close());
  const base = await clone.integrationHead();
  const workspace = await pool.take({ task: taskId(1), attempt: 1, base });
  const worktree = workspace.path;
  const outside = path.join(temporaryFolder(), 'outside');
  mkdirSync(outside);
  const cache = path.resolve('node_modules/.cache');
  mkdirSync(cache, { recursive: true });
  const visible = mkdtempSync(path.join(cache, 'vigil-visible-'));
  onTestFinished(() => rmSync(visible, { recursive: true, force: true }));
  writeFileSync(path.join(home, 'token'), 'the token of the api\n');
  const ground: ProjectGround = {
    nodeHome: home,
    repository: clone.repository,
    worktree,
    userRepositories: [user],
    network,
  };
  const run = (command: string, options: Partial<RunOptions>): Promise<Ran> =>
    runCommand({
      command,
      cwd: worktree,
      timeoutMs: minute,
      stallMs: minute,
      maxMs: minute,
      stdoutBytes: 64 * 1024,
      ...options,
    });
  const wrap = projectSandbox(ground, { writesDependencies });
  return {
    workspace,
    worktree,
    home,
    user,
    ground,
    outside,
    visible,
    free: (command, options = {}) => run(command, options),
    held: (command, options = {}) => run(command, { wrap, ...options }),
  };
}
