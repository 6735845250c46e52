import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { VigilError } from '../../../shared/model/errors.ts';
import type { PackageManager } from '../../../shared/model/project.ts';
import type { MechanicRecipe } from '../../../shared/model/task.ts';
import { insideWorkspace } from '../../tools/insideWorkspace.ts';
import { isManifest, printManifest, withoutDependency } from '../../tools/manifestEdits.ts';
import { runTool } from '../../tools/runTool.ts';
import type { MechanicResult, MechanicWorkspace } from './mechanicWorkspace.ts';

/** How each package manager rewrites its lockfile and nothing else. */
const LOCK_ONLY: Partial<Record<PackageManager, { lock: string; args: readonly string[] }>> = {
  npm: {
    lock: 'package-lock.json',
    args: [
      'install',
      '--package-lock-only',
      '--ignore-scripts',
      '--no-audit',
      '--no-fund',
      '--prefer-offline',
    ],
  },
  pnpm: {
    lock: 'pnpm-lock.yaml',
    args: ['install', '--lockfile-only', '--ignore-scripts', '--prefer-offline'],
  },
  yarn: { lock: 'yarn.lock', args: ['install', '--mode', 'update-lockfile'] },
  bun: { lock: 'bun.lock', args: ['install', '--lockfile-only', '--ignore-scripts'] },
};

/** Takes a dependency that nothing uses out of the manifest and the lockfile. */
export async function removeDependency(
  { manifest, section, name }: Extract<MechanicRecipe, { kind: 'unused-dependency' }>,
  { root, profile, signal }: MechanicWorkspace,
): Promise<MechanicResult> {
  const path = await insideWorkspace(root, manifest);
  if (path === null) return { nothing: `${manifest} is gone` };
  const text = await readFile(path, 'utf8');
  const parsed: unknown = JSON.parse(text);
  if (!isManifest(parsed)) return { nothing: `${manifest} is not an object` };
  const rest = withoutDependency(parsed, section, name);
  if (rest === parsed) return { nothing: `${manifest} does not list ${name} in ${section}` };
  await writeFile(path, printManifest(rest, text));

  const manager = LOCK_ONLY[profile.packageManager];
  const folder = [dirname(path), root].find(
    (at) => manager !== undefined && existsSync(join(at, manager.lock)),
  );
  if (manager !== undefined && folder !== undefined) {
    const run = await runTool(profile.packageManager, manager.args, { cwd: folder, signal });
    if (run.code !== 0)
      throw new VigilError(
        'command-failed',
        `${profile.packageManager} could not update ${manager.lock}: ${(run.stderr || run.stdout).trim().slice(-500)}`,
        'Check the network and the lockfile.',
      );
  }
  return { summary: `Removed ${name} from the ${section} of ${manifest}` };
}
