import { Option, type Command } from 'commander';
import { AgentRole } from '../../../shared/model/agent.ts';
import { TranscriptSearchView } from '../../../shared/model/agentApi.ts';
import { ExplanationView } from '../../../shared/model/explanationApi.ts';
import { VigilError } from '../../../shared/model/errors.ts';
import type { TaskId } from '../../../shared/model/ids.ts';
import { parseTaskId, query, wholeNumber } from '../arguments.ts';
import { parseTranscript } from '../../execute/agent/parseTranscript.ts';
import { renderTranscript, renderTranscriptHits } from '../render/transcript.ts';
import { action, type Session } from '../session.ts';

type Attempt = ExplanationView['execution'][number];

interface TranscriptOptions {
  attempt?: number;
  role?: AgentRole;
  search?: string;
  limit?: number;
}

export function addTranscriptCommands(program: Command): void {
  program
    .command('transcript')
    .description('what an agent was told, thought, said and did')
    .argument('[task]', 'task id; with --search may be left out', parseTaskId)
    .option(
      '--attempt <n>',
      'which attempt; the latest with an agent when not given',
      wholeNumber(1),
    )
    .addOption(
      new Option('--role <role>', 'only this one; all when not given').choices(AgentRole.options),
    )
    .addOption(
      new Option('--search <text>', 'where a text was told, thought, said or done').conflicts([
        'attempt',
        'role',
      ]),
    )
    .option('--limit <n>', 'how many places at most', wholeNumber(1, 200))
    .action(action(transcript));
}

async function transcript(
  session: Session,
  id: TaskId | undefined,
  options: TranscriptOptions,
): Promise<void> {
  const { search, limit } = options;
  if (search !== undefined && search.trim() !== '') return showHits(session, search, id, limit);
  if (id !== undefined) return showTranscript(session, id, options);
  throw new VigilError(
    'misuse',
    'a task or --search is needed',
    '`vigil transcript T-12` shows one, `vigil transcript --search TEXT` looks through all.',
  );
}

async function showHits(
  session: Session,
  search: string,
  task: TaskId | undefined,
  limit: number | undefined,
): Promise<void> {
  const client = await session.client();
  const path = `/v1/transcripts${query({ search, task, limit })}`;
  session.show(await client.call('GET', path, TranscriptSearchView), renderTranscriptHits);
}

async function showTranscript(
  session: Session,
  id: TaskId,
  options: TranscriptOptions,
): Promise<void> {
  const client = await session.client();
  const { execution } = await client.call('GET', `/v1/tasks/${id}/explain`, ExplanationView);
  const { attempt, agents } = chosen(id, execution, options);
  const transcripts = [];
  for (const { role, agent, provider, model } of agents) {
    const path = `/v1/tasks/${id}/attempts/${attempt}/transcript${query({ role })}`;
    const entries = parseTranscript(await client.text(path));
    transcripts.push({ role, agent, provider, model, entries });
  }
  session.show({ task: id, attempt, transcripts }, (reply, look) =>
    reply.transcripts.flatMap((one, index) => [
      ...(index === 0 ? [] : ['']),
      look.colours.bold(
        `${id} attempt ${attempt}, ${one.role}: ${one.agent} with ${one.model} of ${one.provider}`,
      ),
      ...renderTranscript(one.entries, look),
    ]),
  );
}

/** The attempt that is meant, and its agents of that role. Throws `not-found` when there is none. */
function chosen(id: TaskId, execution: readonly Attempt[], options: TranscriptOptions): Attempt {
  const attempt =
    options.attempt === undefined
      ? execution.findLast((one) => one.agents.length > 0)
      : execution.find((one) => one.attempt === options.attempt);
  const roles = new Set<AgentRole>();
  const agents = (attempt?.agents ?? []).filter(({ role }) => {
    const wanted = !roles.has(role) && (options.role === undefined || role === options.role);
    roles.add(role);
    return wanted;
  });
  if (attempt !== undefined && agents.length > 0) return { ...attempt, agents };
  const which = options.attempt === undefined ? '' : ` in attempt ${options.attempt}`;
  throw new VigilError(
    'not-found',
    `no agent has worked on ${id}${which}${options.role === undefined ? '' : ` as ${options.role}`}`,
    `\`vigil explain ${id}\` shows who did; \`vigil log ${id}\` shows what a command printed.`,
  );
}
