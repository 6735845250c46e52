import { readFile, realpath, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';
import type { TaskId } from '../../../shared/model/ids.ts';
import type { ContextPart } from '../../../shared/prompt/buildPrompt.ts';
import { diffText } from '../../execute/repository/commit.ts';
import { resolveCommit } from '../../execute/repository/git.ts';
import type { Ledger } from '../ledger.ts';
import type { AttemptContext } from '../produce.ts';

/** Bytes read of one reference or one diff; the prompt's own bound is tighter. */
const MAX_PART_BYTES = 64 * 1024;
/** References given as a folder or a glob name no single file: the retrieval finds what is in them. */
const MAX_REFERENCES = 12;

/** Gathers what an agent is given beside its task (X2). */
export class ContextSource {
  private readonly ledger: Ledger;

  constructor(ledger: Ledger) {
    this.ledger = ledger;
  }

  async gather(context: AttemptContext): Promise<ContextPart[]> {
    return [...(await this.dependencies(context)), ...(await references(context))];
  }

  /** What the tasks changed that this one builds on. */
  private async dependencies({ task, runtime }: AttemptContext): Promise<ContextPart[]> {
    const before = new Set<TaskId>(
      [...task.spec.dependencies, ...task.addedDependencies].flatMap((dependency) =>
        'task' in dependency && dependency.task ? [dependency.task] : [],
      ),
    );
    const parts: ContextPart[] = [];
    for (const id of before) {
      const row = this.ledger.store.getTask(id);
      if (!row?.commit) continue;
      const { repository } = runtime.clone;
      const parent = await resolveCommit(repository, `${row.commit}^`);
      if (parent === null) continue;
      const diff = await diffText(repository, parent, row.commit, MAX_PART_BYTES);
      parts.push({ kind: 'dependency', name: `${id} ${row.title}`, text: diff });
    }
    return parts;
  }
}

async function references({ task, workspace }: AttemptContext): Promise<ContextPart[]> {
  const root = await realpath(workspace.path);
  const parts: ContextPart[] = [];
  for (const name of task.spec.references.slice(0, MAX_REFERENCES)) {
    const text = await readInside(root, name.replace(/:\d+(-\d+)?$/, ''));
    if (text !== null) parts.push({ kind: 'reference', name, text });
  }
  return parts;
}

/** A file of the worktree, or null when it is none: links that lead out of it are not followed. */
async function readInside(root: string, file: string): Promise<string | null> {
  try {
    const path = await realpath(join(root, file));
    if (!path.startsWith(root + sep) || !(await stat(path)).isFile()) return null;
    return (await readFile(path)).subarray(0, MAX_PART_BYTES).toString('utf8');
  } catch {
    return null;
  }
}
