import { z } from 'zod';
import { Status } from '../../shared/model/taskApi.ts';
import { CommitId, ProjectId, taskId, taskNumber } from '../../shared/model/ids.ts';
import type { TaskId } from '../../shared/model/ids.ts';
import { RiskTier, TaskType } from '../../shared/model/task.ts';
import type { Statements } from './sqlite.ts';

/** The schema of a stored row without its id, which is kept as a number. */
const StoredTask = z.object({
  number: z.number().int(),
  project: ProjectId,
  status: Status,
  title: z.string(),
  type: TaskType,
  executor: z.enum(['mechanic', 'command', 'agent', 'milestone']),
  risk: RiskTier,
  attempts: z.number().int(),
  createdAtMs: z.number(),
  endedAtMs: z.number().nullable(),
  commit: CommitId.nullable(),
  quality: z.number().nullable(),
  failure: z.string().nullable(),
  json: z.string(),
});

/** A task as it is listed: a view of the log, kept so that tasks which left memory can be found. */
export type TaskRow = Readonly<Omit<z.infer<typeof StoredTask>, 'number'>> & {
  readonly id: TaskId;
};

export interface TaskQuery {
  readonly project?: ProjectId;
  readonly statuses?: readonly TaskRow['status'][];
  readonly limit?: number;
  readonly offset?: number;
  /** By number, ascending when not given, or those that ended last first. */
  readonly order?: keyof typeof ORDERS;
}

const COLUMNS = `number, project, status, title, type, executor, risk, attempts,
  created_at_ms AS createdAtMs, ended_at_ms AS endedAtMs, "commit", quality, failure, json`;

/** The view of tasks. `EventStore` writes it in the transaction of the events that changed it. */
export class TaskTable {
  readonly #statements: Statements;

  constructor(statements: Statements) {
    this.#statements = statements;
  }

  put(row: TaskRow): void {
    this.#statements
      .get(
        `INSERT OR REPLACE INTO tasks (number, project, status, title, type, executor, risk, attempts,
           created_at_ms, ended_at_ms, "commit", quality, failure, json)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      )
      .run(
        taskNumber(row.id),
        row.project,
        row.status,
        row.title,
        row.type,
        row.executor,
        row.risk,
        row.attempts,
        Math.round(row.createdAtMs),
        row.endedAtMs === null ? null : Math.round(row.endedAtMs),
        row.commit,
        row.quality,
        row.failure,
        row.json,
      );
  }

  list(query: TaskQuery): TaskRow[] {
    const where: string[] = [];
    const parameters: (string | number)[] = [];
    if (query.project !== undefined) {
      where.push('project = ?');
      parameters.push(query.project);
    }
    if (query.statuses) {
      where.push(`status IN (${query.statuses.map(() => '?').join(', ')})`);
      parameters.push(...query.statuses);
    }
    const condition = where.length === 0 ? '' : `WHERE ${where.join(' AND ')}`;
    const order = ORDERS[query.order ?? 'asc'];
    return this.#statements
      .get(`SELECT ${COLUMNS} FROM tasks ${condition} ORDER BY ${order} LIMIT ? OFFSET ?`)
      .all(...parameters, query.limit ?? -1, query.offset ?? 0)
      .map(toRow);
  }

  get(id: TaskId): TaskRow | null {
    const row = this.#statements
      .get(`SELECT ${COLUMNS} FROM tasks WHERE number = ?`)
      .get(taskNumber(id));
    return row === undefined ? null : toRow(row);
  }

  count(): TaskCount[] {
    return this.#statements
      .get('SELECT project, status, count(*) AS count FROM tasks GROUP BY project, status')
      .all()
      .map((row) => TaskCount.parse(row));
  }
}

export const TaskCount = z.object({ project: ProjectId, status: Status, count: z.number().int() });
export type TaskCount = z.infer<typeof TaskCount>;

const ORDERS = {
  asc: 'number ASC',
  desc: 'number DESC',
  ended: 'ended_at_ms DESC, number DESC',
} as const;

function toRow(stored: unknown): TaskRow {
  const { number, ...row } = StoredTask.parse(stored);
  return { id: taskId(number), ...row };
}
