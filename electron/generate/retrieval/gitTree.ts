import { spawn } from 'node:child_process';
import { buffer, text } from 'node:stream/consumers';
import { VigilError } from '../../../shared/model/errors.ts';
import type { CommitId } from '../../../shared/model/ids.ts';

/** A file of a commit: its content is named by its blob. */
export interface TreeFile {
  readonly path: string;
  readonly blob: string;
  readonly bytes: number;
}

/** The regular files of a commit; no links, no submodules. Throws `git-failed`. */
export async function listTree(repository: string, commit: CommitId): Promise<TreeFile[]> {
  const out = await git(repository, ['ls-tree', '-r', '-l', '-z', '--full-tree', commit]);
  return out
    .toString('utf8')
    .split('\0')
    .flatMap((entry) => {
      const match = /^100\d{3} blob ([0-9a-f]+) +(\d+)\t([^]*)$/.exec(entry);
      const [, blob, bytes, path] = match ?? [];
      return blob === undefined || path === undefined ? [] : [{ path, blob, bytes: Number(bytes) }];
    });
}

/** The contents of blobs, in the order asked for; a missing one is empty. Throws `git-failed`. */
export async function readBlobs(repository: string, blobs: readonly string[]): Promise<Buffer[]> {
  const out = await git(repository, ['cat-file', '--batch'], `${blobs.join('\n')}\n`);
  let at = 0;
  return blobs.map(() => {
    const end = out.indexOf(10, at);
    const size = Number(/^\S+ blob (\d+)$/.exec(out.toString('latin1', at, end))?.[1] ?? NaN);
    at = end + 1;
    if (Number.isNaN(size)) return Buffer.alloc(0);
    const content = out.subarray(at, at + size);
    at += size + 1;
    return content;
  });
}

async function git(repository: string, args: readonly string[], input = ''): Promise<Buffer> {
  // Variables of a hook that started us would point git at another repository.
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !name.startsWith('GIT_')),
  );
  const child = spawn('git', args, { cwd: repository, env: { ...env, GIT_OPTIONAL_LOCKS: '0' } });
  child.stdin.on('error', () => undefined); // git ended early: its exit code says why
  child.stdin.end(input);
  const ended = new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  const [code, out, stderr] = await Promise.all([ended, buffer(child.stdout), text(child.stderr)]);
  if (code === 0) return out;
  throw new VigilError(
    'git-failed',
    `git ${args[0] ?? ''} failed in ${repository}: ${stderr.trim().slice(-500)}`,
    'See what git says above; `vigil doctor` checks the project.',
  );
}
