import { realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import { VigilError } from '../../../shared/model/errors.ts';
import type { CommitId } from '../../../shared/model/ids.ts';
import { INTEGRATION_BRANCH } from './clone.ts';
import { commonRemoteOf } from './commonRemote.ts';
import { git, gitLine, resolveCommit } from './git.ts';

/** Files above this are worth a note: every worktree holds a copy. */
const HUGE_FILE_BYTES = 20 * 1024 * 1024;

export interface RepositoryInfo {
  /** Absolute path of the repository's top folder, or of the bare repository. */
  readonly root: string;
  readonly bare: boolean;
  /** The branch that HEAD names, or the one asked for. */
  readonly target: string;
  readonly head: CommitId;
  /** Where the user publishes it, as other machines may use it; null when nowhere. */
  readonly remote: string | null;
  /** Uncommitted or untracked files; Vigil works from commits and leaves them alone. */
  readonly dirty: boolean;
  readonly submodules: readonly string[];
  readonly hugeFiles: readonly { readonly path: string; readonly bytes: number }[];
  /** What the user should know, in sentences. */
  readonly notes: readonly string[];
}

/**
 * Finds out what is at a path, without changing it.
 * @param options.target the branch to use instead of the one that HEAD names
 * @throws VigilError `not-found`, `not-a-repository`, `empty-repository`, `invalid-input` (detached HEAD,
 *   no such branch) or `conflict` (Vigil's own branch is checked out).
 */
export async function inspectRepository(
  given: string,
  options: { readonly target?: string } = {},
): Promise<RepositoryInfo> {
  const { root, bare } = await findRoot(path.resolve(given));
  const target = options.target ?? (await headBranch(root));
  const head = await resolveCommit(root, `refs/heads/${target}`);
  if (head === null) throw await missingBranch(root, target, options.target !== undefined);
  if (target === INTEGRATION_BRANCH) {
    throw new VigilError(
      'conflict',
      `${root} has Vigil's own branch ${INTEGRATION_BRANCH} checked out.`,
      'Switch to the branch that Vigil should work for, e.g. `git switch main`, or name it as `target:` in vigil.yaml.',
    );
  }
  const dirty =
    !bare && (await gitLine(root, ['status', '--porcelain', '--ignore-submodules=all'])) !== '';
  const { submodules, hugeFiles } = await readTree(root, head);
  const notes: string[] = [];
  const asked = await realpath(given);
  if (!bare && asked !== root)
    notes.push(`${asked} lies inside the repository ${root}; the whole repository is used.`);
  if (dirty)
    notes.push(
      'There are uncommitted changes; Vigil works from the last commit and leaves them alone.',
    );
  if (submodules.length > 0)
    notes.push(`Submodules are not checked out in worktrees: ${submodules.join(', ')}.`);
  for (const file of hugeFiles)
    notes.push(
      `${file.path} is ${Math.round(file.bytes / 1024 / 1024)} MiB; every worktree holds a copy of it.`,
    );
  const remote = await commonRemoteOf(root);
  return { root, bare, target, head, remote, dirty, submodules, hugeFiles, notes };
}

async function findRoot(folder: string): Promise<{ root: string; bare: boolean }> {
  const info = await stat(folder).catch(() => null);
  if (info === null)
    throw new VigilError('not-found', `There is nothing at ${folder}.`, 'Check the path.');
  if (!info.isDirectory())
    throw new VigilError(
      'not-a-repository',
      `${folder} is a file.`,
      'Give the folder of a git repository.',
    );
  const probe = await git(folder, [
    'rev-parse',
    '--is-bare-repository',
    '--is-inside-work-tree',
  ]).catch((error: unknown) => {
    if (error instanceof VigilError && error.message.includes('not a git repository')) {
      throw new VigilError(
        'not-a-repository',
        `${folder} is not a git repository.`,
        `Make it one: cd ${folder} && git init && git add . && git commit -m "Start"`,
      );
    }
    throw error;
  });
  const [bare, inside] = probe.stdout.trim().split('\n');
  if (bare === 'true')
    return {
      root: await realpath(await gitLine(folder, ['rev-parse', '--absolute-git-dir'])),
      bare: true,
    };
  if (inside !== 'true')
    return findRoot(path.dirname(await gitLine(folder, ['rev-parse', '--absolute-git-dir'])));
  return {
    root: await realpath(await gitLine(folder, ['rev-parse', '--show-toplevel'])),
    bare: false,
  };
}

async function headBranch(root: string): Promise<string> {
  const { stdout, exitCode } = await git(root, ['symbolic-ref', '--quiet', '--short', 'HEAD'], {
    allowExit: [1],
  });
  if (exitCode === 0) return stdout.trim();
  throw new VigilError(
    'invalid-input',
    `${root} has no branch checked out (detached HEAD), so Vigil can't tell which one to work for.`,
    'Run `git switch main` (or your branch), or name it as `target:` in vigil.yaml.',
  );
}

async function missingBranch(root: string, target: string, asked: boolean): Promise<VigilError> {
  const branches = await gitLine(root, ['for-each-ref', '--format=%(refname:short)', 'refs/heads']);
  if (branches === '') {
    return new VigilError(
      'empty-repository',
      `${root} has no commits yet.`,
      `Make the first one: cd ${root} && git add . && git commit -m "Start"`,
    );
  }
  const known = branches.split('\n').slice(0, 10).join(', ');
  return asked
    ? new VigilError(
        'invalid-input',
        `${root} has no branch ${target}.`,
        `Set \`target:\` in vigil.yaml to one of: ${known}.`,
      )
    : new VigilError(
        'empty-repository',
        `The branch ${target} of ${root} has no commits yet.`,
        `Switch to one that has: ${known}.`,
      );
}

async function readTree(
  root: string,
  head: CommitId,
): Promise<Pick<RepositoryInfo, 'submodules' | 'hugeFiles'>> {
  const { stdout } = await git(root, ['ls-tree', '-r', '-l', '-z', '--full-tree', head]);
  const submodules: string[] = [];
  const hugeFiles: { path: string; bytes: number }[] = [];
  for (const entry of stdout.split('\0')) {
    const tab = entry.indexOf('\t');
    if (tab < 0) continue;
    const [mode, , , size] = entry.slice(0, tab).split(/ +/);
    const file = entry.slice(tab + 1);
    if (mode === '160000') submodules.push(file);
    else if (Number(size) > HUGE_FILE_BYTES) hugeFiles.push({ path: file, bytes: Number(size) });
  }
  return { submodules, hugeFiles };
}
