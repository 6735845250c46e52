import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { lstatSync, mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
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
    const folder = await mkdtemp(join(tmpdir(), folderName(ground.nodeHome)));
    const remove = (): Promise<void> => removeFolder(folder);
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

/** Removes what commands of a node left in the temporary folder when it died. The caller holds the home. */
export async function removeAbandoned(nodeHome: string): Promise<void> {
  const names = await readdir(tmpdir());
  const ours = names.filter((name) => name.startsWith(folderName(nodeHome)));
  await Promise.all(ours.map((name) => removeFolder(join(tmpdir(), name))));
}

/** What the names of the folders begin with; of each home others, since each cleans up its own. */
function folderName(nodeHome: string): string {
  return `vigil-run-${createHash('sha256').update(nodeHome).digest('hex').slice(0, 12)}-`;
}

/** What can't be removed at last is in the temporary folder of the system, which clears it. */
async function removeFolder(folder: string): Promise<void> {
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true, maxRetries: 3 });
  await remove()
    // Folders that were shut can't be emptied until they are opened.
    .catch(() => promisify(execFile)('chmod', ['-R', 'u+rwX', folder]).then(remove))
    .catch(() => undefined);
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
  // Whoever wrote the worktree may have made it a link to a folder of the user's.
  if (lstatSync(dependencies, { throwIfNoEntry: false })?.isDirectory() !== true) return;
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
