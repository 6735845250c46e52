import { accessSync, constants, readFileSync } from 'node:fs';
import path from 'node:path';
import type { PackageManager } from '../../../shared/model/project.ts';
import { INSTALL_SCRIPTS } from '../dependencies/dependencyKey.ts';
import { commandEnvironment } from '../command/environment.ts';
import type { ProjectFiles } from './projectFiles.ts';

type Manager = Exclude<PackageManager, 'none'>;

/** In the order of preference among several: npm comes with Node. */
const LOCKFILES: Readonly<Record<Manager, readonly string[]>> = {
  npm: ['package-lock.json', 'npm-shrinkwrap.json'],
  pnpm: ['pnpm-lock.yaml'],
  yarn: ['yarn.lock'],
  bun: ['bun.lock', 'bun.lockb'],
};
const MANAGERS = ['npm', 'pnpm', 'yarn', 'bun'] as const satisfies readonly Manager[];

export interface ManagerChoice {
  readonly name: PackageManager;
  /** What it was told by. */
  readonly source: string;
  /** The lock file that its installation follows, or null. */
  readonly lockfile: string | null;
  readonly notes: readonly string[];
}

/** Which package manager a project uses: the one its manifest names, else the one whose lock file is there. */
export function choosePackageManager({ top, manifest }: ProjectFiles): ManagerChoice {
  if (manifest === null)
    return { name: 'none', source: 'detected: no package.json', lockfile: null, notes: [] };
  const lockOf = (name: Manager): string | null =>
    LOCKFILES[name].find((file) => top.has(file)) ?? null;
  const named = MANAGERS.find((name) => manifest.packageManager?.startsWith(`${name}@`) === true);
  const locked = MANAGERS.filter((name) => lockOf(name) !== null);
  const name = named ?? locked.find(isInstalled) ?? locked[0] ?? 'npm';
  const lockfile = lockOf(name);
  const source =
    named !== undefined
      ? 'detected: packageManager in package.json'
      : lockfile !== null
        ? `detected: ${lockfile}`
        : 'detected: package.json';
  const notes: string[] = [];
  if (named === undefined && locked.length > 1) {
    notes.push(
      `There are lock files of several package managers (${locked.map(lockOf).join(', ')}); ${name} is used. Name one as \`packageManager\` in package.json, or set \`install:\` in vigil.yaml.`,
    );
  }
  if (!isInstalled(name))
    notes.push(
      `The project uses ${name}, which is not installed here. Install it (npm install --global ${name}), or set \`install:\` and \`test:\` in vigil.yaml.`,
    );
  return { name, source, lockfile, notes };
}

/** The command that installs exactly what the lock file names, or null when there is nothing to install. */
export function installCommand(
  { root, manifest }: ProjectFiles,
  { name, lockfile }: ManagerChoice,
): string | null {
  if (manifest === null || name === 'none') return null;
  const {
    dependencies,
    devDependencies,
    optionalDependencies,
    peerDependencies,
    workspaces,
    scripts,
  } = manifest;
  const declared = [dependencies, devDependencies, optionalDependencies, peerDependencies].some(
    (names) => Object.keys(names ?? {}).length > 0,
  );
  // They may make files even where there is nothing to install.
  const scripted = INSTALL_SCRIPTS.some((script) => scripts?.[script] !== undefined);
  if (!declared && !scripted && workspaces === undefined) return null;
  switch (name) {
    case 'npm':
      // Without a lock file none is written: the attempt's diff is the task's, not npm's.
      return lockfile === null
        ? 'npm install --no-audit --no-fund --no-package-lock'
        : 'npm ci --no-audit --no-fund';
    case 'pnpm':
      return lockfile === null ? 'pnpm install --no-lockfile' : 'pnpm install --frozen-lockfile';
    case 'yarn':
      if (lockfile === null) return 'yarn install';
      // Only the lock file of yarn 2 and later has this section; it knows no other of these flags.
      return /^__metadata:/m.test(readFileSync(path.join(root, lockfile), 'utf8'))
        ? 'yarn install --immutable'
        : 'yarn install --frozen-lockfile --non-interactive';
    case 'bun':
      return lockfile === null ? 'bun install --no-save' : 'bun install --frozen-lockfile';
    default:
      return name satisfies never;
  }
}

/** The command that runs a script of the manifest. */
export function scriptCommand(manager: PackageManager, script: string): string {
  if (manager === 'bun' || manager === 'none')
    return `${manager === 'bun' ? 'bun' : 'npm'} run ${script}`;
  return script === 'test' ? `${manager} test` : `${manager} run ${script}`;
}

/** The command that runs a program of an installed dependency, and never fetches one that is not there. */
export function programCommand(manager: PackageManager, program: string): string {
  switch (manager) {
    case 'pnpm':
      return `pnpm exec ${program}`;
    case 'yarn':
      return `yarn run ${program}`;
    case 'bun':
      return `bun run ${program}`;
    case 'npm':
    case 'none':
      return `npx --no-install ${program}`;
    default:
      return manager satisfies never;
  }
}

/** Whether the project's commands will find the program. */
function isInstalled(program: string): boolean {
  const folders = (commandEnvironment(process.env)['PATH'] ?? '').split(':');
  return folders.some((folder) => {
    try {
      accessSync(path.join(folder, program), constants.X_OK);
      return true;
    } catch {
      // Not in this folder; the next one may have it.
      return false;
    }
  });
}
