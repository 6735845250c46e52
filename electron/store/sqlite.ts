import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import Database from 'better-sqlite3';
import { messageOf, VigilError } from '../../shared/model/errors.ts';
import { checkSchema, migrate, MIGRATIONS, schemaVersion } from './migrations.ts';

/** SQLite's page cache, kB: what it no longer holds leaves holes in the heap, and the system has the pages in memory as well. */
const CACHE_KB = 2_000;
/** Pages of 4 kB after which SQLite moves its log into the file: it syncs both then, so not too often. */
const CHECKPOINT_PAGES = 4_000;
/** The log file of SQLite is cut back to this after a checkpoint, bytes, so that one big batch does not keep its disk space. */
const WAL_LIMIT_BYTES = 16 * 1024 * 1024;
/** How long to wait for another connection (a reader that checkpoints, a backup), ms. */
const BUSY_MS = 5_000;

/** Opens the file with the newest schema, made for durable commits; throws the `VigilError`s that `EventStore.open` names. */
export function openDatabase(path: string, readOnly: boolean): Database.Database {
  return guarded(path, () => {
    if (!readOnly) mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    const db = new Database(path, {
      readonly: readOnly,
      fileMustExist: readOnly,
      timeout: BUSY_MS,
    });
    try {
      checkSchema(db);
      db.pragma(`cache_size = -${CACHE_KB}`);
      if (readOnly) {
        requireCurrent(db);
        return db;
      }
      db.pragma('journal_mode = WAL');
      db.pragma(`journal_size_limit = ${WAL_LIMIT_BYTES}`);
      db.pragma(`wal_autocheckpoint = ${CHECKPOINT_PAGES}`);
      // An acknowledgement rests on each commit, so each is synced; the driver's default for WAL is NORMAL.
      db.pragma('synchronous = FULL');
      migrate(db);
      return db;
    } catch (error) {
      db.close();
      throw error;
    }
  });
}

function requireCurrent(db: Database.Database): void {
  if (schemaVersion(db) === MIGRATIONS.length) return;
  throw new VigilError(
    'conflict',
    `${db.name} has the older schema ${schemaVersion(db)} and was opened for reading only.`,
    'Start the node once: it brings the file up to date.',
  );
}

/** Runs `work` on the file at `path`; what SQLite throws comes out as a `VigilError`. */
export function guarded<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw asVigilError(error, path);
  }
}

/** The `VigilError` that an error of SQLite or of the file system on the file at `path` stands for. */
export function asVigilError(error: unknown, path: string): VigilError {
  if (error instanceof VigilError) return error;
  const code = codeOf(error);
  const options = { cause: error };
  // A quota or a file-size limit comes as IOERR_WRITE, an index file that can't grow as IOERR_SHMSIZE.
  if (/^(SQLITE_FULL|SQLITE_IOERR_(WRITE|SHMSIZE|TRUNCATE)|ENOSPC|EDQUOT)/.test(code)) {
    return new VigilError(
      'disk-full',
      `The disk took no more of ${path} (${code}).`,
      'Free some space, or raise the quota, and start the node again: all that was acknowledged is there.',
      options,
    );
  }
  if (/^SQLITE_(CORRUPT|NOTADB)/.test(code)) {
    return new VigilError(
      'store-corrupt',
      `${path} is damaged (${code}: ${messageOf(error)}).`,
      damageHelp(path),
      options,
    );
  }
  if (code === 'SQLITE_CANTOPEN' || code === 'EACCES' || code === 'EROFS') {
    return new VigilError(
      'not-found',
      `${path} could not be opened (${messageOf(error)}).`,
      'Check that the home folder exists and belongs to you, or choose another with --home.',
      options,
    );
  }
  return new VigilError(
    'internal',
    `The store at ${path} failed: ${messageOf(error)}${code && ` (${code})`}.`,
    'Start the node again; all that was acknowledged is there. If it happens again, run `vigil doctor`.',
    options,
  );
}

/** What to do about a database that can't be used. */
export function damageHelp(path: string): string {
  return `Restore it from a backup; or move ${path}* away and start again: a member of a mesh gets its log back from the others, a node on its own starts with an empty one. Merged work is in git and is not touched.`;
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

/** Statements by their text, prepared when first used: an idle node holds few. */
export class Statements {
  readonly #db: Database.Database;
  readonly #prepared = new Map<string, Database.Statement<unknown[]>>();

  constructor(db: Database.Database) {
    this.#db = db;
  }

  get<Row>(sql: string): Database.Statement<unknown[], Row> {
    let statement = this.#prepared.get(sql);
    if (!statement) {
      statement = this.#db.prepare<unknown[]>(sql);
      this.#prepared.set(sql, statement);
    }
    return statement as Database.Statement<unknown[], Row>;
  }
}
