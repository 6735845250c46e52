import { existsSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { VigilError } from '../../../shared/model/errors.ts';
import { real } from './toolFolders.ts';

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

const HOMES = ['/home', '/Users', '/root'];

/** Other programs' and other attempts' scratch, and sockets of the user's session. */
const SCRATCH = ['/tmp', '/var/tmp', '/run/user'];

/** System folders with other programs' secrets, where they exist. */
const SYSTEM_SECRETS = [
  '/etc/shadow',
  '/etc/gshadow',
  '/etc/sudoers',
  '/etc/sudoers.d',
  '/etc/ssh',
  '/run/secrets',
];

/**
 * Everything that is hidden from every command: the homes of this machine's users but for what is needed
 * to run programs, its temporary folders, and the node's own folder.
 */
export function hiddenPaths(nodeHome: string): string[] {
  const paths = [...HOMES, homedir(), ...SCRATCH, tmpdir(), nodeHome, ...SYSTEM_SECRETS];
  return [...new Set(paths.map(real))].filter((path) => existsSync(path));
}

/** This machine, whatever a resolver says. Other names that resolve to it are refused when they are dialled. */
const OWN_NAME = /(^|\.)localhost$/;

/**
 * Checks hosts that a repository asks for: a public name, with or without `*.` and a port. An address,
 * or a name for this machine, would open its services. Throws `invalid-input`.
 */
export function checkHosts(hosts: readonly string[]): void {
  for (const host of hosts) {
    const name = host.replace(/^\*\./, '').replace(/:\d+$/, '').toLowerCase();
    const isName = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+$/.test(name);
    if (isName && !/\.\d+$/.test(name) && !OWN_NAME.test(name)) continue;
    throw new VigilError(
      'invalid-input',
      `${JSON.stringify(host)} is no host that a sandboxed command can be let through to`,
      'Name it by its domain in vigil.yaml, as `network: [api.example.com]`; addresses and this machine itself stay closed.',
    );
  }
}
