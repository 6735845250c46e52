import { moment } from './moment.ts';
import { usd } from '../../../shared/explain/describeAgents.ts';
import { count, duration, percent } from '../../../shared/explain/format.ts';
import type { ExplanationView } from '../../../shared/model/explanationApi.ts';
import { describePriority } from '../../../shared/explain/describePriority.ts';
import { facts, heading, paragraph } from './blocks.ts';
import { renderExecution } from './execution.ts';
import type { Look } from './look.ts';
import { statusPaint } from './tasks.ts';
import { clean } from './text.ts';

/** The five sections of a task's story. */
export function renderExplanation(story: ExplanationView, look: Look): string[] {
  const { task, generation, outcome } = story;
  return [
    `${look.colours.bold(task.id)} ${clean(task.title)}`,
    ...paragraph(story.headline, look, `${statusPaint(task.status, look)(task.status)}  `),
    ...heading('1 Generation', look),
    ...facts(
      [
        ['source', generation.source],
        ['trigger', generation.trigger],
        ['evidence', generation.evidence],
        ['when', moment(generation.atMs, look.nowMs)],
        ['priority', generation.priority === null ? null : describePriority(generation.priority)],
        [
          'spec',
          `specificity ${generation.specificity.toFixed(2)}, complexity ${generation.complexity.toFixed(2)}`,
        ],
      ],
      look,
    ),
    ...heading('2 Dispatch', look),
    ...dispatch(story, look),
    ...heading('3 Execution', look),
    ...(story.execution.length === 0
      ? ['  It has not been started.']
      : story.execution.flatMap((one) => renderExecution(one, look))),
    ...heading('4 Outcome', look),
    ...facts(
      [
        ['status', outcome.status],
        [
          'duration',
          outcome.durationMs === null
            ? `none yet; estimate ${duration(outcome.estimateMs)}`
            : `${duration(outcome.durationMs)} against an estimate of ${duration(outcome.estimateMs)}`,
        ],
        ['quality', outcome.quality === null ? null : outcome.quality.toFixed(2)],
        ['commit', outcome.commit],
        ['cost', costText(story)],
        ['lesson', outcome.lesson],
      ],
      look,
    ),
    ...heading('5 Impact', look),
    ...facts(
      [
        ['unblocked', story.impact.unblocked.join(', ') || 'nothing'],
        ['waiting for it', story.impact.waitingForIt.join(', ') || 'nothing'],
        ['promoted', story.impact.promoted ? 'yes, it is on the target branch' : 'no'],
      ],
      look,
    ),
    '',
    look.colours.dim(
      (story.execution.some((one) => one.agents.length > 0)
        ? `What its agents said and did: \`vigil transcript ${task.id}\`. `
        : '') +
        (story.toldBy === null
          ? ''
          : `Told by ${story.toldBy}, whose logs are fuller: this node is still copying them. `) +
        `Told from ${count(story.events.length, 'event')}; see them with \`vigil events --task ${task.id}\`.`,
    ),
  ];
}

function dispatch(story: ExplanationView, look: Look): string[] {
  const { waits, rounds } = story.dispatch;
  const why = waits.flatMap((wait, index) => [
    ...paragraph(wait.text, look, index === 0 ? '  ' : '  also: '),
    ...facts([['  until', wait.until]], look),
  ]);
  const chosen = rounds.flatMap((round) => [
    ...paragraph(
      `Attempt ${round.attempt} to ${round.node} at ${moment(round.atMs, look.nowMs)}, score ${round.score.toFixed(2)}, chance ${percent(round.pSuccess)}: ${round.reason}`,
      look,
    ),
    ...facts(
      [
        ['  priority', describePriority(round.priority)],
        ...round.alternatives.map(
          (other, index) =>
            [
              index === 0 ? '  instead' : '',
              `${other.text} (${other.score.toFixed(2)}): ${other.reason}`,
            ] as const,
        ),
      ],
      look,
    ),
  ]);
  return why.length + chosen.length === 0 ? ['  It has not been dispatched.'] : [...why, ...chosen];
}

function costText({ outcome, execution }: ExplanationView): string {
  if (outcome.costUsd !== null) return usd(outcome.costUsd);
  return execution.some((one) => one.calls > 0)
    ? 'not known in dollars: a subscription, a local model, or no price'
    : 'nothing was metered';
}
