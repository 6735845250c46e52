import { relative } from '../../../shared/explain/format.ts';
import type { ApprovalView } from '../../../shared/model/agentApi.ts';
import { describeCap } from '../../../shared/explain/describeAgents.ts';
import { facts } from './blocks.ts';
import type { Look } from './look.ts';
import { table } from './table.ts';
import { clean, cleanLines } from './text.ts';

/** The questions that are open, one line each. */
export function renderApprovals(approvals: readonly ApprovalView[], look: Look): string[] {
  const { colours } = look;
  if (approvals.length === 0) return ['Nothing waits for your yes.'];
  return [
    ...table(
      approvals,
      [
        { head: 'id', cell: (approval) => approval.id, paint: () => colours.bold },
        { head: 'task', cell: (approval) => approval.task ?? '' },
        { head: 'a yes would', cell: (approval) => approval.text, flexible: true },
        {
          head: 'because',
          cell: (approval) => approval.reason,
          flexible: true,
          paint: () => colours.dim,
        },
        {
          head: 'asked',
          cell: (approval) => relative(approval.askedAtMs, look.nowMs),
          paint: () => colours.dim,
        },
      ],
      look,
    ),
    '',
    colours.dim(
      'Answer with `vigil approvals approve A-…` or `deny A-…`. No answer means no, and the work waits.',
    ),
  ];
}

/** One question, with the act itself in full: what is allowed must be seen whole. */
export function renderApproval(approval: ApprovalView, look: Look): string[] {
  const { subject } = approval;
  return [
    `${look.colours.bold(approval.id)} ${clean(approval.text)}`,
    ...facts(
      [
        ['because', approval.reason],
        ['task', approval.task],
        ['project', approval.project],
        ['node', subject.kind === 'permission' ? subject.node : null],
        ['cap', subject.kind === 'task-budget' ? describeCap(subject.reached) : null],
        ['asked', relative(approval.askedAtMs, look.nowMs)],
      ],
      look,
    ),
    ...(subject.kind === 'permission'
      ? [
          '',
          look.colours.bold('The act; a yes allows it to this task, and nothing else'),
          ...cleanLines(subject.act).map((line) => `  ${line}`),
        ]
      : []),
    '',
    `Answer with \`vigil approvals approve ${approval.id}\` or \`vigil approvals deny ${approval.id}\`.`,
  ];
}

/** What an answer leads to. */
export function renderAnswer(
  { id, task, subject }: ApprovalView,
  verdict: 'approved' | 'denied',
  online: boolean,
): string[] {
  const who = task ?? 'the work';
  if (verdict === 'denied')
    return [
      `${id} is denied. ${subject.kind === 'budget' ? 'The caps stay as they are.' : `${who} does without, or waits.`}`,
    ];
  if (subject.kind === 'budget') return [`${id} is approved. The caps are raised.`];
  return [`${id} is approved. ${who} goes on${online ? '' : ' when a node runs (`vigil up`)'}.`];
}
