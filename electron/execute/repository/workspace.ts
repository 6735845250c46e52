import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import type { CommitId, TaskId } from '../../../shared/model/ids.ts';
import type { ProjectClone } from './clone.ts';
import { git, gitLine } from './git.ts';

/** A worktree of the project's clone on a branch of its own, for one attempt. */
export interface Workspace {
  /** Absolute path of the working tree. */
  readonly path: string;
  readonly branch: string;
  /** The commit that the attempt builds on. */
  readonly base: CommitId;
  readonly task: TaskId;
  readonly attempt: number;
}

export interface WorkspaceRequest {
  readonly task: TaskId;
  readonly attempt: number;
  readonly base: CommitId;
}

/** Brings a fresh worktree into a state in which work can start: installs its dependencies. */
export type Prepare = (folder: string) => Promise<void>;

/** Hands out workspaces, and keeps one prepared ahead so that taking it costs a checkout of next to nothing. */
export class WorkspacePool {
  readonly #clone: ProjectClone;
  readonly #prepare: Prepare;
  readonly #removals = new Set<Promise<void>>();
  #warm: { readonly folder: string; readonly base: CommitId } | null = null;
  #warming: Promise<void> | null = null;
  #counter = 0;

  private constructor(clone: ProjectClone, prepare: Prepare) {
    this.#clone = clone;
    this.#prepare = prepare;
  }

  /** Opens the pool and removes the workspaces that an earlier run left. */
  static async open(clone: ProjectClone, prepare: Prepare): Promise<WorkspacePool> {
    const pool = new WorkspacePool(clone, prepare);
    await mkdir(clone.workFolder, { recursive: true });
    for (const name of await readdir(clone.workFolder))
      await pool.#discard(path.join(clone.workFolder, name));
    await removeBranches(clone.repository);
    return pool;
  }

  /** Prepares the next workspace ahead, at the head of the integrated tree, unless one is ready. */
  warm(): Promise<void> {
    if (this.#warm !== null) return Promise.resolve();
    this.#warming ??= this.#prepareNext().finally(() => {
      this.#warming = null;
    });
    return this.#warming;
  }

  /**
   * A workspace for an attempt, at its base. The prepared one when there is one; otherwise a new one.
   * @throws VigilError `git-failed`, `disk-full`, or what preparing it throws.
   */
  async take({ task, attempt, base }: WorkspaceRequest): Promise<Workspace> {
    // One that is being prepared is nearer to ready than a new one; if it fails, the new one says why.
    await this.#warming?.catch(() => undefined);
    const branch = `vigil/${task}/${attempt}`;
    const warm = this.#warm;
    this.#warm = null;
    const folder = warm?.folder ?? this.#newFolder('work');
    if (warm === null) await this.#add(folder, base);
    await git(folder, ['checkout', '--quiet', '--force', '-B', branch, base]);
    // Another base may have other dependencies; where it has not, looking costs little.
    if (warm?.base !== base) await this.#prepare(folder);
    return { path: folder, branch, base, task, attempt };
  }

  /** Gives a workspace back. Its files go; the attempt's commit stays under its ref. */
  async release(workspace: Workspace): Promise<void> {
    await this.#discard(workspace.path);
    await this.#clone.exclusive(() =>
      git(this.#clone.repository, ['worktree', 'prune', '--expire=now']),
    );
    await git(this.#clone.repository, ['update-ref', '-d', `refs/heads/${workspace.branch}`]);
  }

  /** Removes the workspace that is ready, and waits until all that was given back is gone from the disk. */
  async close(): Promise<void> {
    await this.#warming?.catch(() => undefined);
    if (this.#warm !== null) await this.#discard(this.#warm.folder);
    this.#warm = null;
    await Promise.all(this.#removals);
    await this.#clone.exclusive(() =>
      git(this.#clone.repository, ['worktree', 'prune', '--expire=now']),
    );
  }

  async #prepareNext(): Promise<void> {
    const folder = this.#newFolder('work');
    const base = await this.#clone.integrationHead();
    try {
      await this.#add(folder, base);
      await this.#prepare(folder);
      this.#warm = { folder, base };
    } catch (error) {
      await this.#discard(folder);
      throw error;
    }
  }

  async #add(folder: string, commit: CommitId): Promise<void> {
    await this.#clone.exclusive(() =>
      git(this.#clone.repository, [
        'worktree',
        'add',
        '--quiet',
        '--force',
        '--detach',
        folder,
        commit,
      ]),
    );
  }

  /** Not named for its task: a worktree that git has registered is costly to rename. */
  #newFolder(what: 'work' | 'trash'): string {
    return path.join(this.#clone.workFolder, `${what}-${process.pid}-${++this.#counter}`);
  }

  /** Moves a folder out of the way at once and deletes it in the background: dependencies are many files. */
  async #discard(folder: string): Promise<void> {
    const trash = this.#newFolder('trash');
    const moved = await this.#clone.exclusive(() =>
      rename(folder, trash).then(
        () => true,
        () => false,
      ),
    );
    if (!moved) return;
    const removal = rm(trash, { recursive: true, force: true, maxRetries: 3 })
      // Whatever can't be deleted now is tried again when the pool opens next.
      .catch(() => undefined)
      .then(() => void this.#removals.delete(removal));
    this.#removals.add(removal);
  }
}

/** Branches of workspaces that a crash left; what was committed on them stays under the refs of the attempts. */
async function removeBranches(repository: string): Promise<void> {
  const refs = await gitLine(repository, [
    'for-each-ref',
    '--format=delete %(refname)',
    'refs/heads/vigil/',
  ]);
  if (refs !== '') await git(repository, ['update-ref', '--stdin'], { input: `${refs}\n` });
}
