import path from 'node:path';
import { z } from 'zod';
import { INSTALL_SCRIPTS } from '../../dependencies/dependencyKey.ts';
import { git } from '../../repository/git.ts';

const Names = z.record(z.string(), z.string()).catch({});
const Manifest = z.looseObject({
  dependencies: Names,
  devDependencies: Names,
  optionalDependencies: Names,
  peerDependencies: Names,
  scripts: Names,
});
/** npm's lock file, versions 2 and 3. */
const NpmLock = z.looseObject({
  packages: z.record(
    z.string(),
    z.looseObject({
      version: z.string().optional(),
      resolved: z.string().optional(),
      hasInstallScript: z.boolean().optional(),
    }),
  ),
});

const NPM_LOCK = /(^|\/)(package-lock|npm-shrinkwrap)\.json$/;
const OTHER_LOCK = /(^|\/)(pnpm-lock\.yaml|yarn\.lock|bun\.lockb?)$/;
/** Where packages come from, and what is done to them: with these any package may be anything. */
const SETTINGS =
  /(^|\/)(\.npmrc|\.yarnrc|\.yarnrc\.yml|\.pnpmfile\.cjs|pnpm-workspace\.yaml|bunfig\.toml)$/;
const MANIFEST = /(^|\/)package\.json$/;
/** A lock file beyond this is not read, bytes. */
const MAX_FILE_BYTES = 32 * 1024 * 1024;

/** How a change alters what is installed. */
export interface DependencyChange {
  /** Declared anew or with another range, as `name@range`, with the manifest that does so. */
  readonly declared: readonly { readonly name: string; readonly file: string }[];
  /** Packages that npm's lock file has now and had not, as `name@version`. */
  readonly locked: readonly { readonly name: string; readonly file: string }[];
  /** Of those, the ones whose installation runs code of theirs. */
  readonly scripted: readonly { readonly name: string; readonly file: string }[];
  /** Scripts of the project itself that run on installation, and are new or changed. */
  readonly ownScripts: readonly { readonly name: string; readonly file: string }[];
  /** Lock files whose packages Vigil can't read. */
  readonly unreadable: readonly string[];
  readonly settings: readonly string[];
}

/** Whether a file has a say in what is installed. */
export function concernsDependencies(file: string): boolean {
  return [MANIFEST, NPM_LOCK, OTHER_LOCK, SETTINGS].some((pattern) => pattern.test(file));
}

/**
 * Compares the manifests and lock files among the changed files with those of `base`.
 * @throws VigilError `git-failed`.
 */
export async function dependencyChange(
  root: string,
  base: string,
  changed: readonly string[],
): Promise<DependencyChange> {
  const none = {
    declared: [] as DependencyChange['declared'][number][],
    locked: [] as DependencyChange['locked'][number][],
    scripted: [] as DependencyChange['scripted'][number][],
    ownScripts: [] as DependencyChange['ownScripts'][number][],
    unreadable: changed.filter((file) => OTHER_LOCK.test(file)),
    settings: changed.filter((file) => SETTINGS.test(file)),
  };
  for (const file of changed) {
    if (!MANIFEST.test(file) && !NPM_LOCK.test(file)) continue;
    const after = await jsonAt(root, 'HEAD', file);
    if (after === null) continue; // it is gone, and with it what it named
    const before = await jsonAt(root, base, file);
    if (MANIFEST.test(file)) {
      const [then, now] = [Manifest.safeParse(before), Manifest.safeParse(after)];
      if (!now.success) {
        none.unreadable.push(file);
        continue;
      }
      const old = then.success ? declaredIn(then.data) : new Set<string>();
      for (const name of declaredIn(now.data))
        if (!old.has(name)) none.declared.push({ name, file });
      for (const script of INSTALL_SCRIPTS) {
        const command = now.data.scripts[script];
        const was = then.success ? then.data.scripts[script] : undefined;
        if (command !== undefined && command !== was) none.ownScripts.push({ name: script, file });
      }
    } else {
      const [then, now] = [NpmLock.safeParse(before), NpmLock.safeParse(after)];
      if (!now.success) {
        none.unreadable.push(file);
        continue;
      }
      const old = new Set(then.success ? entriesOf(then.data).map(({ identity }) => identity) : []);
      for (const { identity, name, scripted } of entriesOf(now.data)) {
        if (old.has(identity)) continue;
        none.locked.push({ name, file });
        if (scripted) none.scripted.push({ name, file });
      }
    }
  }
  return none;
}

/** The content of a file at a commit; null when it is not there. */
export async function textAt(root: string, commit: string, file: string): Promise<string | null> {
  const { stdout, exitCode } = await git(root, ['cat-file', 'blob', `${commit}:${file}`], {
    maxBytes: MAX_FILE_BYTES,
    allowExit: [128],
  });
  return exitCode === 0 ? stdout : null;
}

/** A lock file of npm, by the folder and name in which it lies. */
export interface LockFile {
  readonly folder: string;
  readonly name: string;
  readonly text: string;
}

/** The npm lock file that holds for a folder at a commit: its own, else that of a folder above. */
export async function npmLockFor(
  root: string,
  commit: string,
  from: string,
): Promise<LockFile | null> {
  for (let folder = from; ; folder = path.posix.dirname(folder)) {
    for (const name of ['package-lock.json', 'npm-shrinkwrap.json']) {
      const text = await textAt(root, commit, path.posix.join(folder, name));
      if (text !== null) return { folder, name, text };
    }
    if (folder === '.') return null;
  }
}

/** Whether a lock file names a package, given as `name@range`. */
export function isLocked({ text }: LockFile, declared: string): boolean {
  const name = declared.slice(0, declared.lastIndexOf('@'));
  const lock = NpmLock.safeParse(parsed(text));
  if (!lock.success) return false;
  return Object.keys(lock.data.packages).some((place) => place.endsWith(`node_modules/${name}`));
}

/** What is not JSON is a text that no schema takes: not understood. */
async function jsonAt(root: string, commit: string, file: string): Promise<unknown> {
  const text = await textAt(root, commit, file);
  return text === null ? null : parsed(text);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return 'not JSON';
  }
}

function declaredIn(manifest: z.infer<typeof Manifest>): Set<string> {
  const { dependencies, devDependencies, optionalDependencies, peerDependencies } = manifest;
  return new Set(
    [dependencies, devDependencies, optionalDependencies, peerDependencies].flatMap((names) =>
      Object.entries(names).map(([name, range]) => `${name}@${range}`),
    ),
  );
}

/** Its origin is part of what a package is: the same name from elsewhere is another one. */
function entriesOf(
  lock: z.infer<typeof NpmLock>,
): { identity: string; name: string; scripted: boolean }[] {
  return Object.entries(lock.packages)
    .filter(([place]) => place.includes('node_modules/'))
    .map(([place, { version, resolved, hasInstallScript }]) => {
      const name = `${place.slice(place.lastIndexOf('node_modules/') + 'node_modules/'.length)}@${version ?? 'linked'}`;
      return { identity: `${name} ${resolved ?? ''}`, name, scripted: hasInstallScript === true };
    });
}
