import { RequestError } from '@agentclientprotocol/sdk';
import type { PermissionDecision, PermissionRequest } from '../../../shared/policy/permission.ts';
import { messageOf } from '../../../shared/model/errors.ts';
import { openInside, worktreePath } from './worktreePath.ts';

/** More than any source file; what is larger is not read into a conversation. */
const MAX_READ_BYTES = 8 * 1024 * 1024;

export interface FileAccess {
  readonly worktree: string;
  readonly ask: (request: PermissionRequest) => Promise<PermissionDecision>;
}

/** Reads a file for an agent. @throws RequestError with the reason when it may or can not. */
export async function readFileFor(
  { worktree, ask }: FileAccess,
  { path, line, limit }: { path: string; line?: number | null; limit?: number | null },
): Promise<string> {
  return told(async () => {
    const relative = await permitted('read', worktree, path, ask);
    const handle = await openInside(worktree, relative, 'read');
    try {
      if ((await handle.stat()).size > MAX_READ_BYTES)
        throw new Error(`${relative} is larger than ${MAX_READ_BYTES / 1024 / 1024} MB`);
      const text = await handle.readFile('utf8');
      const lines = limit ?? Infinity;
      if ((line ?? 1) <= 1 && lines === Infinity) return text;
      const from = Math.max(0, (line ?? 1) - 1);
      return text
        .split('\n')
        .slice(from, from + lines)
        .join('\n');
    } finally {
      await handle.close();
    }
  });
}

/** Writes a file for an agent. @throws RequestError with the reason when it may or can not. */
export async function writeFileFor(
  { worktree, ask }: FileAccess,
  { path, content }: { path: string; content: string },
): Promise<void> {
  await told(async () => {
    const relative = await permitted('edit', worktree, path, ask);
    const handle = await openInside(worktree, relative, 'write');
    try {
      await handle.truncate();
      await handle.writeFile(content);
    } finally {
      await handle.close();
    }
  });
}

async function permitted(
  kind: 'read' | 'edit',
  worktree: string,
  path: string,
  ask: FileAccess['ask'],
): Promise<string> {
  const relative = await worktreePath(worktree, path);
  const title = `${kind === 'read' ? 'Read' : 'Write'} ${relative}`;
  const { answer, reason } = await ask({ kind, title, paths: [relative], command: null });
  if (answer !== 'allow') throw new Error(reason);
  return relative;
}

/** An agent is told why, so that it can do something else. */
async function told<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    throw new RequestError(-32_603, messageOf(error));
  }
}
