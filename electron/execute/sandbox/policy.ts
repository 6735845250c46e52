import { existsSync, readdirSync, realpathSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, dirname, join, resolve, sep } from 'node:path';

/** What a command in the sandbox may do. Paths are absolute; what is not named may be read and not written. */
export interface SandboxPolicy {
  /** Folders that it may write to: the worktree, a temporary folder, an agent's home. */
  readonly writable: readonly string[];
  /** Inside what is writable: not to be written. The `.git` of a worktree never is. */
  readonly readOnly?: readonly string[];
  /** Read again inside what is hidden. */
  readonly readable: readonly string[];
  /** Folders that it can't see into. */
  readonly hidden: readonly string[];
  /** Where TMPDIR points; writable. */
  readonly tempDir: string;
  /** HOME, where the command has none of its own; writable. */
  readonly homeDir: string;
  /** Hosts that it may reach, e.g. `registry.npmjs.org` or `*.example.com`. */
  readonly hosts: readonly string[];
  /** The model gateway's port on this machine's loopback; null: models are not for this command. */
  readonly gatewayPort: number | null;
}

/** Where the package managers at hand get packages. */
export const REGISTRIES: readonly string[] = [
  'registry.npmjs.org',
  'registry.yarnpkg.com',
  'npm.pkg.github.com',
  'pypi.org',
  'files.pythonhosted.org',
  'crates.io',
  'index.crates.io',
  'static.crates.io',
  'proxy.golang.org',
  'sum.golang.org',
  'rubygems.org',
];

/** Where a sandboxed command finds the gateway on its own loopback. */
export const INNER_GATEWAY_PORT = 4780;

/** System folders with other programs' secrets and sockets, where they exist. */
const SYSTEM_SECRETS = [
  '/etc/shadow',
  '/etc/gshadow',
  '/etc/sudoers',
  '/etc/sudoers.d',
  '/etc/ssh',
];

/**
 * Everything that is hidden from every command: the user's home but for what is needed to run programs,
 * other users' homes, and the node's own folder.
 */
export function hiddenPaths(nodeHome: string): string[] {
  const homes = ['/home', '/Users', '/root', homedir(), nodeHome, ...SYSTEM_SECRETS];
  return [...new Set(homes.map(real))].filter((path) => existsSync(path));
}

/**
 * Folders inside the user's home that programs are run from: those on PATH with the installation around
 * each, as `~/.nvm/versions/node/v24/bin` with its `lib`. Never the home itself.
 */
export function toolFolders(path = process.env['PATH'] ?? ''): string[] {
  const home = real(homedir());
  const folders = path
    .split(delimiter)
    .filter((folder) => folder.startsWith(sep) && existsSync(folder))
    .flatMap((folder) => {
      const at = real(folder);
      return at.endsWith(`${sep}bin`) ? [dirname(at)] : [at];
    })
    .filter((folder) => folder.startsWith(home + sep) && !isLogin(home, folder));
  return [...new Set([...folders, ...linkTargets(path, home)])];
}

/** A folder whose bin is `~/bin` or `~/.local/bin`: around it lies all that the user keeps. */
function isLogin(home: string, folder: string): boolean {
  return folder === home || folder === join(home, '.local');
}

/** Programs in `~/bin` and `~/.local/bin` are mostly links: what they point to is what runs. */
function linkTargets(path: string, home: string): string[] {
  const bins = path
    .split(delimiter)
    .filter((folder) => isLogin(home, dirname(real(folder))) && existsSync(folder));
  return bins.flatMap((bin) => [
    real(bin),
    ...readdirSync(bin)
      .map((name) => real(join(bin, name)))
      .map((target) => packageOf(target))
      .filter((target) => target.startsWith(home + sep)),
  ]);
}

/** The npm package around a program, or the program alone. */
function packageOf(target: string): string {
  const at = target.lastIndexOf(`${sep}node_modules${sep}`);
  return at < 0 ? target : target.slice(0, at);
}

/** A path without links, as the sandbox compares them; one that does not exist stays as it is. */
export function real(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return resolve(path);
  }
}
