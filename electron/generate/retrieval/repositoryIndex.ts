import { setImmediate as nextTurn } from 'node:timers/promises';
import type Database from 'better-sqlite3';
import type { CommitId } from '../../../shared/model/ids.ts';
import { redact } from '../../../shared/policy/redact.ts';
import { chunksOf } from './chunks.ts';
import { listTree, readBlobs, type TreeFile } from './gitTree.ts';
import { isReadable, mayIndex } from './indexable.ts';
import { openIndexFile } from './schema.ts';
import {
  retrieveChunks,
  retrieveLessons,
  type Question,
  type RetrievedChunk,
  type RetrievedLesson,
} from './retrieve.ts';
import { declaredNames, wordsOf } from './words.ts';

/** Files that one run of git reads. */
const BATCH_FILES = 100;

/** What came of a task, to be found again by a similar one. */
export interface Lesson {
  readonly task: string;
  readonly title: string;
  readonly outcome: string;
  /** Reports and corrections. */
  readonly text: string;
}

/** A full-text index over a project's files at a commit and over what its tasks taught. Used by one process. */
export class RepositoryIndex {
  /** The file was made anew: whoever keeps the lessons has to tell them again. */
  readonly fresh: boolean;
  readonly #db: Database.Database;
  #updating: Promise<unknown> = Promise.resolve();

  /** Opens `index.db` at this path. Throws what the disk throws. */
  constructor(path: string) {
    const { db, fresh } = openIndexFile(path);
    this.#db = db;
    this.fresh = fresh;
  }

  /** The commit that the files are of; null before the first update. */
  get commit(): string | null {
    const row = this.#db
      .prepare<[], { value: string }>(`SELECT value FROM indexed WHERE name = 'commit'`)
      .get();
    return row?.value ?? null;
  }

  /**
   * Brings the files to a commit, after an update that is under way: only those whose content differs are
   * read again. Returns how many were read and how many went. Throws `git-failed`, or the signal's reason.
   */
  update(
    repository: string,
    commit: CommitId,
    signal?: AbortSignal,
  ): Promise<{ read: number; removed: number }> {
    const update = this.#updating.then(() => this.#update(repository, commit, signal));
    // Whoever asked for it is told of its failure; the next one goes on from what is there.
    this.#updating = update.catch(() => undefined);
    return update;
  }

  async #update(
    repository: string,
    commit: CommitId,
    signal: AbortSignal | undefined,
  ): Promise<{ read: number; removed: number }> {
    if (this.commit === commit) return { read: 0, removed: 0 };
    const tree = await listTree(repository, commit);
    const wanted = tree.filter(({ path, bytes }) => mayIndex(path, bytes));
    const known = new Map(
      this.#db
        .prepare<[], { path: string; blob: string }>('SELECT path, blob FROM file')
        .all()
        .map(({ path, blob }) => [path, blob]),
    );
    const kept = new Set(wanted.map(({ path }) => path));
    const removed = [...known.keys()].filter((path) => !kept.has(path));
    this.#transact(() => removed.forEach((path) => this.#forget(path)));
    const changed = wanted.filter(({ path, blob }) => known.get(path) !== blob);
    for (let at = 0; at < changed.length; at += BATCH_FILES) {
      const batch = changed.slice(at, at + BATCH_FILES);
      const contents = await readBlobs(
        repository,
        batch.map(({ blob }) => blob),
      );
      for (const [position, file] of batch.entries()) {
        signal?.throwIfAborted();
        this.#transact(() => this.#take(file, contents[position] ?? Buffer.alloc(0)));
        // One at a time: a node that indexes still passes on what agents and models say.
        await nextTurn();
      }
    }
    this.#db.prepare(`INSERT OR REPLACE INTO indexed VALUES ('commit', ?)`).run(commit);
    return { read: changed.length, removed: removed.length };
  }

  /** Keeps what came of a task; a later word on the same task replaces the earlier one. */
  remember({ task, title, outcome, text }: Lesson): void {
    this.#transact(() => {
      const before = this.#db
        .prepare<[string], { id: number }>('DELETE FROM lesson WHERE task = ? RETURNING id')
        .get(task);
      if (before) this.#db.prepare('DELETE FROM lesson_words WHERE rowid = ?').run(before.id);
      const { lastInsertRowid } = this.#db
        .prepare('INSERT INTO lesson (task, title, outcome, text) VALUES (?, ?, ?, ?)')
        .run(task, title, outcome, redact(text));
      this.#db
        .prepare('INSERT INTO lesson_words (rowid, title, body) VALUES (?, ?, ?)')
        .run(lastInsertRowid, joined(title), joined(`${outcome} ${text}`));
    });
  }

  /** A file's whole text as it is in the index; null when it is not. */
  file(path: string): string | null {
    const chunks = this.#db
      .prepare<[string], { text: string }>(
        'SELECT text FROM chunk WHERE path = ? ORDER BY start_line',
      )
      .all(path);
    return chunks.length === 0 ? null : chunks.map(({ text }) => text).join('\n');
  }

  /** The pieces of files that fit a question best, best first. */
  retrieve(question: Question): RetrievedChunk[] {
    return retrieveChunks(this.#db, question);
  }

  /** What tasks that fit a question best have taught, best first. */
  lessons(question: Omit<Question, 'references'>): RetrievedLesson[] {
    return retrieveLessons(this.#db, question);
  }

  close(): void {
    this.#db.close();
  }

  #transact(work: () => void): void {
    this.#db.transaction(work)();
  }

  #forget(path: string): void {
    const ids = this.#db
      .prepare<[string], { id: number }>('DELETE FROM chunk WHERE path = ? RETURNING id')
      .all(path);
    const words = this.#db.prepare('DELETE FROM chunk_words WHERE rowid = ?');
    for (const { id } of ids) words.run(id);
    this.#db.prepare('DELETE FROM file WHERE path = ?').run(path);
  }

  #take({ path, blob }: TreeFile, content: Buffer): void {
    this.#forget(path);
    // Kept although unreadable: it is not read again while it stays the same.
    this.#db.prepare('INSERT INTO file (path, blob) VALUES (?, ?)').run(path, blob);
    if (!isReadable(content)) return;
    const chunk = this.#db.prepare(
      'INSERT INTO chunk (path, start_line, end_line, text) VALUES (?, ?, ?, ?)',
    );
    const words = this.#db.prepare(
      'INSERT INTO chunk_words (rowid, path, names, body) VALUES (?, ?, ?, ?)',
    );
    // Before it is cut, so that no secret is cut in half and kept.
    for (const { startLine, endLine, text } of chunksOf(redact(content.toString('utf8')))) {
      const { lastInsertRowid } = chunk.run(path, startLine, endLine, text);
      words.run(lastInsertRowid, joined(path), joined(declaredNames(text).join(' ')), joined(text));
    }
  }
}

function joined(text: string): string {
  return wordsOf(text).join(' ');
}
