import { Stack, Text } from '@mantine/core';
import { usd } from '../../../shared/explain/describeAgents.ts';
import { count, duration, percent, score } from '../../../shared/explain/format.ts';
import type { ReportView } from '../../../shared/model/reportApi.ts';
import type { InsightView } from '../../../shared/model/insightApi.ts';
import { useInsights, useReport } from '../../api/insightQueries.ts';
import { DataTable } from '../../parts/DataTable.tsx';
import { Empty } from '../../parts/Empty.tsx';
import { Figures } from '../../parts/Figures.tsx';
import { PageTitle } from '../../parts/PageTitle.tsx';
import { PeriodSwitch, usePeriod } from '../../parts/PeriodSwitch.tsx';
import { Reading } from '../../parts/Reading.tsx';
import { Section } from '../../parts/Section.tsx';
import { visible } from '../../parts/visible.ts';
import { Adaptation } from './Adaptation.tsx';
import { Changes } from './Changes.tsx';
import { Duplicates } from './Duplicates.tsx';
import { Trends } from './Trends.tsx';

/** How well the work goes, and what the engine learned from it. */
export default function Insights() {
  const hours = usePeriod();
  const report = useReport(hours);
  const insights = useInsights(hours);
  return (
    <>
      <PageTitle title="Insights" actions={<PeriodSwitch />}>
        How well it goes, and what was learned.
      </PageTitle>
      <Reading of={report}>
        {(told) => (
          <Reading of={insights}>
            {(insight) =>
              told.attempts === 0 && told.interventions === 0 ? (
                <Empty title="Nothing was tried in this period">
                  After the first tasks you see here how often the first attempt succeeds, how good
                  the estimates are, what healing saves and how busy each node is.
                </Empty>
              ) : (
                <Stack gap={0}>
                  <InShort insight={insight} />
                  <Totals told={told} insight={insight} />
                  <Trends trend={insight.trend} />
                  <Work told={told} />
                  <Nodes insight={insight} />
                  <Adaptation insight={insight} />
                  <Changes insight={insight} />
                  <Healing told={told} />
                  <Duplicates of={told.duplicates} />
                </Stack>
              )
            }
          </Reading>
        )}
      </Reading>
    </>
  );
}

function InShort({ insight: { inShort } }: { insight: InsightView }) {
  return inShort.length === 0 ? null : (
    <Text mb="md" maw="80ch">
      {visible(inShort.join(' '))}
    </Text>
  );
}

const shareOf = (value: number | null) => (value === null ? null : percent(value));

function Totals({ told, insight }: { told: ReportView; insight: InsightView }) {
  const { estimates, predictions } = insight;
  return (
    <Figures
      of={[
        {
          name: 'Merged',
          value: told.merged,
          detail: `${told.done} done without a commit, ${told.failed} failed, ${told.rejected} rejected`,
        },
        {
          name: 'First attempt succeeds',
          value: shareOf(told.firstAttemptSuccess),
          detail: `of agents: ${shareOf(told.agents.firstAttemptSuccess) ?? 'none worked'}`,
        },
        {
          name: 'Success after healing',
          value: shareOf(told.agents.afterHealing),
          detail: 'agents’ tasks that failed once and ended well',
        },
        {
          name: 'Estimates are off by',
          value: estimates.factor === null ? null : `× ${estimates.factor.toFixed(1)}`,
          detail:
            estimates.within === null
              ? 'no attempt was predicted'
              : `${percent(estimates.within)} of ${count(estimates.count, 'attempt')} took no longer than expected`,
        },
        {
          name: 'Predictions held',
          value: predictions.count === 0 ? null : percent(predictions.held / predictions.count),
          detail:
            predictions.expected === null || predictions.succeeded === null
              ? undefined
              : `${percent(predictions.expected)} expected to succeed, ${percent(predictions.succeeded)} did`,
        },
        { name: 'Mean quality', value: told.meanQuality === null ? null : score(told.meanQuality) },
        {
          name: 'Longest time without you',
          value: told.longestStreakMs === 0 ? null : duration(told.longestStreakMs),
          detail: count(told.interventions, 'intervention'),
        },
        {
          name: 'Cost per merged task',
          value: told.cost.perMergedUsd === null ? null : usd(told.cost.perMergedUsd),
          detail:
            told.cost.usd === null ? 'no call was paid in USD' : `${usd(told.cost.usd)} in all`,
        },
      ]}
    />
  );
}

function Work({ told: { byType, failures } }: { told: ReportView }) {
  return (
    <>
      <Section title="By type of work" count={byType.length} empty="No task ended in this period.">
        <DataTable
          caption="Tasks by type"
          columns={['Type', '#Merged', '#Failed', '#Three of four within', '#Quality']}
          rows={byType.map(({ type, merged, failed, p75Ms, meanQuality }) => ({
            key: type,
            cells: [
              type,
              merged,
              failed,
              p75Ms === null ? '–' : duration(p75Ms),
              meanQuality === null ? '–' : score(meanQuality),
            ],
          }))}
        />
      </Section>
      {failures.length > 0 && (
        <Section title="Why attempts failed">
          <DataTable
            caption="Failures by class"
            columns={['Class', '#Attempts']}
            rows={failures.map((failure) => ({
              key: failure.class,
              cells: [failure.class, failure.count],
            }))}
          />
        </Section>
      )}
    </>
  );
}

function Nodes({ insight: { nodes } }: { insight: InsightView }) {
  return (
    <Section title="By node" count={nodes.length} empty="No node is known.">
      <DataTable
        caption="Utilisation of nodes"
        columns={['Node', '#In use', '#At work', '#Slots', '#Passed', '#Failed', '#Interrupted']}
        rows={nodes.map((node) => ({
          key: node.node,
          cells: [
            node.node,
            shareOf(node.utilisation) ?? 'not known',
            duration(node.busyMs),
            node.slots,
            node.passed,
            node.failed,
            node.interrupted,
          ],
        }))}
      />
    </Section>
  );
}

function Healing({ told: { agents } }: { told: ReportView }) {
  return (
    <Section
      title="Healing"
      count={agents.heals.length}
      empty="No attempt had to answer a failure in this period."
    >
      <DataTable
        caption="Attempts that answered a failure, by rung of the ladder"
        columns={['Rung', '#Tried', '#Worked']}
        rows={agents.heals.map(({ rung, tried, worked }) => ({
          key: rung,
          cells: [rung, tried, worked],
        }))}
      />
      <Text size="xs" c="var(--vigil-soft)" mt={4}>
        With tests written first {shareOf(agents.withTestsFirst.firstAttemptSuccess) ?? '–'} of
        first attempts succeed, without{' '}
        {shareOf(agents.withoutTestsFirst.firstAttemptSuccess) ?? '–'}.
      </Text>
    </Section>
  );
}
