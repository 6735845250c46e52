import { taskNumber } from '../../shared/model/ids.ts';
import type { NodeId, ProjectId, TaskId } from '../../shared/model/ids.ts';
import type { EventType } from '../../shared/model/events.ts';

/**
 * Which events to read; all that is given must hold. `after` and `before` are positions of arrival here, and
 * exclude their own: with one of them the events come in order of arrival, as pages of a local stream.
 * Without them they come in the order of history, by (clock, node, seq), which is the same on every node.
 */
export interface EventQuery {
  readonly after?: number;
  readonly before?: number;
  /** Events of this node's log. */
  readonly node?: NodeId;
  /** Events of this task, and the decisions that dispatched it. */
  readonly task?: TaskId;
  readonly project?: ProjectId;
  readonly types?: readonly EventType[];
  readonly limit?: number;
  /** Ascending when not given. */
  readonly order?: 'asc' | 'desc';
}

export interface EventRow {
  readonly pos: number;
  readonly node: NodeId;
  readonly seq: number;
  readonly clock: number;
  readonly at_ms: number;
  readonly hash: Buffer;
  /** Hash of the event before it in its log; null for the first. */
  readonly prev: Buffer | null;
  readonly body: string;
}

/** The columns of `EventRow`; `prev` is a look-up in the index of places. */
export const EVENT_COLUMNS = `e.pos, e.node, e.seq, e.clock, e.at_ms, e.hash, e.body,
  (SELECT p.hash FROM events p WHERE p.node = e.node AND p.seq = e.seq - 1) AS prev`;

type Parameter = string | number;

/**
 * The SQL of a query. Each key (a task, a type, a project) is looked up in its own index, already cut to
 * range and limit, and the few positions found are joined: left to itself SQLite would walk the log or sort
 * all events of a type. A `+` keeps it off an index.
 */
export function eventSql(query: EventQuery): { sql: string; parameters: Parameter[] } {
  const parameters: Parameter[] = [];
  const bind = (value: Parameter): string => {
    parameters.push(value);
    return '?';
  };
  const { after, before, node, task, project, types } = query;
  const isPage = after !== undefined || before !== undefined;
  const direction = query.order === 'desc' ? 'DESC' : 'ASC';
  // Within one log the order of history is that of its seqs, which its own index has.
  const ofOneLog = node !== undefined && !isPage && !task && !types && !project;
  const columns = isPage ? ['pos'] : ofOneLog ? ['seq'] : ['clock', 'node', 'seq'];
  const order = columns.map((column) => `${column} ${direction}`).join(', ');
  // A negative limit means none.
  const tail = (): string => `ORDER BY ${order} LIMIT ${bind(query.limit ?? -1)}`;
  /** The range of a page, read off an index (`+pos`) or walked along the table (`pos`). */
  const range = (column: 'pos' | '+pos'): string =>
    isPage
      ? ` AND ${column} > ${bind(after ?? 0)} AND ${column} < ${bind(before ?? Number.MAX_SAFE_INTEGER)}`
      : '';
  const ofProject = (): string => (project === undefined ? '' : ` AND +project = ${bind(project)}`);
  const ofNode = (): string => (node === undefined ? '' : ` AND +node = ${bind(node)}`);
  const keyed = (branches: readonly string[], rest: string): string =>
    `e.pos IN (${branches.join(' UNION ALL ')})${rest}`;

  let where: string;
  if (task !== undefined) {
    const number = taskNumber(task);
    const branches = [
      `SELECT pos FROM events WHERE task = ${bind(number)}${range('+pos')}`,
      `SELECT pos FROM decided_tasks WHERE task = ${bind(number)}${range('pos')}`,
    ];
    const ofTypes = types ? ` AND +type IN (${types.map(bind).join(', ')})` : '';
    where = keyed(branches, `${ofTypes}${ofProject()}${ofNode()}`);
  } else if (types) {
    const branches = [...new Set(types)].map((type) => {
      const key = `type = ${bind(type)}${range('+pos')}${ofProject()}${ofNode()}`;
      return `SELECT pos FROM (SELECT pos FROM events WHERE ${key} ${tail()})`;
    });
    where = keyed(branches.length === 0 ? ['SELECT NULL'] : branches, '');
  } else if (project !== undefined && !isPage) {
    const key = `project = ${bind(project)}${ofNode()}`;
    where = keyed([`SELECT pos FROM (SELECT pos FROM events WHERE ${key} ${tail()})`], '');
  } else if (ofOneLog) {
    where = `node = ${bind(node)}`;
  } else {
    where = `TRUE${range('pos')}${ofProject()}${ofNode()}`;
  }
  return { sql: `SELECT ${EVENT_COLUMNS} FROM events e WHERE ${where} ${tail()}`, parameters };
}
