import { usd } from '../../../shared/explain/describeAgents.ts';
import { count, percent } from '../../../shared/explain/format.ts';
import type { ReportView } from '../../../shared/model/reportApi.ts';
import { facts, heading } from './blocks.ts';
import type { Look } from './look.ts';
import { sumText, tokensText } from './money.ts';
import { table } from './table.ts';

type Cost = ReportView['cost'];
type Row = Pick<Cost, 'usd' | 'unpricedCalls' | 'calls'>;

/** What calls of models cost, and for what; nothing where none was made. */
export function renderCost(cost: Cost, look: Look): string[] {
  if (cost.calls === 0) return [];
  const parts = [
    ...cost.byCategory.map((row) => ({ ...row, of: row.category })),
    ...cost.byRole.map((row) => ({ ...row, of: row.role ?? 'engine, no role' })),
    ...cost.byModel.map((row) => ({ ...row, of: row.model })),
  ];
  return [
    ...heading('Cost of models', look),
    ...facts(
      [
        ['all', `${amount(cost)}, ${count(cost.calls, 'call')}, ${tokensText(cost.tokens)} tokens`],
        ['per task', cost.perTaskUsd === null ? null : usd(cost.perTaskUsd)],
        ['per merged change', cost.perMergedUsd === null ? null : usd(cost.perMergedUsd)],
      ],
      look,
    ),
    ...table(
      parts,
      [
        { head: 'for', cell: (row) => row.of, flexible: true },
        { head: 'cost', cell: amount, align: 'right' },
        {
          head: 'share',
          cell: (row) => (row.share === null ? '' : percent(row.share)),
          align: 'right',
        },
        { head: 'calls', cell: (row) => String(row.calls), align: 'right' },
        { head: 'tokens', cell: (row) => tokensText(row.tokens), align: 'right' },
      ],
      look,
    ),
  ];
}

/** How tasks of agents fared; nothing where no agent worked. */
export function renderAgentWork(agents: ReportView['agents'], look: Look): string[] {
  if (agents.tasks === 0 && agents.heals.length === 0 && agents.afterHealing === null) return [];
  const first = (part: Pick<ReportView['agents'], 'tasks' | 'firstAttemptSuccess'>) =>
    part.firstAttemptSuccess === null
      ? null
      : `${percent(part.firstAttemptSuccess)} of ${count(part.tasks, 'task')}`;
  return [
    ...heading('Agents', look),
    ...facts(
      [
        ['right first time', first(agents)],
        ['with tests first', first(agents.withTestsFirst)],
        ['without', first(agents.withoutTestsFirst)],
        [
          'merged after a failure',
          agents.afterHealing === null ? null : percent(agents.afterHealing),
        ],
        [
          'what helped',
          agents.heals.map(({ rung, tried, worked }) => `${rung} ${worked} of ${tried}`).join(', '),
        ],
      ],
      look,
    ),
  ];
}

function amount({ usd: known, unpricedCalls, calls }: Row): string {
  return sumText({ calls, usd: known ?? 0, unpriced: unpricedCalls });
}
