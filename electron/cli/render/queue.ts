import { count } from '../../../shared/explain/format.ts';
import type { QueueView, TaskSummary } from '../../../shared/model/taskApi.ts';
import { heading, paragraph } from './blocks.ts';
import type { Look } from './look.ts';
import { table, type Column } from './table.ts';

/** Narrower than this a reason beside the title would be cut to a few words. */
const WIDE = 100;

/** The queue in the order in which it will be worked: running, ready, in review, waiting. */
export function renderQueue(queue: QueueView, look: Look): string[] {
  const { colours } = look;
  const task: Column<TaskSummary>[] = [
    { head: 'task', cell: (row) => row.id, paint: () => colours.bold },
    { head: 'title', cell: (row) => row.title, flexible: true },
  ];
  const by: Column<TaskSummary> = {
    head: 'by',
    cell: (row) => row.executor,
    paint: () => colours.dim,
  };
  const parts = [
    {
      name: 'Running',
      lines: table(
        queue.running,
        [...task, { head: 'status', cell: (row) => row.status, paint: () => colours.cyan }, by],
        look,
      ),
    },
    {
      name: 'Ready, first to start first',
      lines: table(
        queue.ready,
        [
          ...task,
          { head: 'path min', cell: (row) => row.priority.pathMinutes.toFixed(1), align: 'right' },
          { head: 'priority', cell: (row) => row.priority.total.toFixed(1), align: 'right' },
          by,
        ],
        look,
      ),
    },
    {
      name: 'Waiting for your review',
      lines: table(
        queue.review,
        [...task, { head: 'risk', cell: (row) => row.risk, paint: () => colours.yellow }],
        look,
      ),
    },
    { name: 'Waiting', lines: waiting(queue.waiting, task, look) },
  ].filter((part) => part.lines.length > 0);
  if (parts.length === 0) return ['The queue is empty.', colours.dim(`as of event ${queue.seq}`)];
  return [
    ...parts.flatMap((part, index) => [
      ...heading(part.name, look).slice(index === 0 ? 1 : 0),
      ...part.lines,
    ]),
    '',
    colours.dim(
      `${count(queue.running.length + queue.ready.length + queue.review.length + queue.waiting.length, 'task')}, as of event ${queue.seq}`,
    ),
  ];
}

/** What waits, and why: beside its title, or below it where the terminal is narrow. */
function waiting(rows: readonly TaskSummary[], task: Column<TaskSummary>[], look: Look): string[] {
  const { colours } = look;
  const reason: Column<TaskSummary> = {
    head: 'for',
    cell: (row) => row.waiting?.text ?? '',
    flexible: true,
    paint: () => colours.yellow,
  };
  const until: Column<TaskSummary> = {
    head: 'until',
    cell: (row) => row.waiting?.until ?? '',
    flexible: true,
    paint: () => colours.dim,
  };
  if (look.width >= WIDE) return table(rows, [...task, reason, until], look);
  const [head = '', ...lines] = table(rows, task, look);
  return [
    head,
    ...lines.flatMap((line, index) => {
      const why = rows[index]?.waiting;
      if (!why) return [line];
      return [
        line,
        ...paragraph(why.text, look).map(colours.yellow),
        ...(why.until ? paragraph(`until ${why.until}`, look).map(colours.dim) : []),
      ];
    }),
  ];
}
