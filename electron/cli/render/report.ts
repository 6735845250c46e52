import { usd } from '../../../shared/explain/describeAgents.ts';
import { count, duration, percent, relative } from '../../../shared/explain/format.ts';
import type { ReportView } from '../../../shared/model/reportApi.ts';
import { facts, heading } from './blocks.ts';
import type { Look } from './look.ts';
import { sumText, tokensText } from './money.ts';
import { renderAgentWork, renderCost } from './reportAgents.ts';
import { table } from './table.ts';

const HOUR_MS = 3_600_000;
const MOST_HOURS_SHOWN = 72;
/** Tasks named that were done twice. */
const NAMED = 5;

/** Hours are asked for, so hours are answered, until days are easier to grasp. */
function span(ms: number): string {
  const hours = Math.round(ms / HOUR_MS);
  return hours <= MOST_HOURS_SHOWN ? count(hours, 'hour') : duration(ms);
}

/** What was done in a stretch of time, and how well. */
export function renderReport(report: ReportView, look: Look): string[] {
  const { colours } = look;
  const share = (value: number | null) => (value === null ? null : percent(value));
  const used = report.limits.filter((limit) => limit.hits > 0 || limit.reached);
  return [
    colours.bold(`The last ${span(report.untilMs - report.sinceMs)}`),
    ...facts(
      [
        [
          'work',
          `${report.generated} found, ${report.merged} merged, ${report.done} done, ${report.failed} failed, ${report.rejected} rejected`,
        ],
        ['attempts', String(report.attempts)],
        ['right first time', share(report.firstAttemptSuccess)],
        ['mean quality', report.meanQuality?.toFixed(2) ?? null],
        ['slots in use', share(report.utilisation)],
        ['done twice', duplicatesText(report.duplicates)],
        ['your acts', String(report.interventions)],
        ['longest alone', report.longestStreakMs === 0 ? null : duration(report.longestStreakMs)],
        [
          'decisions',
          `${report.decisions.count}` +
            (report.decisions.meanLatencyMs === null
              ? ''
              : `, ${report.decisions.meanLatencyMs.toFixed(2)} ms on average`) +
            (report.decisions.p99LatencyMs === null
              ? ''
              : `, p99 ${report.decisions.p99LatencyMs.toFixed(2)} ms`),
        ],
      ],
      look,
    ),
    ...(report.byType.length === 0 ? [] : heading('By type', look)),
    ...table(
      report.byType,
      [
        { head: 'type', cell: (row) => row.type },
        { head: 'merged', cell: (row) => String(row.merged), align: 'right' },
        { head: 'failed', cell: (row) => String(row.failed), align: 'right' },
        {
          head: 'P75',
          cell: (row) => (row.p75Ms === null ? '' : duration(row.p75Ms)),
          align: 'right',
        },
        { head: 'quality', cell: (row) => row.meanQuality?.toFixed(2) ?? '', align: 'right' },
      ],
      look,
    ),
    ...renderCost(report.cost, look),
    ...renderAgentWork(report.agents, look),
    ...(report.failures.length === 0 ? [] : heading('Failures', look)),
    ...table(
      report.failures,
      [
        { head: 'class', cell: (row) => row.class },
        { head: 'count', cell: (row) => String(row.count), align: 'right' },
      ],
      look,
    ),
    ...(used.length === 0 ? [] : heading('Limits that were reached', look)),
    ...table(
      used,
      [
        { head: 'limit', cell: (row) => row.limit },
        { head: 'of', cell: (row) => row.subject, flexible: true },
        { head: 'now', cell: (row) => amountText(row), align: 'right' },
        { head: 'hits', cell: (row) => String(row.hits), align: 'right' },
        {
          head: 'frees itself',
          cell: (row) => (row.untilMs === null ? '' : relative(row.untilMs, look.nowMs)),
        },
      ],
      look,
    ),
  ];
}

/** Attempts at a task that another one finished, and what they took; nothing where there were none. */
function duplicatesText({ attempts, ...spent }: ReportView['duplicates']): string | null {
  if (attempts.length === 0) return null;
  const cost =
    spent.calls === 0
      ? ''
      : `, ${sumText({ ...spent, usd: spent.usd ?? 0, unpriced: spent.unpricedCalls })}, ${tokensText(spent.tokens)} tokens`;
  const named = attempts.map(
    ({ task, node, merged }) => `${task} on ${node} (${merged.node} merged)`,
  );
  const more = named.length > NAMED ? ` and ${named.length - NAMED} more` : '';
  return (
    `${count(attempts.length, 'attempt')}, ${duration(spent.durationMs)}${cost}: ` +
    named.slice(0, NAMED).join(', ') +
    more
  );
}

/** The caps of the budget are in USD, all others are counts. */
function amountText({ subject, value, max }: ReportView['limits'][number]): string {
  return subject === 'budget' ? `${usd(value)} of ${usd(max)}` : `${value} of ${max}`;
}
