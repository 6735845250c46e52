import { usd } from '../../../shared/explain/describeAgents.ts';
import { describeLimit } from '../../../shared/explain/describeLimit.ts';
import { percent, relative } from '../../../shared/explain/format.ts';
import type { StatusView } from '../../../shared/model/statusApi.ts';
import { facts, heading, paragraph } from './blocks.ts';
import type { Look, Paint } from './look.ts';
import { table } from './table.ts';
import { clean } from './text.ts';

/** The node at a glance; `mesh` says in a few words who else is there. */
export function renderStatus(status: StatusView, look: Look, mesh: string | null): string[] {
  const { colours } = look;
  const { counts, slots } = status;
  const tally = [
    [counts.running, 'running'],
    [counts.open, 'open'],
    [counts.waitingForAgent, 'waiting for an agent'],
    [counts.review, 'in review'],
    [counts.merged, 'merged'],
    [counts.done, 'done'],
    [counts.failed, 'failed'],
    [counts.rejected, 'rejected'],
    [counts.cancelled, 'cancelled'],
  ] as const;
  const reached = status.limits.filter((limit) => limit.reached);
  return [
    ...paragraph(status.summary, look, `${statePaint(status.state, look)(status.state)}  `),
    ...facts(
      [
        [
          'node',
          `${status.node}${status.pid === null ? '' : `, process ${status.pid}`}, version ${status.version}`,
        ],
        ['mesh', mesh],
        ['page', status.url],
        ['home', status.home],
        [
          'tasks',
          tally
            .filter(([number]) => number > 0)
            .map(([number, name]) => `${number} ${name}`)
            .join(', ') || 'none yet',
        ],
        [
          'slots',
          `cheap ${slots.cheap.used} of ${slots.cheap.max}, agent ${slots.agent.used} of ${slots.agent.max}`,
        ],
        [
          'spent',
          status.spentTodayUsd === null
            ? null
            : `${usd(status.spentTodayUsd)} in the last 24 hours; see \`${look.command} budget\``,
        ],
        ['confidence', `${percent(status.confidence)}, autonomy ${status.autonomy}`],
      ],
      look,
    ),
    ...(status.attention.length === 0 ? [] : heading('Needs you', look)),
    ...status.attention.flatMap((item) => paragraph(item, look, `  ${colours.yellow('!')} `)),
    ...(reached.length === 0 ? [] : heading('Limits reached', look)),
    ...reached.flatMap((limit) =>
      paragraph(
        limitText(limit) +
          (limit.untilMs === null
            ? ''
            : ` It frees itself ${relative(limit.untilMs, look.nowMs)}.`),
        look,
        `  ${colours.yellow('!')} `,
      ),
    ),
    ...(status.projects.length === 0
      ? ['', 'No projects yet. Add one with `vigil up PATH`, or see `vigil demo`.']
      : heading('Projects', look)),
    ...table(
      status.projects,
      [
        { head: 'project', cell: (project) => project.id, paint: () => colours.bold },
        { head: 'open', cell: (project) => String(project.open), align: 'right' },
        { head: 'merged', cell: (project) => String(project.merged), align: 'right' },
        {
          head: 'trouble',
          cell: (project) => project.trouble ?? '',
          flexible: true,
          paint: () => colours.red,
        },
        {
          head: 'path',
          cell: (project) => project.path ?? 'on another node',
          flexible: true,
          paint: () => colours.dim,
        },
      ],
      look,
    ),
  ];
}

/** What needs a human is said above in full; here only where it stands. */
function limitText(limit: StatusView['limits'][number]): string {
  return limit.limit === 'task.alert' || limit.subject === 'budget'
    ? describeLimit(limit)
    : `${limit.limit} of ${limit.subject}: ${limit.value} of ${limit.max}.`;
}

function statePaint(state: StatusView['state'], look: Look): Paint {
  const { green, cyan, yellow, dim, bold } = look.colours;
  const colour = { working: cyan, idle: green, parked: yellow, paused: yellow, stopped: dim }[
    state
  ];
  return (text) => bold(colour(clean(text)));
}
