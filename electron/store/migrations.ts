import type Database from 'better-sqlite3';
import { VigilError } from '../../shared/model/errors.ts';

/** Marks the file as Vigil's (`file` and other tools show it): the letters `Vigl`. */
const APPLICATION_ID = 0x56_69_67_6c;

/**
 * The schema, one entry per version, oldest first. An entry that has been released is never edited:
 * users' files were made by it.
 *
 * `task`, `project` and `type` are read out of the body by SQLite and live in the indexes only, so they
 * can't disagree with what the hash covers. `prev` is the hash of the row before and is not stored.
 */
export const MIGRATIONS: readonly string[] = [
  `CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;

   CREATE TABLE events (
     seq INTEGER PRIMARY KEY,
     at_ms INTEGER NOT NULL,
     hash BLOB NOT NULL,
     body TEXT NOT NULL,
     type TEXT GENERATED ALWAYS AS (body ->> '$.type') VIRTUAL,
     project TEXT GENERATED ALWAYS AS (body ->> '$.project') VIRTUAL,
     task INTEGER GENERATED ALWAYS AS (CAST(substr(body ->> '$.task', 3) AS INTEGER)) VIRTUAL
   ) STRICT;
   CREATE INDEX events_type ON events (type);
   CREATE INDEX events_project ON events (project) WHERE project IS NOT NULL;
   CREATE INDEX events_task ON events (task) WHERE task IS NOT NULL;

   -- Decisions concern several tasks: those that they dispatched find them here.
   CREATE TABLE decided_tasks (
     task INTEGER NOT NULL,
     seq INTEGER NOT NULL,
     PRIMARY KEY (task, seq)
   ) STRICT, WITHOUT ROWID;

   -- Who depends on a task, kept for tasks that have left memory.
   CREATE TABLE dependents (
     task INTEGER NOT NULL,
     dependent INTEGER NOT NULL,
     PRIMARY KEY (task, dependent)
   ) STRICT, WITHOUT ROWID;

   CREATE TABLE snapshots (
     name TEXT NOT NULL,
     seq INTEGER NOT NULL,
     version INTEGER NOT NULL,
     digest TEXT NOT NULL,
     state TEXT NOT NULL,
     PRIMARY KEY (name, seq)
   ) STRICT;

   CREATE TABLE tasks (
     number INTEGER PRIMARY KEY,
     project TEXT NOT NULL,
     status TEXT NOT NULL,
     title TEXT NOT NULL,
     type TEXT NOT NULL,
     executor TEXT NOT NULL,
     risk TEXT NOT NULL,
     attempts INTEGER NOT NULL,
     created_at_ms INTEGER NOT NULL,
     ended_at_ms INTEGER,
     "commit" TEXT,
     quality REAL,
     failure TEXT,
     json TEXT NOT NULL
   ) STRICT;
   CREATE INDEX tasks_project_status ON tasks (project, status);
   CREATE INDEX tasks_status ON tasks (status);

   -- Of this machine only; never leaves the node.
   CREATE TABLE processes (
     run TEXT NOT NULL PRIMARY KEY,
     pid INTEGER NOT NULL,
     identity TEXT,
     task INTEGER NOT NULL,
     attempt INTEGER NOT NULL
   ) STRICT, WITHOUT ROWID;`,

  // The logs of several nodes. `pos` is the order of arrival here. In a file of version 1 it is the seq, and so
  // is the clock, which the hash leaves out then (chain.ts): no hash changes.
  `CREATE TABLE events_2 (
     pos INTEGER PRIMARY KEY,
     node TEXT NOT NULL,
     seq INTEGER NOT NULL,
     clock INTEGER NOT NULL,
     at_ms INTEGER NOT NULL,
     hash BLOB NOT NULL,
     body TEXT NOT NULL,
     type TEXT GENERATED ALWAYS AS (body ->> '$.type') VIRTUAL,
     project TEXT GENERATED ALWAYS AS (body ->> '$.project') VIRTUAL,
     task INTEGER GENERATED ALWAYS AS (CAST(substr(body ->> '$.task', 3) AS INTEGER)) VIRTUAL
   ) STRICT;
   INSERT INTO events_2 (pos, node, seq, clock, at_ms, hash, body)
     SELECT seq, (SELECT value FROM meta WHERE key = 'node'), seq, seq, at_ms, hash, body
     FROM events ORDER BY seq;
   DROP TABLE events;
   ALTER TABLE events_2 RENAME TO events;
   CREATE UNIQUE INDEX events_place ON events (node, seq);
   CREATE INDEX events_clock ON events (clock);
   CREATE INDEX events_type ON events (type, clock);
   CREATE INDEX events_project ON events (project, clock) WHERE project IS NOT NULL;
   CREATE INDEX events_task ON events (task) WHERE task IS NOT NULL;

   ALTER TABLE decided_tasks RENAME COLUMN seq TO pos;
   ALTER TABLE snapshots RENAME COLUMN seq TO pos;

   -- The logs copied from other nodes, and where one was found forked: nothing more of it is taken.
   CREATE TABLE logs (
     node TEXT PRIMARY KEY,
     fork_seq INTEGER,
     fork TEXT
   ) STRICT, WITHOUT ROWID;

   -- Signatures of the writers of copied logs, each over the hash at a seq: it vouches for all before it.
   -- Between it and the seal before lie so many bytes of events.
   CREATE TABLE seals (
     node TEXT NOT NULL,
     seq INTEGER NOT NULL,
     bytes INTEGER NOT NULL,
     signature BLOB NOT NULL,
     PRIMARY KEY (node, seq)
   ) STRICT, WITHOUT ROWID;`,

  `-- The replicated document: updates in the order in which they were applied, merged into one now and then.
   CREATE TABLE document (
     id INTEGER PRIMARY KEY,
     "update" BLOB NOT NULL
   ) STRICT;

    -- Up to which event of the own log it holds what was done here.
    CREATE TABLE document_seq (seq INTEGER NOT NULL) STRICT;`,
];

/** The version of the schema in an open file; 0 when it is new. */
export function schemaVersion(db: Database.Database): number {
  return Number(db.pragma('user_version', { simple: true }));
}

/**
 * Brings the file to the newest schema, each version in a transaction of its own.
 * Throws `store-too-new` when the file was written by a newer Vigil, `store-corrupt` when it is another program's.
 */
export function migrate(db: Database.Database, migrations: readonly string[] = MIGRATIONS): void {
  checkSchema(db, migrations);
  migrations.slice(schemaVersion(db)).forEach((sql) => {
    db.transaction(() => {
      db.exec(sql);
      db.pragma(`application_id = ${APPLICATION_ID}`);
      db.pragma(`user_version = ${schemaVersion(db) + 1}`);
    }).immediate();
  });
}

/** Throws as `migrate` does, and changes nothing. */
export function checkSchema(
  db: Database.Database,
  migrations: readonly string[] = MIGRATIONS,
): void {
  const version = schemaVersion(db);
  const owner = Number(db.pragma('application_id', { simple: true }));
  const tables = Number(db.prepare('SELECT count(*) FROM sqlite_schema').pluck().get());
  if (tables > 0 && owner !== APPLICATION_ID) {
    throw new VigilError(
      'store-corrupt',
      `${db.name} is a SQLite file, but not one that Vigil made.`,
      'Move the file away, or choose another home with --home.',
    );
  }
  if (version > migrations.length) {
    throw new VigilError(
      'store-too-new',
      `${db.name} has schema ${version}; this Vigil knows ${migrations.length}.`,
      'Use the Vigil that wrote it or a newer one; nothing was changed.',
    );
  }
}
