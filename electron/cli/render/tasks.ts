import { moment } from './moment.ts';
import { count, duration, relative, shortCommit } from '../../../shared/explain/format.ts';
import type { TaskDetail, TaskSummary } from '../../../shared/model/taskApi.ts';
import type { Dependency } from '../../../shared/model/task.ts';
import { facts, heading, paragraph } from './blocks.ts';
import type { Look, Paint } from './look.ts';
import { table } from './table.ts';
import { clean } from './text.ts';

/** The colour of a status: green is done, yellow waits for a person, red failed. */
export function statusPaint(status: TaskSummary['status'], look: Look): Paint {
  const { green, yellow, red, cyan, dim } = look.colours;
  switch (status) {
    case 'merged':
    case 'done':
      return green;
    case 'review':
      return yellow;
    case 'failed':
    case 'rejected':
      return red;
    case 'cancelled':
    case 'split':
      return dim;
    case 'assigned':
    case 'running':
    case 'verifying':
    case 'merging':
      return cyan;
    case 'open':
      return (text) => text;
  }
}

/** Why a task is where it is, in a few words. */
function standing(task: TaskSummary): string {
  if (task.failure !== null) return task.failure;
  if (task.commit !== null) return shortCommit(task.commit);
  return task.waiting?.text ?? '';
}

/** A list of tasks, one line each. */
export function renderTasks(tasks: readonly TaskSummary[], look: Look): string[] {
  if (tasks.length === 0) {
    return ['No tasks. Add one with `vigil task add -f FILE`, or let `vigil up` find work.'];
  }
  return table(
    tasks,
    [
      { head: 'task', cell: (task) => task.id, paint: () => look.colours.bold },
      {
        head: 'status',
        cell: (task) => task.status,
        paint: (task) => statusPaint(task.status, look),
      },
      { head: 'type', cell: (task) => task.type },
      { head: 'title', cell: (task) => task.title, flexible: true },
      { head: 'why', cell: standing, flexible: true, paint: () => look.colours.dim },
      {
        head: 'when',
        cell: (task) => relative(task.endedAtMs ?? task.createdAtMs, look.nowMs),
        paint: () => look.colours.dim,
      },
    ],
    look,
  );
}

/** One task in full. */
export function renderTask(task: TaskDetail, look: Look): string[] {
  const { spec } = task;
  return [
    `${look.colours.bold(task.id)} ${clean(task.title)}`,
    ...facts(
      [
        ['status', task.status],
        ['waits for', task.waiting?.text ?? null],
        ['failed', task.failure],
        ['project', task.project],
        ['type', `${task.type}, done by ${task.executor}`],
        ['command', spec.executor.kind === 'command' ? spec.executor.run : null],
        ['risk', `${spec.risk}${spec.review ? ', waits for a review' : ''}`],
        ['estimate', duration(spec.estimateMs)],
        ['priority', task.priority === null ? null : task.priority.total.toFixed(1)],
        ['quality', task.quality === null ? null : task.quality.toFixed(2)],
        ['commit', task.commit],
        ['scope', spec.scope.length === 0 ? 'the whole project' : spec.scope.join(', ')],
        ['deliverables', spec.deliverables.join(', ')],
        ['created', moment(task.createdAtMs, look.nowMs)],
        ['ended', task.endedAtMs === null ? null : moment(task.endedAtMs, look.nowMs)],
      ],
      look,
    ),
    ...section('Instructions', spec.instructions === '' ? [] : [spec.instructions], look),
    ...section('Accepted when', spec.acceptance, look),
    ...section('Depends on', task.dependencies.map(dependencyText), look),
    ...section(
      'Attempts',
      task.history.map((attempt) => {
        const took =
          attempt.endedAtMs === null
            ? ''
            : `, ${duration(attempt.endedAtMs - attempt.startedAtMs)}`;
        const reason = attempt.state.state === 'failed' ? `: ${attempt.state.failure.reason}` : '';
        return `${attempt.number} on ${attempt.node}${took}, ${attempt.state.state}${reason}`;
      }),
      look,
    ),
  ];
}

function section(title: string, items: readonly string[], look: Look): string[] {
  return items.length === 0
    ? []
    : [...heading(title, look), ...items.flatMap((item) => paragraph(item, look))];
}

/** A dependency as a sentence. */
function dependencyText(dependency: Dependency): string {
  switch (dependency.type) {
    case 'hard':
      return `${dependency.artifact} exists${dependency.task ? ` (made by ${dependency.task})` : ''}`;
    case 'soft':
      return `${dependency.task} has ended, or ${duration(dependency.timeoutMs)} passed; then: ${dependency.fallback}`;
    case 'ordering':
      return `${dependency.task} has ended`;
    case 'resource':
      return `sole use of ${dependency.resource}`;
  }
}

/** What was just added. */
export function renderAdded(tasks: readonly TaskSummary[], look: Look): string[] {
  return [`Added ${count(tasks.length, 'task')}.`, ...renderTasks(tasks, look)];
}
