import { readFileSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';
import { dependencyFolders } from '../dependencies/dependencyFolders.ts';
import { ownFolders } from '../../tools/package.ts';
import { hiddenPaths, REGISTRIES, type SandboxPolicy } from './policy.ts';
import { real, toolFolders } from './toolFolders.ts';

/** What a sandbox has to know of the project that is worked on in it. */
export interface ProjectGround {
  /** The node's own folder. */
  readonly nodeHome: string;
  /** The bare clone that the worktree belongs to: git reads its objects. */
  readonly repository: string;
  readonly worktree: string;
  /** The user's repositories on this node: what lies in them beside the commits is not for commands. */
  readonly userRepositories: readonly string[];
  /** Hosts beside the package registries. */
  readonly network: readonly string[];
}

/** What differs from one use to the next. */
export interface SandboxUse {
  /** Where TMPDIR points. */
  readonly tempDir: string;
  /** Where HOME points. */
  readonly homeDir: string;
  /** Folders with the programs that it is about. */
  readonly programs?: readonly string[];
  readonly gatewayPort?: number | null;
  /** Whether it may write into dependencies. Never where they are links into a store that others run from. */
  readonly writesDependencies: boolean;
}

/** The policy for anything that works on a project: agents, commands, tests, linters, scans. */
export function projectPolicy(ground: ProjectGround, use: SandboxUse): SandboxPolicy {
  const { nodeHome, repository, worktree, userRepositories, network } = ground;
  const { tempDir, homeDir, programs = [], gatewayPort = null, writesDependencies } = use;
  return {
    writable: [...new Set([worktree, tempDir, homeDir].map(real))],
    readOnly: writesDependencies ? [] : dependencyFolders(real(worktree)),
    readable: [
      ...toolFolders(),
      ...[dirname(process.execPath), ...ownFolders(), ...programs].map(real),
      real(repository),
      ...alternatesOf(repository),
    ],
    hidden: [...new Set([...hiddenPaths(nodeHome), ...userRepositories.map(real)])],
    tempDir: real(tempDir),
    homeDir: real(homeDir),
    hosts: [...REGISTRIES, ...network],
    gatewayPort,
  };
}

/** Object stores that a clone borrows from; git can't read a commit without them. */
function alternatesOf(repository: string): string[] {
  try {
    const file = join(repository, 'objects', 'info', 'alternates');
    return readFileSync(file, 'utf8')
      .split('\n')
      .filter((line) => line.startsWith(sep))
      .map(real);
  } catch {
    // Nearly no repository has any.
    return [];
  }
}
