import { readFile, realpath, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';
import type { ProjectId, TaskId } from '../../../shared/model/ids.ts';
import type { ContextPart } from '../../../shared/prompt/buildPrompt.ts';
import { diffText } from '../../execute/repository/commit.ts';
import { resolveCommit } from '../../execute/repository/git.ts';
import { RepositoryIndex } from '../../generate/retrieval/repositoryIndex.ts';
import type { TaskChange } from '../../../shared/world/openTasks.ts';
import type { Ledger } from '../ledger.ts';
import type { AttemptContext } from '../attemptContext.ts';
import { lessonFrom } from './lessons.ts';

/** Bytes read of one reference or one diff; the prompt's own bound is tighter. */
const MAX_PART_BYTES = 64 * 1024;
/** References given as a folder or a glob name no single file: the retrieval finds what is in them. */
const MAX_REFERENCES = 12;
/** Pieces of code and lessons that are looked for; what has no room in the prompt is left out there. */
const MAX_CHUNKS = 12;
const MAX_LESSONS = 3;
const MAX_LESSON_BYTES = 6_000;

/** Gathers what an agent is given beside its task (X2). */
export class ContextSource {
  private readonly ledger: Ledger;
  private readonly indexes = new Map<ProjectId, RepositoryIndex>();

  constructor(ledger: Ledger) {
    this.ledger = ledger;
    ledger.onEvent(({ body }, change) => {
      if (change) this.learn(change);
      if (body.type === 'project.removed') this.forget(body.project);
    });
  }

  async gather(context: AttemptContext): Promise<ContextPart[]> {
    return [
      ...(await this.dependencies(context)),
      ...(await references(context)),
      ...(await this.retrieved(context)),
    ];
  }

  /** Its folder goes, and the index with it. */
  private forget(project: ProjectId): void {
    this.indexes.get(project)?.close();
    this.indexes.delete(project);
  }

  close(): void {
    for (const index of this.indexes.values()) index.close();
    this.indexes.clear();
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

  /** Code and lessons that fit the task best, by full-text search. */
  private async retrieved({
    task,
    runtime,
    workspace,
    signal,
  }: AttemptContext): Promise<ContextPart[]> {
    const { spec } = task;
    const index = this.indexOf(spec.project, runtime.clone.folder);
    await index.update(runtime.clone.repository, workspace.base, signal);
    const text = [spec.title, spec.instructions, ...spec.acceptance, ...spec.scope].join('\n');
    const question = { text, references: [...spec.references], maxBytes: MAX_PART_BYTES };
    const code = index.retrieve({ ...question, k: MAX_CHUNKS });
    const lessons = index.lessons({ text, k: MAX_LESSONS, maxBytes: MAX_LESSON_BYTES });
    return [
      ...code.map(({ path, startLine, endLine, text: piece }): ContextPart => ({
        kind: 'code',
        name: `${path}:${startLine}-${endLine}`,
        text: piece,
      })),
      ...lessons.map((lesson): ContextPart => ({
        kind: 'lesson',
        name: `${lesson.task} ${lesson.title}: ${lesson.outcome}`,
        text: lesson.text,
      })),
    ];
  }

  private indexOf(project: ProjectId, folder: string): RepositoryIndex {
    const known = this.indexes.get(project);
    if (known) return known;
    const index = new RepositoryIndex(join(folder, 'index.db'));
    this.indexes.set(project, index);
    if (index.fresh) this.relearn(project, index);
    return index;
  }

  /** An index that was made anew hears of all agents' tasks that ended before. */
  private relearn(project: ProjectId, index: RepositoryIndex): void {
    for (const row of this.ledger.store.listTasks({ project })) {
      if (row.executor !== 'agent' || row.endedAtMs === null) continue;
      const lesson = lessonFrom(this.ledger, row.id);
      if (lesson) index.remember(lesson);
    }
  }

  private learn({ task, status }: TaskChange): void {
    const ended = status === 'merged' || status === 'failed' || status === 'rejected';
    if (task.spec.executor.kind !== 'agent' || !ended) return;
    const index = this.indexes.get(task.spec.project);
    // Told once it is durable, so that the lesson can be read from the log.
    if (index)
      void this.ledger.durable().then(
        () => {
          const lesson = lessonFrom(this.ledger, task.spec.id);
          if (lesson && this.indexes.has(task.spec.project)) index.remember(lesson);
        },
        () => undefined,
      );
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
