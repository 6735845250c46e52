import { existsSync, lstatSync, mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { commandEnvironment } from '../command/environment.ts';
import { HOME_VARIABLE } from '../command/processGroup.ts';
import type { WrapCommand } from '../../tools/wrapCommand.ts';
import { projectPolicy, type ProjectGround } from './projectPolicy.ts';
import { sandboxed } from './sandbox.ts';

/** Where tools keep what they may lose, below an otherwise untouchable `node_modules`. */
const CACHES = ['.cache', '.vite', '.vite-temp', '.vitest', '.tmp'];

/**
 * Puts each command of a project into a sandbox of its own, with a temporary folder and a home that
 * are removed after it. The environment is scrubbed. Throws `sandbox-unavailable` when it is started.
 */
export function projectSandbox(
  ground: ProjectGround,
  { writesDependencies }: { readonly writesDependencies: boolean },
): WrapCommand {
  return async (program) => {
    const folder = await mkdtemp(join(tmpdir(), 'vigil-run-'));
    const remove = (): Promise<void> =>
      rm(folder, { recursive: true, force: true, maxRetries: 3 }).catch(() => undefined);
    try {
      const [tempDir, homeDir] = [join(folder, 'tmp'), join(folder, 'home')];
      for (const made of [tempDir, homeDir]) mkdirSync(made);
      if (!writesDependencies) moveCaches(join(ground.worktree, 'node_modules'), tempDir);
      const wrap = sandboxed(projectPolicy(ground, { tempDir, homeDir, writesDependencies }));
      const wrapped = await wrap({ ...program, env: held(program.env) });
      return {
        ...wrapped,
        cleanup: async () => {
          await wrapped.cleanup();
          await remove();
        },
      };
    } catch (error) {
      await remove();
      throw error;
    }
  };
}

/** A tool comes with all of our environment: what runs a project's code gets no secrets. */
function held(env: Readonly<Record<string, string>>): Record<string, string> {
  const marks = Object.entries(env).filter(([name]) => name === HOME_VARIABLE || KEPT.test(name));
  return { ...commandEnvironment(env), ...Object.fromEntries(marks) };
}

/** What `commandEnvironment` would leave out although it was put there for the command itself. */
const KEPT = /^VIGIL_(RUN|TASK|ATTEMPT|FALLBACKS)$/;

/** Leads the caches of build tools out of the dependencies, which the command can't write to. */
function moveCaches(dependencies: string, tempDir: string): void {
  if (!existsSync(dependencies)) return;
  for (const name of CACHES) {
    const at = join(dependencies, name);
    const there = lstatSync(at, { throwIfNoEntry: false });
    // What was installed stays as it is: then it can be read only.
    if (there !== undefined && !there.isSymbolicLink()) continue;
    const cache = join(tempDir, name);
    mkdirSync(cache);
    rmSync(at, { force: true });
    symlinkSync(cache, at);
  }
}
