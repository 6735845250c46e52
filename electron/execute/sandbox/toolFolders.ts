import { existsSync, readdirSync, realpathSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, delimiter, dirname, join, resolve, sep } from 'node:path';

/**
 * Version managers that put one small program for all tools on PATH and keep the tools elsewhere in the
 * home, where they look by a variable: `shims` and `folder` below the home.
 */
const MANAGERS = [
  { shims: '.volta/bin', folder: '.volta', variable: 'VOLTA_HOME' },
  { shims: '.asdf/shims', folder: '.asdf', variable: 'ASDF_DATA_DIR' },
  { shims: '.local/share/mise/shims', folder: '.local/share/mise', variable: 'MISE_DATA_DIR' },
  { shims: '.pyenv/shims', folder: '.pyenv', variable: 'PYENV_ROOT' },
  { shims: '.rbenv/shims', folder: '.rbenv', variable: 'RBENV_ROOT' },
  { shims: '.cargo/bin', folder: '.rustup', variable: 'RUSTUP_HOME' },
] as const;

/**
 * What programs on PATH need of the user's home: their folders, the installation around each, as
 * `~/.nvm/versions/node/v24` around its `bin`, and what links there point to. Never the home itself, nor
 * what only lies beside a `bin`, as `~/.docker/config.json` or `~/.cargo/credentials.toml`.
 */
export function toolFolders(path = process.env['PATH'] ?? '', home = homedir()): string[] {
  const own = real(home);
  const folders = path
    .split(delimiter)
    .filter((folder) => folder.startsWith(sep) && existsSync(folder))
    .map(real)
    .filter((folder) => folder !== own && (isInside(own, folder) || folder.startsWith('/home/')));
  return outermost(
    folders.flatMap((folder) => [
      folder,
      ...installation(folder, own),
      ...managersOf(folder, own).map((manager) => join(own, manager.folder)),
      ...linksOut(folder).flatMap((target) => surroundings(target, own)),
    ]),
  ).filter((folder) => existsSync(folder));
}

/** What is needed to run a program outside of PATH: its folder, and the package or installation of what it links to. */
export function programFolders(file: string, home = homedir()): string[] {
  const own = real(home);
  const folder = real(dirname(file));
  return outermost([...(isAbove(folder, own) ? [] : [folder]), ...surroundings(real(file), own)]);
}

/** Where version managers find their tools although HOME is another. */
export function toolVariables(
  path = process.env['PATH'] ?? '',
  home = homedir(),
): Record<string, string> {
  const own = real(home);
  const folders = path.split(delimiter).map(real);
  return Object.fromEntries(
    folders.flatMap((folder) =>
      managersOf(folder, own).map(({ variable, folder: at }) => [variable, join(own, at)]),
    ),
  );
}

/** A path without links, as the sandbox compares them; one that does not exist stays as it is. */
export function real(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    // Absent: compared as it is written.
    return resolve(path);
  }
}

function managersOf(folder: string, home: string): readonly (typeof MANAGERS)[number][] {
  return MANAGERS.filter(
    ({ shims, folder: at }) => folder === join(home, shims) && existsSync(join(home, at)),
  );
}

/** The folder that `bin` belongs to when more of the program lies in it. Around `~/.local/bin` lies all that the user keeps. */
function installation(folder: string, home: string): string[] {
  const around = dirname(folder);
  const whole =
    basename(folder) === 'bin' &&
    !isAbove(around, home) &&
    around !== join(home, '.local') &&
    ['lib', 'libexec'].some((part) => existsSync(join(around, part)));
  return whole ? [around] : [];
}

/** Where the links in a folder of programs lead, when elsewhere. */
function linksOut(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isSymbolicLink())
    .map(({ name }) => real(join(folder, name)))
    .filter((target) => !isInside(folder, target));
}

/** A program with its npm packages or its installation; alone, when it has none. */
function surroundings(target: string, home: string): string[] {
  // The outermost: packages find each other through it, and pnpm links into its `.pnpm`.
  const at = target.indexOf(`${sep}node_modules${sep}`);
  if (at >= 0) return [target.slice(0, at) + `${sep}node_modules`];
  const around = installation(dirname(target), home);
  return around.length > 0 ? around : [target];
}

/** Without those that lie in another of them. */
function outermost(folders: readonly string[]): string[] {
  return [...new Set(folders)].filter(
    (folder, _, all) => !all.some((other) => other !== folder && isInside(other, folder)),
  );
}

/** Whether a folder is the other or holds it. */
function isAbove(folder: string, path: string): boolean {
  return folder === path || isInside(folder, path);
}

function isInside(folder: string, path: string): boolean {
  return path.startsWith(folder === sep ? sep : folder + sep);
}
