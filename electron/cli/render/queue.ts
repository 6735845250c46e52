import { count } from '../../../shared/explain/format.ts';
import type { QueueView, TaskSummary } from '../../../shared/model/api.ts';
import { heading } from './blocks.ts';
import type { Look } from './look.ts';
import { table, type Column } from './table.ts';

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
    {
      name: 'Waiting',
      lines: table(
        queue.waiting,
        [
          ...task,
          {
            head: 'for',
            cell: (row) => row.waiting?.text ?? '',
            flexible: true,
            paint: () => colours.yellow,
          },
          {
            head: 'until',
            cell: (row) => row.waiting?.until ?? '',
            flexible: true,
            paint: () => colours.dim,
          },
        ],
        look,
      ),
    },
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
