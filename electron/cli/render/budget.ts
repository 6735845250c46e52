import { usd } from '../../../shared/explain/describeAgents.ts';
import type { BudgetChangeView, BudgetView } from '../../../shared/model/agentApi.ts';
import type { Budget } from '../../../shared/model/budget.ts';
import { idleCaps, settingText } from '../budgetSettings.ts';
import { facts, heading, paragraph } from './blocks.ts';
import type { Look, Paint } from './look.ts';
import { sumText, tokensText, type Sum } from './money.ts';
import { table } from './table.ts';

type Cap = BudgetView['caps'][number];

/** From here on a cap is worth a look. C1 tells of half-used tasks; above this the end is near. */
const NEARLY = 0.8;

/** What was spent on what, where every cap stands, and what happens at each. */
export function renderBudget(view: BudgetView, look: Look): string[] {
  const { colours } = look;
  const sums = Object.values(view.by.category);
  const total = sums.reduce<Sum>(
    (all, sum) => ({
      calls: all.calls + sum.calls,
      usd: all.usd + sum.usd,
      unpriced: all.unpriced + sum.unpriced,
    }),
    { calls: 0, usd: 0, unpriced: 0 },
  );
  const { hourUsd, dayUsd, monthUsd } = view.spent;
  return [
    colours.bold('Spent'),
    ...(total.calls === 0 && monthUsd === 0
      ? [`  No model has been called in ${view.month}.`]
      : facts(
          [
            ['last hour', spentText(hourUsd, total)],
            ['last 24 hours', spentText(dayUsd, total)],
            [view.month, total.calls === 0 ? usd(monthUsd) : sumText(total)],
            [
              'reserved',
              view.reservedUsd === 0
                ? null
                : `${usd(view.reservedUsd)} at most, for calls that are under way`,
            ],
          ],
          look,
        )),
    ...heading('Caps', look),
    ...table(
      view.caps,
      [
        { head: 'cap', cell: (cap) => cap.cap, paint: () => colours.bold },
        {
          head: 'used',
          cell: (cap) => amountText(cap, cap.used),
          align: 'right',
          paint: capPaint(look),
        },
        { head: 'of', cell: (cap) => amountText(cap, cap.max), align: 'right' },
        { head: 'when it is reached', cell: (cap) => cap.then, flexible: true },
      ],
      look,
    ),
    ...(view.caps.some(({ cap }) => cap.startsWith('task.'))
      ? [colours.dim('Caps of a task show the task that has used most.')]
      : []),
    ...breakdown('By category', view.by.category, look),
    ...breakdown('By provider', view.by.provider, look),
    ...breakdown('By model', view.by.model, look),
    ...breakdown('By project', view.by.project, look),
    ...breakdown('By role', view.by.role, look),
    ...breakdown('By node', view.by.node, look),
    ...(view.tasks.length === 0 ? [] : heading('Open tasks', look)),
    ...table(
      view.tasks,
      [
        { head: 'task', cell: (task) => task.task, paint: () => colours.bold },
        { head: 'title', cell: (task) => task.title, flexible: true },
        ...sumColumns<BudgetView['tasks'][number]>((task) => task),
      ],
      look,
    ),
    '',
    colours.dim('Change a cap with `vigil budget --set day.hard=20`; a raise waits for your yes.'),
  ];
}

/** Dollars of a stretch of time; where calls were not paid in dollars, none does not mean nothing. */
function spentText(amount: number, month: Sum): string {
  return amount === 0 && month.unpriced > 0 ? 'nothing was paid in dollars' : usd(amount);
}

function amountText({ unit }: Cap, value: number): string {
  if (unit === 'USD') return usd(value);
  return `${unit === 'tokens' ? tokensText(value) : value} ${unit}`;
}

function capPaint(look: Look): (cap: Cap) => Paint {
  const { red, yellow } = look.colours;
  return (cap) =>
    cap.used >= cap.max ? red : cap.used >= NEARLY * cap.max ? yellow : (text) => text;
}

function breakdown(title: string, sums: BudgetView['by']['category'], look: Look): string[] {
  const rows = Object.entries(sums)
    .map(([name, sum]) => ({ name, sum }))
    .filter(({ sum }) => sum.calls > 0)
    .toSorted((a, b) => b.sum.usd - a.sum.usd || b.sum.tokens - a.sum.tokens);
  if (rows.length === 0) return [];
  return [
    ...heading(title, look),
    ...table(
      rows,
      [
        { head: '', cell: ({ name }) => name, flexible: true },
        ...sumColumns<(typeof rows)[number]>(({ sum }) => sum),
      ],
      look,
    ),
  ];
}

function sumColumns<Row>(sum: (row: Row) => Sum & { tokens: number }) {
  return [
    { head: 'calls', cell: (row: Row) => String(sum(row).calls), align: 'right' as const },
    { head: 'tokens', cell: (row: Row) => tokensText(sum(row).tokens), align: 'right' as const },
    { head: 'cost', cell: (row: Row) => sumText(sum(row)), align: 'right' as const },
  ];
}

/** What became of a wish for other caps, one line each. */
export function renderBudgetChange(
  before: Budget,
  wanted: Budget,
  change: BudgetChangeView,
  caps: readonly string[],
  look: Look,
): string[] {
  const { colours } = look;
  const lines = caps.map((cap) => {
    const old = settingText(before, cap);
    const asked = settingText(wanted, cap);
    if (old === asked) return `${cap}  ${asked}, as it was`;
    const is = settingText(change.budget, cap);
    return is === asked
      ? `${cap}  ${old} → ${colours.green(asked)}`
      : `${cap}  ${old} → ${asked} ${colours.yellow('not yet')}`;
  });
  const note = idleCaps(change.approval === null ? change.budget : wanted);
  return [
    ...lines,
    ...note.flatMap((text) => paragraph(text, look, `  ${colours.dim('·')} `)),
    ...(change.approval === null
      ? []
      : [
          `${change.approval} waits for a yes: \`vigil approvals approve ${change.approval}\`. Until then the caps stay as they are.`,
        ]),
  ];
}
