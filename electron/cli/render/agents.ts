import { count, duration } from '../../../shared/explain/format.ts';
import type { AgentCheckView, AgentView } from '../../../shared/model/agentApi.ts';
import { heading, paragraph } from './blocks.ts';
import type { Look } from './look.ts';
import { table } from './table.ts';
import { clean } from './text.ts';

/** Whether its program is here; some programs do not tell their version. */
export function isInstalled(agent: AgentView): boolean {
  return agent.version !== null || agent.ready;
}

/** The coding agents of a node: what is here, what can work, and how to get the others. */
export function renderAgents(agents: readonly AgentView[], look: Look): string[] {
  const { colours } = look;
  const here = agents.filter(isInstalled);
  const others = agents.filter((agent) => !isInstalled(agent));
  const working = here.filter(canWork);
  return [
    ...(here.length === 0 ? ['No coding agent is installed here.'] : []),
    ...table(
      here,
      [
        { head: 'agent', cell: (agent) => agent.id, paint: () => colours.bold },
        { head: 'version', cell: (agent) => agent.version ?? '' },
        {
          head: 'ready',
          cell: (agent) => (canWork(agent) ? 'yes' : agent.ready ? 'no model' : 'no'),
          paint: (agent) => (canWork(agent) ? colours.green : colours.yellow),
        },
        { head: 'models', cell: modelsText, flexible: true },
        {
          head: 'detail',
          cell: detailText,
          flexible: true,
          paint: (agent) => (canWork(agent) ? colours.dim : colours.yellow),
        },
      ],
      look,
    ),
    ...(others.length === 0 ? [] : heading('Not installed', look)),
    ...others.flatMap((agent) =>
      paragraph(
        `${agent.id}: ${agent.detail.replace(/^not installed: /, '')}`,
        look,
        `  ${colours.dim('·')} `,
      ),
    ),
    '',
    colours.dim(
      working.length > 0
        ? '`vigil agents --check` really starts each; `vigil models` shows how work is shared out.'
        : here.length > 0
          ? 'None can work yet: the details say why. Models are added with `vigil providers add`.'
          : 'Install one, then add a model with `vigil providers add` and try it with `vigil agents --check`.',
    ),
  ];
}

/** Whether tasks can be given to it: it is there, and a provider has a model for it. */
function canWork(agent: AgentView): boolean {
  return agent.ready && agent.models.length > 0;
}

function detailText(agent: AgentView): string {
  return agent.ready && agent.models.length === 0
    ? `calls its model in ${agent.format ?? 'a format of its own'}, which no provider here speaks: add one with \`vigil providers add\``
    : agent.detail;
}

/** How many names of models fit before they are only counted. */
const NAMED_MODELS = 3;

function modelsText({ models }: AgentView): string {
  return models.length > NAMED_MODELS
    ? `${models.slice(0, NAMED_MODELS).join(', ')} and ${models.length - NAMED_MODELS} more`
    : models.join(', ');
}

/** What real starts said. */
export function renderChecks(checks: readonly AgentCheckView[], look: Look): string[] {
  if (checks.length === 0)
    return ['No agent is installed here, so none was started. `vigil agents` says how to get one.'];
  const { colours } = look;
  const working = checks.filter((check) => check.ok).length;
  return [
    ...checks.flatMap((check) => {
      const took = check.startMs === null ? '' : ` (${duration(check.startMs)})`;
      const mark = check.ok ? colours.green('✓') : colours.red('✗');
      return paragraph(`${check.agent}${took}: ${clean(check.detail)}`, look, `${mark} `);
    }),
    '',
    working === checks.length
      ? colours.green(`${working === 1 ? 'It works' : `All ${working} work`}.`)
      : colours.red(
          `${count(checks.length - working, 'agent')} of ${checks.length} did not start.`,
        ),
  ];
}
