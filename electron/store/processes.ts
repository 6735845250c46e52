import type Database from 'better-sqlite3';
import { z } from 'zod';
import { taskId, taskNumber } from '../../shared/model/ids.ts';
import type { TaskId } from '../../shared/model/ids.ts';
import { guarded } from './sqlite.ts';
import type { Statements } from './sqlite.ts';

/** A process group that the node started and has to end, also after its own crash. */
export interface ProcessRow {
  /** The mark that all of its processes carry. */
  readonly run: string;
  readonly pid: number;
  /** What tells this process from a later one with the same pid, e.g. its start time; null when unknown. */
  readonly identity: string | null;
  readonly task: TaskId;
  readonly attempt: number;
}

const StoredProcess = z.object({
  run: z.string(),
  pid: z.number().int(),
  identity: z.string().nullable(),
  task: z.number().int(),
  attempt: z.number().int(),
});

/**
 * The processes of this machine. Written at once, but not synced: a row has to outlive a crash of the
 * node, which the operating system's cache does; a crash of the machine ends the processes too.
 * Throws as `EventStore.flush` rejects.
 */
export class ProcessTable {
  readonly #db: Database.Database;
  readonly #statements: Statements;

  constructor(db: Database.Database, statements: Statements) {
    this.#db = db;
    this.#statements = statements;
  }

  put(row: ProcessRow): void {
    this.#withoutSync(() => {
      this.#statements
        .get(
          'INSERT OR REPLACE INTO processes (run, pid, identity, task, attempt) VALUES (?, ?, ?, ?, ?)',
        )
        .run(row.run, row.pid, row.identity, taskNumber(row.task), row.attempt);
    });
  }

  list(): ProcessRow[] {
    return this.#statements
      .get('SELECT run, pid, identity, task, attempt FROM processes ORDER BY pid, run')
      .all()
      .map((stored) => {
        const { task, ...row } = StoredProcess.parse(stored);
        return { ...row, task: taskId(task) };
      });
  }

  remove(run: string): void {
    this.#withoutSync(() => {
      this.#statements.get('DELETE FROM processes WHERE run = ?').run(run);
    });
  }

  #withoutSync(write: () => void): void {
    guarded(this.#db.name, () => {
      this.#db.pragma('synchronous = NORMAL');
      try {
        write();
      } finally {
        this.#db.pragma('synchronous = FULL');
      }
    });
  }
}
