import { mkdirSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import Database from 'better-sqlite3';

/** Raised with every change of the tables or of what is indexed: an older file is made anew. */
const VERSION = 1;
/** SQLite's page cache, kB: the index is read a few times an hour. */
const CACHE_KB = 2_000;

/**
 * Identifiers are split before they come here, so whole words with stems do: on the 30 questions of
 * bench/retrieval.ts they found 24 among the first five, trigrams 23 in twice the space (docs/decisions/006-retrieval.md).
 * `…_words` holds what is searched; the text itself is kept once, in `chunk` or `lesson`.
 */
const SCHEMA = `
  CREATE TABLE indexed (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
  CREATE TABLE file (path TEXT PRIMARY KEY, blob TEXT NOT NULL) WITHOUT ROWID;
  CREATE TABLE chunk (
    id INTEGER PRIMARY KEY, path TEXT NOT NULL, start_line INTEGER NOT NULL,
    end_line INTEGER NOT NULL, text TEXT NOT NULL
  );
  CREATE INDEX chunk_by_path ON chunk (path, start_line);
  CREATE VIRTUAL TABLE chunk_words USING fts5 (
    path, names, body, content='', contentless_delete=1, tokenize='porter unicode61'
  );
  CREATE TABLE lesson (
    id INTEGER PRIMARY KEY, task TEXT NOT NULL UNIQUE, title TEXT NOT NULL,
    outcome TEXT NOT NULL, text TEXT NOT NULL
  );
  CREATE VIRTUAL TABLE lesson_words USING fts5 (
    title, body, content='', contentless_delete=1, tokenize='porter unicode61'
  );
`;

/** Opens the index; a missing, damaged or older one is made anew, since all of it can be derived again. */
export function openIndexFile(path: string): { db: Database.Database; fresh: boolean } {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  try {
    const db = connect(path);
    if (db.pragma('user_version', { simple: true }) === VERSION) return { db, fresh: false };
    db.close();
  } catch (error) {
    if (!isDamaged(error)) throw error;
  }
  for (const suffix of ['', '-wal', '-shm']) rmSync(path + suffix, { force: true });
  const db = connect(path);
  db.exec(SCHEMA);
  db.pragma(`user_version = ${VERSION}`);
  return { db, fresh: true };
}

function connect(path: string): Database.Database {
  const db = new Database(path);
  try {
    db.pragma(`cache_size = -${CACHE_KB}`);
    db.pragma('journal_mode = WAL');
    // A crash may cost the last update, which the next one brings again.
    db.pragma('synchronous = NORMAL');
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

function isDamaged(error: unknown): boolean {
  return error instanceof Database.SqliteError && /^SQLITE_(?:CORRUPT|NOTADB)/.test(error.code);
}
