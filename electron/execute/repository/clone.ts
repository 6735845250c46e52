import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { VigilError } from '../../../shared/model/errors.ts';
import type { GitAddress } from '../../../shared/model/gitAddress.ts';
import type { CommitId, ProjectId } from '../../../shared/model/ids.ts';
import type { Project } from '../../../shared/model/project.ts';
import {
  fetchFromHome,
  headsAtHome,
  KNOWN_INTEGRATION,
  KNOWN_TARGET,
  knownHeads,
  type Heads,
} from './fetchFromHome.ts';
import { git, gitLine, resolveCommit } from './git.ts';
import { QUEUE_REF } from './mirror.ts';
import { localOrigin, notHome, type Origin } from './origin.ts';

/** The integrated tree: a branch of the user's own repository that only Vigil moves. */
export const INTEGRATION_BRANCH = 'vigil/integration';
export const INTEGRATION_REF = `refs/heads/${INTEGRATION_BRANCH}`;

/** Git holds the lock of a ref for the blink of writing it: one that is older than this, ms, was left by a crash. */
const STALE_LOCK_MS = 60_000;

const SHA1_HEX_DIGITS = 40;

/** Holds a folder for each project of a home. */
export function projectsFolder(home: string): string {
  return path.join(home, 'projects');
}

/** The bare clone of a project in a node's home, absolute. */
export function clonePath(home: string, project: ProjectId): string {
  return path.resolve(projectsFolder(home), project, 'repo.git');
}

const CLONE_SETTINGS = [
  'core.hooksPath=/dev/null',
  'core.logAllRefUpdates=false',
  // Objects are fetched from here by id.
  'uploadpack.allowAnySHA1InWant=true',
  // Packs that share their blocks with the user's repository stay shared.
  'gc.bigPackThreshold=32m',
];

/**
 * A bare clone of the project in the node's home, where attempts are made: of the user's repository where
 * that is on this machine, else of the home node's clone. Only one node uses a home at a time, so that
 * whatever a crash left in the clone can be cleaned on opening.
 */
export class ProjectClone {
  #project: Project;
  readonly #origin: Origin;
  /** The folder of everything the node keeps for the project. */
  readonly folder: string;
  /** The bare clone. */
  readonly repository: string;
  readonly workFolder: string;
  readonly dependencyFolder: string;
  #known: CommitId | null = null;
  #userGitFolder: string | null = null;
  #turn: Promise<unknown> = Promise.resolve();
  #transfers: Promise<unknown> = Promise.resolve();

  private constructor(home: string, project: Project, origin: Origin) {
    this.#project = project;
    this.#origin = origin;
    this.folder = path.join(projectsFolder(home), project.id);
    this.repository = clonePath(home, project.id);
    this.workFolder = path.join(this.folder, 'work');
    this.dependencyFolder = path.join(this.folder, 'deps');
  }

  /**
   * Opens the clone, making it at first, and creates the integration branch where it is absent. Once made,
   * it opens also while the project's home can't be reached.
   * @throws VigilError `git-failed`, `conflict` (a branch named `vigil` is in the way), `disk-full`,
   *   `not-home` (neither a path nor another origin is given), or as `transfer`.
   */
  static async open(
    home: string,
    project: Project,
    origin: Origin = localOrigin(project),
  ): Promise<ProjectClone> {
    const clone = new ProjectClone(home, project, origin);
    await mkdir(clone.workFolder, { recursive: true });
    await clone.#removeHalfMade();
    if (existsSync(clone.repository)) {
      await removeStaleLocks(clone.repository);
      await removeHalfReceived(clone.repository);
      // None is in use, and one that a crash left half-made has a head that names nothing: git would stumble over it.
      await rm(path.join(clone.repository, 'worktrees'), { recursive: true, force: true });
    } else {
      await clone.#create();
    }
    await clone.fetch().catch(async (error: unknown) => {
      const offline = error instanceof VigilError && error.code === 'node-unreachable';
      const known = offline ? await knownHeads(clone.repository) : null;
      if (known === null) throw error;
      clone.#known = known.integration;
    });
    return clone;
  }

  get project(): Project {
    return this.#project;
  }

  /** Takes over new settings of the same repository; what is under way goes on with what it has read. */
  redefine(project: Project): void {
    this.#project = project;
  }

