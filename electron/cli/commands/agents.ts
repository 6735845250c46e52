import type { Command } from 'commander';
import { z } from 'zod';
import { AgentCheckView, AgentView } from '../../../shared/model/agentApi.ts';
import type { AgentId } from '../../../shared/model/agent.ts';
import { VigilError } from '../../../shared/model/errors.ts';
import { parseAgentIds } from '../arguments.ts';
import type { Client } from '../client.ts';
import { isInstalled, renderAgents, renderChecks } from '../render/agents.ts';
import { action, type Session } from '../session.ts';

const Agents = z.object({ agents: z.array(AgentView) });
const Checks = z.object({ checks: z.array(AgentCheckView) });

export function addAgentCommands(program: Command): void {
  program
    .command('agents')
    .description('coding agents: which are here, which can work, how to get the others')
    .argument('[agent...]', 'only these', parseAgentIds)
    .option('--check', 'really start each that is installed; exits 1 when one fails')
    .action(
      action(async (session, named: AgentId[] | undefined, options: { check?: boolean }) => {
        const client = await session.client();
        const agents = await agentsOf(client, named ?? []);
        if (options.check === true) await check(session, client, agents, named ?? []);
        else session.show({ agents }, (reply, look) => renderAgents(reply.agents, look));
      }),
    );
}

/** The agents that are named, or all. Throws `not-found` for a name that is none. */
async function agentsOf(client: Client, named: readonly AgentId[]): Promise<AgentView[]> {
  const { agents } = await client.call('GET', '/v1/agents', Agents);
  for (const id of named) {
    if (agents.some((agent) => agent.id === id)) continue;
    throw new VigilError(
      'not-found',
      `there is no agent ${id}`,
      `Known: ${agents.map((agent) => agent.id).join(', ')}. Another that speaks ACP is added under \`agents\` in config.yaml.`,
    );
  }
  return named.length === 0 ? agents : agents.filter((agent) => named.includes(agent.id));
}

/** Starts one after another, so that a person sees which one takes its time. */
async function check(
  session: Session,
  client: Client,
  agents: readonly AgentView[],
  named: readonly AgentId[],
): Promise<void> {
  const started = named.length > 0 ? agents : agents.filter(isInstalled);
  const checks: AgentCheckView[] = [];
  try {
    for (const [index, { id, name }] of started.entries()) {
      session.terminal.progress(`starting ${name} (${index + 1} of ${started.length}) …`);
      const reply = await client.call('POST', '/v1/agents/check', Checks, { agents: [id] });
      checks.push(...reply.checks);
    }
  } finally {
    session.terminal.progress(null);
  }
  session.show({ checks }, (reply, look) => renderChecks(reply.checks, look));
  if (checks.some((one) => !one.ok)) process.exitCode = 1;
}
