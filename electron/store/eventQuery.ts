import { taskNumber } from '../../shared/model/ids.ts';
import type { ProjectId, TaskId } from '../../shared/model/ids.ts';
import type { EventType } from '../../shared/model/events.ts';

/** Which events to read. All that is given must hold; `after` and `before` exclude their own seq. */
export interface EventQuery {
  readonly after?: number;
  readonly before?: number;
  /** Events of this task, and the decisions that dispatched it. */
  readonly task?: TaskId;
  readonly project?: ProjectId;
  readonly types?: readonly EventType[];
  readonly limit?: number;
  /** By seq; ascending when not given. */
  readonly order?: 'asc' | 'desc';
}

export interface EventRow {
  readonly seq: number;
  readonly at_ms: number;
  readonly hash: Buffer;
  /** Hash of the row before; null for the first. */
  readonly prev: Buffer | null;
  readonly body: string;
}

/** The columns of `EventRow`; `prev` is a look-up by primary key. */
export const EVENT_COLUMNS =
  'e.seq, e.at_ms, e.hash, e.body, (SELECT p.hash FROM events p WHERE p.seq = e.seq - 1) AS prev';

type Parameter = string | number;

/**
 * The SQL of a query. Each key (a task, a type, a project) is looked up in its own index, already cut to
 * range and limit, and the few seqs found are joined: left to itself SQLite would walk the log or sort
 * all events of a type. A `+` keeps it off an index.
 */
export function eventSql(query: EventQuery): { sql: string; parameters: Parameter[] } {
  const parameters: Parameter[] = [];
  const bind = (value: Parameter): string => {
    parameters.push(value);
    return '?';
  };
  const direction = query.order === 'desc' ? 'DESC' : 'ASC';
  // A negative limit means none.
  const tail = (): string => `ORDER BY seq ${direction} LIMIT ${bind(query.limit ?? -1)}`;
  const range = (): string =>
    `seq > ${bind(query.after ?? 0)} AND seq < ${bind(query.before ?? Number.MAX_SAFE_INTEGER)}`;
  const ofProject = (): string =>
    query.project === undefined ? '' : ` AND +project = ${bind(query.project)}`;

  const branches: string[] = [];
  let rest = '';
  if (query.task !== undefined) {
    const number = taskNumber(query.task);
    branches.push(`SELECT seq FROM events WHERE task = ${bind(number)} AND ${range()}`);
    branches.push(`SELECT seq FROM decided_tasks WHERE task = ${bind(number)} AND ${range()}`);
    rest = ofProject();
    if (query.types) rest += ` AND +type IN (${query.types.map(bind).join(', ')})`;
  } else if (query.types) {
    for (const type of new Set(query.types)) {
      const key = `type = ${bind(type)} AND ${range()}${ofProject()}`;
      branches.push(`SELECT seq FROM (SELECT seq FROM events WHERE ${key} ${tail()})`);
    }
    if (branches.length === 0) branches.push('SELECT NULL');
  } else if (query.project !== undefined) {
    const key = `project = ${bind(query.project)} AND ${range()}`;
    branches.push(`SELECT seq FROM (SELECT seq FROM events WHERE ${key} ${tail()})`);
  }
  const where =
    branches.length === 0 ? range() : `e.seq IN (${branches.join(' UNION ALL ')})${rest}`;
  return {
    sql: `SELECT ${EVENT_COLUMNS} FROM events e WHERE ${where} ${tail()}`,
    parameters,
  };
}