  /** Whether the user's repository is on this machine: only there results merge. */
  get isHome(): boolean {
    return this.#origin.kind === 'local';
  }

  /** The user's repository. Throws `not-home` where another node has it. */
  get userRepository(): string {
    if (this.#origin.kind === 'mesh') throw notHome(this.project);
    return this.#origin.path;
  }

  /** Where the newest heads are that this node can see without asking another. */
  get heads(): {
    readonly repository: string;
    readonly target: string;
    readonly integration: string;
  } {
    return this.#origin.kind === 'mesh'
      ? { repository: this.repository, target: KNOWN_TARGET, integration: KNOWN_INTEGRATION }
      : {
          repository: this.#origin.path,
          target: `refs/heads/${this.project.target}`,
          integration: INTEGRATION_REF,
        };
  }

  /**
   * Brings the target branch and the integrated tree into the clone.
   * @throws VigilError `git-failed`, `conflict`, `not-found`, `disk-full`, or as `transfer`.
   */
  fetch(): Promise<Heads> {
    const origin = this.#origin;
    if (origin.kind === 'local') return this.#fetchLocal(origin.path);
    // One at a time: two would write the same refs. None is spared, for its caller may know of something newer.
    const result = this.#transfers.then(async () => {
      const heads = await fetchFromHome(this.repository, origin.home(), this.project);
      this.#known = heads.integration;
      return heads;
    });
    this.#transfers = result.catch(() => undefined);
    return result;
  }

  async #fetchLocal(user: string): Promise<Heads> {
    const { target } = this.project;
    this.#userGitFolder ??= await gitLine(user, [
      'rev-parse',
      '--path-format=absolute',
      '--git-common-dir',
    ]);
    await removeAbandonedLocks(this.#userGitFolder);
    const targetHead = await this.targetHead();
    let integration = await resolveCommit(user, INTEGRATION_REF);
    if (integration === null) {
      await this.#createIntegration(user, targetHead);
      integration = await resolveCommit(user, INTEGRATION_REF);
    }
    if (integration === null)
      throw new VigilError(
        'git-failed',
        `The branch ${INTEGRATION_BRANCH} could not be made in ${user}.`,
        'Check that the repository can be written.',
      );
    await git(this.repository, [
      'fetch',
      '--quiet',
      '--no-tags',
      '--no-write-fetch-head',
      '--update-shallow',
      user,
      `+refs/heads/${target}:${KNOWN_TARGET}`,
      `+${INTEGRATION_REF}:${KNOWN_INTEGRATION}`,
    ]);
    this.#known = integration;
    return { target: targetHead, integration };
  }

  /** The commit of the integrated tree, present in the clone; away from home, as it was fetched last. */
  async integrationHead(): Promise<CommitId> {
    if (this.#origin.kind === 'mesh') return this.#known ?? (await this.fetch()).integration;
    const user = this.#origin.path;
    // Where git keeps the ref as a file, that file has the last word, and no process is needed to read it.
    const loose = await readFile(path.join(user, '.git', INTEGRATION_REF), 'utf8').catch(
      () => null,
    );
    if (this.#known !== null && loose?.trimEnd() === this.#known) return this.#known;
    const head = await resolveCommit(user, INTEGRATION_REF);
    if (head !== null && head === this.#known) return head;
    return (await this.fetch()).integration;
  }

  /** The head of the branch that `promote` moves; away from home, as it was fetched last. */
  async targetHead(): Promise<CommitId> {
    const { repository, target: ref } = this.heads;
    const head = await resolveCommit(repository, ref);
    if (head === null) {
      throw new VigilError(
        'not-found',
        `The branch ${this.project.target} is gone from ${repository}.`,
        'Restore it, or name another as `target:` in vigil.yaml.',
      );
    }
    return head;
  }

  /** Notes that the integrated tree is now at a commit which the clone holds. */
  async integrated(commit: CommitId): Promise<void> {
    await git(this.repository, ['update-ref', KNOWN_INTEGRATION, commit]);
    this.#known = commit;
  }

  /** Runs one change to the clone's worktrees at a time: git's own bookkeeping of them takes no lock. */
  exclusive<T>(action: () => Promise<T>): Promise<T> {
    const result = this.#turn.then(action, action);
    this.#turn = result.catch(() => undefined);
    return result;
  }

  async #create(): Promise<void> {
    const temporary = `${this.repository}.tmp`;
    if (this.#origin.kind === 'local') await this.#cloneLocal(this.#origin.path, temporary);
    else await this.#createEmpty(this.#origin.home(), temporary);
    await mkdir(path.join(temporary, 'info'), { recursive: true });
    // Dependencies never enter a commit, also where the project forgot to ignore them.
    await writeFile(path.join(temporary, 'info', 'exclude'), 'node_modules\n');
    await rename(temporary, this.repository);
  }

  /** Filled by the first fetch, which may be tried as often as it takes. */
  async #createEmpty(home: GitAddress, temporary: string): Promise<void> {
    const { target } = await headsAtHome(this.folder, home);
    const format = target.length === SHA1_HEX_DIGITS ? 'sha1' : 'sha256';
    const { target: branch } = this.project;
    await git(this.folder, [
      'init',
      '--quiet',
      '--bare',
      '--template=',
      `--object-format=${format}`,
      `--initial-branch=${branch}`,
      '--',
      temporary,
    ]);
    for (const setting of CLONE_SETTINGS) {
      const [name = '', value = ''] = setting.split('=');
      await git(temporary, ['config', name, value]);
    }
  }

  async #cloneLocal(user: string, temporary: string): Promise<void> {
    const args = (how: string): string[] => [
      'clone',
      '--quiet',
      '--bare',
      how,
      '--no-tags',
      '--single-branch',
      '--branch',
      this.project.target,
      '--template=',
      ...CLONE_SETTINGS.flatMap((setting) => ['--config', setting]),
      '--',
      user,
      temporary,
    ];
    await git(this.folder, args('--local')).catch(async (error: unknown) => {
      if (error instanceof VigilError && error.code === 'disk-full') throw error;
      // Hard links are refused across file systems and for object folders with symbolic links.
      await rm(temporary, { recursive: true, force: true });
      await git(this.folder, args('--no-local'));
    });
  }

  async #removeHalfMade(): Promise<void> {
    await rm(`${this.repository}.tmp`, { recursive: true, force: true });
  }

  async #createIntegration(user: string, at: CommitId): Promise<void> {
    if ((await resolveCommit(user, 'refs/heads/vigil')) !== null) {
      throw new VigilError(
        'conflict',
        `${user} has a branch named \`vigil\`, so that ${INTEGRATION_BRANCH} can't be made.`,
        'Rename it: git branch -m vigil vigil-old',
      );
    }
    // Created only when absent: whoever was first wins, and the caller reads again.
    await git(
      user,
      ['update-ref', '-m', 'vigil: start', INTEGRATION_REF, at, '0'.repeat(at.length)],
      { allowExit: [1, 128] },
    );
  }
}

