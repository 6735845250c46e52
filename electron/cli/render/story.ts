import { count, shortCommit } from '../../../shared/explain/format.ts';
import type { ProjectView } from '../../../shared/model/projectApi.ts';
import type { StatusView } from '../../../shared/model/statusApi.ts';
import type { TaskSummary } from '../../../shared/model/taskApi.ts';
import { paragraph } from './blocks.ts';
import type { Look } from './look.ts';
import { clean, cut } from './text.ts';

export interface Story {
  readonly status: StatusView;
  readonly projects: readonly ProjectView[];
  readonly tasks: readonly TaskSummary[];
}

/** How many tasks of one kind are named before the rest is only counted. */
const NAMED = 8;

/** What a run came to, in a few lines: found, merged, what waits, what to try next. */
export function renderStory(story: Story, look: Look): string[] {
  const { green, red, yellow, bold, dim } = look.colours;
  const { tasks, projects } = story;
  const merged = tasks.filter((task) => task.status === 'merged' || task.status === 'done');
  const review = tasks.filter((task) => task.status === 'review');
  const failed = tasks.filter((task) => task.status === 'failed');
  const agent = tasks.filter((task) => task.waiting?.kind === 'agent');
  const other = tasks.filter(
    (task) => task.status === 'open' && task.waiting !== null && task.waiting.kind !== 'agent',
  );
  const part = (
    title: string,
    mark: string,
    some: readonly TaskSummary[],
    more: (task: TaskSummary) => string,
  ) =>
    some.length === 0
      ? []
      : [
          '',
          bold(title),
          ...some.slice(0, NAMED).map((task) => {
            const text = cut(`${task.id} ${clean(task.title)}${more(task)}`, look.width - 4);
            return `  ${mark} ${text}`;
          }),
          ...(some.length > NAMED
            ? [dim(`    and ${some.length - NAMED} more: \`vigil task list --all\``)]
            : []),
        ];
  const reason = (task: TaskSummary) => (task.failure === null ? '' : `: ${clean(task.failure)}`);
  const waits = (task: TaskSummary) =>
    task.waiting === null ? '' : `: ${clean(task.waiting.text)}`;
  const example = merged[0] ?? agent[0] ?? tasks[0];
  const promotable = projects.find((project) => (project.ahead ?? 0) > 0);
  const next = [
    ...(example
      ? [
          [
            `${look.command} explain ${example.id}`,
            'why this task exists and what became of it',
          ] as const,
        ]
      : []),
    ...(review[0]
      ? [
          [
            `${look.command} review show ${review[0].id}`,
            'the diff that waits for your yes or no',
          ] as const,
        ]
      : []),
    ...(agent.length > 0
      ? [[`${look.command} agents`, 'which coding agents are here, and what they lack'] as const]
      : []),
    ...(promotable
      ? [
          [
            `${look.command} promote ${promotable.id}`,
            `bring ${count(promotable.ahead ?? 0, 'commit')} to ${promotable.target} in ${promotable.path}`,
          ] as const,
        ]
      : []),
    [`${look.command} queue`, 'what waits, and for what'] as const,
  ];
  const column = Math.max(...next.map(([command]) => command.length));
  return [
    '',
    `${count(tasks.length, 'task')} in ${count(projects.length, 'project')}: ` +
      [
        `${merged.length} finished`,
        ...(agent.length > 0 ? [`${agent.length} waiting for a coding agent`] : []),
        ...(review.length > 0 ? [`${review.length} waiting for your review`] : []),
        ...(failed.length > 0 ? [`${failed.length} failed`] : []),
        ...(other.length > 0 ? [`${other.length} waiting`] : []),
      ].join(', '),
    ...projects.flatMap((project) =>
      project.trouble === null
        ? []
        : paragraph(
            `${project.id}: ${project.trouble.reason} ${project.trouble.help}`,
            look,
            `  ${red('!')} `,
          ),
    ),
    ...part(
      'Finished: tested, and merged into refs/heads/vigil/integration',
      green('✓'),
      merged,
      (task) => (task.commit ? `  ${shortCommit(task.commit)}` : ''),
    ),
    ...part('Waits for your review', yellow('?'), review, () => ''),
    ...part(
      'Found, but it takes a coding agent; waits for a node that has one',
      yellow('…'),
      agent,
      () => '',
    ),
    ...part('Waits', yellow('…'), other, waits),
    ...part('Failed', red('✗'), failed, reason),
    '',
    bold('Try next'),
    ...next.map(
      ([command, what]) => `  ${cut(`${command.padEnd(column)}  ${what}`, look.width - 2)}`,
    ),
  ];
}
