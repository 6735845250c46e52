import type { DiffStat } from '../../../shared/model/attempt.ts';
import { CommitId, type TaskId } from '../../../shared/model/ids.ts';
import { git, gitLine } from './git.ts';
import { attemptTrailers, type AttemptIdentity } from './trailers.ts';
import type { Workspace } from './workspace.ts';

/** What never enters a commit, whether git ignores it or not. */
export const NOT_DEPENDENCIES = ':(exclude,glob)**/node_modules/**';

/** The ref that keeps an attempt's commit after its workspace is gone. */
export function attemptRef(task: TaskId, attempt: number): string {
  return `refs/vigil/attempts/${task}/${attempt}`;
}

/**
 * Records all that a workspace changed as one commit on its base, or null when nothing changed.
 * What git ignores, dependency folders and repositories created inside are left out.
 * @throws VigilError `git-failed`, `disk-full`.
 */
export async function commitAttempt(
  workspace: Workspace,
  { task, attempt, title, creator }: AttemptIdentity & { readonly title: string },
): Promise<{ commit: CommitId; diff: DiffStat } | null> {
  const { path, base, branch } = workspace;
  await git(path, ['add', '--all', '--', '.', NOT_DEPENDENCIES]);
  await leaveOutRepositories(path, base);
  const tree = await gitLine(path, ['write-tree']);
  const diff = await diffStat(path, base, tree);
  if (diff.files.length === 0) return null;
  const message = `${title.replace(/\s+/g, ' ').trim()}\n\n${attemptTrailers({ task, attempt, creator })}\n`;
  const commit = CommitId.parse(
    await gitLine(path, ['commit-tree', tree, '-p', base], { input: message }),
  );
  await git(path, ['update-ref', '--stdin'], {
    input: `update ${attemptRef(task, attempt)} ${commit}\nupdate refs/heads/${branch} ${commit}\n`,
  });
  return { commit, diff };
}

/** Which files differ between two trees, and by how many lines; a binary file counts no lines. */
export async function diffStat(repository: string, base: string, tree: string): Promise<DiffStat> {
  const { stdout } = await git(repository, [
    'diff-tree',
    '-r',
    '-z',
    '--numstat',
    '--no-renames',
    '--no-ext-diff',
    base,
    tree,
  ]);
  const files: string[] = [];
  let added = 0;
  let removed = 0;
  for (const row of stdout.split('\0')) {
    const [plus, minus, file] = row.split('\t');
    if (plus === undefined || minus === undefined || file === undefined) continue;
    files.push(file);
    added += Number(plus) || 0;
    removed += Number(minus) || 0;
  }
  return { files, added, removed };
}

/** The unified diff between two commits, cut at `maxBytes` with a last line that says so. */
export async function diffText(
  repository: string,
  base: CommitId,
  commit: CommitId,
  maxBytes: number,
): Promise<string> {
  const { stdout } = await git(
    repository,
    ['diff', '--no-ext-diff', '--no-textconv', '--no-renames', base, commit],
    { maxBytes: maxBytes + 1 },
  );
  if (Buffer.byteLength(stdout) <= maxBytes) return stdout;
  return `${Buffer.from(stdout).subarray(0, maxBytes).toString('utf8')}\n[… cut at ${maxBytes} bytes …]\n`;
}

/** A repository that the work left inside would enter the commit as a link to nowhere. */
async function leaveOutRepositories(path: string, base: CommitId): Promise<void> {
  const { stdout } = await git(path, [
    'diff-index',
    '--cached',
    '--raw',
    '-z',
    '--no-renames',
    '--diff-filter=A',
    base,
  ]);
  const fields = stdout.split('\0');
  const links = fields.filter((_, i) => i % 2 === 1 && fields[i - 1]?.split(' ')[1] === '160000');
  if (links.length > 0) await git(path, ['rm', '--cached', '--quiet', '--force', '--', ...links]);
}
