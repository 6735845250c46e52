import { usd } from '../../../shared/explain/describeAgents.ts';
import { bytes, count, duration } from '../../../shared/explain/format.ts';
import type { ExplanationView } from '../../../shared/model/explanationApi.ts';
import { facts, paragraph } from './blocks.ts';
import type { Look } from './look.ts';
import { tokensText } from './money.ts';

type Execution = ExplanationView['execution'][number];

/** One attempt: who worked and how it differed, what it came to, and what checked it. */
export function renderExecution(one: Execution, look: Look): string[] {
  const { colours } = look;
  const took = one.durationMs === null ? '' : `, ${duration(one.durationMs)}`;
  return [
    ...paragraph(`Attempt ${one.attempt} on ${one.node}${took}: ${one.result}`, look),
    ...facts(
      [
        ['  route', one.route],
        ...one.agents.map((agent) => [`  ${agent.role}`, agentText(agent)] as const),
        ...one.agents.flatMap((agent) =>
          agent.denied.map((act) => ['  denied', `${agent.role}: ${act}`] as const),
        ),
        ...contextTexts(one).map((text) => ['  context', text] as const),
        ['  models', modelsText(one)],
        ['  failure', one.failure === null ? null : `${one.failure.class}: ${one.failure.reason}`],
        [
          '  diff',
          one.diff === null
            ? null
            : `${one.diff.files.join(', ')} (+${one.diff.added} −${one.diff.removed})`,
        ],
        ['  log', one.log],
        ...one.agents.map((agent) => ['  transcript', agent.transcript] as const),
      ],
      look,
    ),
    ...(one.verification?.checks ?? []).flatMap((check) => {
      const mark =
        check.verdict === 'passed'
          ? colours.green('✓')
          : check.verdict === 'failed'
            ? colours.red('✗')
            : colours.yellow('?');
      return paragraph(`${check.name}: ${check.detail}`, look, `    ${mark} `);
    }),
    ...(one.verification === null
      ? []
      : paragraph(
          `quality ${one.verification.quality.toFixed(2)} (needed ${one.verification.threshold.toFixed(2)}): ` +
            one.verification.parts
              .map((part) => `${part.name} ${part.value.toFixed(2)} × ${part.weight.toFixed(2)}`)
              .join(', '),
          look,
          '    ',
        )),
  ];
}

/** Who worked, by which model, how it ended and how long it took. */
function agentText(agent: Execution['agents'][number]): string {
  return [
    `${agent.agent} with ${agent.model} of ${agent.provider}`,
    agent.outcome ?? 'at work',
    ...(agent.toolCalls === null ? [] : [count(agent.toolCalls, 'tool call')]),
    ...(agent.durationMs === null ? [] : [duration(agent.durationMs)]),
  ].join(', ');
}

/** What the agents were given to read, a line for each role. */
function contextTexts({ context }: Execution): string[] {
  return [...new Set(context.map(({ role }) => role))].map((role) => {
    const parts = context
      .filter((part) => part.role === role)
      .map(
        ({ kind, name, bytes: size }) =>
          `${kind}${name === kind || name === role ? '' : ` ${name}`} (${bytes(size)})`,
      );
    return `${role}: ${parts.join(', ')}`;
  });
}

/** Calls of models and what they cost; dollars are never claimed where none are known. */
function modelsText({ calls, tokens, costUsd }: Execution): string | null {
  if (calls === 0) return null;
  const cost = costUsd === null ? 'not all paid in dollars' : usd(costUsd);
  return `${count(calls, 'call')}, ${tokensText(tokens)} tokens, ${cost}`;
}