/**
 * Removes locks that a crash left on the refs which only Vigil moves, in the user's repository: nobody else
 * would, and nothing could be merged any more. Young ones and those of the user's own refs are left alone.
 */
async function removeAbandonedLocks(gitFolder: string): Promise<void> {
  for (const ref of [INTEGRATION_REF, QUEUE_REF]) {
    const lock = path.join(gitFolder, `${ref}.lock`);
    const ageMs = await stat(lock).then(
      ({ mtimeMs }) => Date.now() - mtimeMs,
      () => 0,
    );
    if (ageMs > STALE_LOCK_MS) await rm(lock, { force: true });
  }
}

/** What a push or fetch brought that a crash cut short: nothing names it, and git never looks at it again. */
async function removeHalfReceived(repository: string): Promise<void> {
  const objects = path.join(repository, 'objects');
  for (const folder of [objects, path.join(objects, 'pack')]) {
    for (const name of await readdir(folder).catch(() => [])) {
      if (/^(?:tmp_|incoming-)/.test(name))
        await rm(path.join(folder, name), { recursive: true, force: true });
    }
  }
}

/** Lock files in our own clone after a crash have no owner. Objects are left alone: git renames them into place. */
async function removeStaleLocks(repository: string): Promise<void> {
  const folders = ['', 'refs', 'worktrees', 'info'];
  for (const folder of folders) {
    const at = path.join(repository, folder);
    if (!existsSync(at)) continue;
    for (const entry of await readdir(at, { recursive: folder !== '', withFileTypes: true })) {
      if (entry.isFile() && entry.name.endsWith('.lock'))
        await rm(path.join(entry.parentPath, entry.name), { force: true });
    }
  }
}
