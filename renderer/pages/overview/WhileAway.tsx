import { SegmentedControl } from '@mantine/core';
import { usd } from '../../../shared/explain/describeAgents.ts';
import { count, duration, percent } from '../../../shared/explain/format.ts';
import type { ReportView } from '../../../shared/model/reportApi.ts';
import { useReport, useStatus } from '../../api/queries.ts';
import { NIGHT_HOURS } from '../../api/reads.ts';
import { Figures } from '../../parts/Figures.tsx';
import { Reading } from '../../parts/Reading.tsx';
import { Section } from '../../parts/Section.tsx';
import { useQueryParam } from '../../parts/useQueryParam.ts';

/** Hours that one can look back. */
const PERIODS = [
  { value: '8', label: '8 h' },
  { value: '12', label: '12 h' },
  { value: '24', label: '24 h' },
  { value: '168', label: '7 days' },
];
const NIGHT = String(NIGHT_HOURS);

/** What happened while nobody looked. */
export function WhileAway() {
  const [asked, setAsked] = useQueryParam('hours');
  const hours = PERIODS.some(({ value }) => value === asked) ? asked : NIGHT;
  const report = useReport(Number(hours));
  const status = useStatus();
  const waiting = status.data ? status.data.counts.review + status.data.approvals : 0;
  return (
    <Section
      title={
        hours === NIGHT
          ? 'While you slept'
          : `In the last ${hours === '168' ? '7 days' : `${hours} hours`}`
      }
      actions={
        <SegmentedControl
          size="xs"
          aria-label="How far back"
          data={PERIODS}
          value={hours}
          onChange={(value) => setAsked(value === NIGHT ? '' : value)}
        />
      }
    >
      <Reading of={report}>{(told) => <Told report={told} waiting={waiting} />}</Reading>
    </Section>
  );
}

function Told({ report, waiting }: { report: ReportView; waiting: number }) {
  const { merged, done, failed, rejected, cost, longestStreakMs, interventions, attempts } = report;
  return (
    <Figures
      across={5}
      of={[
        {
          name: 'Merged',
          value: merged,
          detail:
            done > 0 ? `and ${done} done without a change` : `of ${count(attempts, 'attempt')}`,
        },
        {
          name: 'Failed',
          value: failed,
          detail:
            rejected > 0
              ? `and ${rejected} rejected by you`
              : report.firstAttemptSuccess === null
                ? 'nothing was tried'
                : `${percent(report.firstAttemptSuccess)} succeeded at once`,
        },
        { name: 'Waiting for you', value: waiting, detail: waiting === 0 ? 'nothing' : 'now' },
        {
          name: 'Spent',
          value: cost.usd === null ? '$0' : usd(cost.usd),
          detail:
            cost.calls === 0
              ? 'no model was called'
              : `${count(cost.calls, 'call')}${cost.unpricedCalls > 0 ? `, ${cost.unpricedCalls} not paid in dollars` : ''}`,
        },
        {
          name: 'Longest streak alone',
          value: longestStreakMs === 0 ? '–' : duration(longestStreakMs),
          detail:
            interventions === 0 ? 'no one stepped in' : `${count(interventions, 'act')} of yours`,
        },
      ]}
    />
  );
}
