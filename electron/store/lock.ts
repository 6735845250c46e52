import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { z } from 'zod';
import { VigilError } from '../../shared/model/errors.ts';
import { asVigilError } from './sqlite.ts';

/** A home that this process holds; the operating system releases it when the process ends, however it ends. */
export interface HomeLock {
  /** Notes where the node answers, for the error that a second node gets. */
  announce(url: string): void;
  release(): void;
}

const Holder = z.object({ pid: z.number().int(), url: z.string().nullable() });

/**
 * Takes the home for this process. The lock is an exclusive transaction on an empty database of its own
 * and so vanishes with the process; `holder.json` only says who it is and means nothing without the lock.
 * Throws `home-in-use` when another live process, or this one, has it.
 */
export function lockHome(home: string): HomeLock {
  const path = join(home, 'vigil.lock');
  let db: Database.Database | undefined;
  try {
    mkdirSync(home, { recursive: true, mode: 0o700 });
    db = new Database(path, { timeout: 0 });
    db.exec('BEGIN EXCLUSIVE');
    note(home, null);
  } catch (error) {
    db?.close();
    if (error instanceof Database.SqliteError && error.code.startsWith('SQLITE_BUSY')) {
      throw inUse(home, error);
    }
    throw asVigilError(error, path);
  }
  const held = db;
  return { announce: (url) => note(home, url), release: () => held.close() };
}

function holderFile(home: string): string {
  return join(home, 'holder.json');
}

function note(home: string, url: string | null): void {
  writeFileSync(holderFile(home), JSON.stringify({ pid: process.pid, url }), { mode: 0o600 });
}

function inUse(home: string, cause: Error): VigilError {
  const holder = readHolder(home);
  const who = holder
    ? `process ${holder.pid}${holder.url ? ` at ${holder.url}` : ''}`
    : 'a process';
  return new VigilError(
    'home-in-use',
    `A node already runs on ${home}: ${who}.`,
    'Use that node, stop it first, or start this one on another home with --home.',
    { cause },
  );
}

/** Null when the holder has not written it yet: the lock is what counts. */
function readHolder(home: string): z.infer<typeof Holder> | null {
  try {
    return Holder.parse(JSON.parse(readFileSync(holderFile(home), 'utf8')));
  } catch {
    return null;
  }
}
