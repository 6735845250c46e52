import { Stack, Text } from '@mantine/core';
import { count, percent } from '../../../shared/explain/format.ts';
import { usd } from '../../../shared/explain/describeAgents.ts';
import type { BudgetView } from '../../../shared/model/agentApi.ts';
import { useBudget, useReport, useSpending } from '../../api/insightQueries.ts';
import { Empty } from '../../parts/Empty.tsx';
import { DataTable } from '../../parts/DataTable.tsx';
import { Figures } from '../../parts/Figures.tsx';
import { cost, grouped, type Sum } from '../../parts/money.ts';
import { PageTitle } from '../../parts/PageTitle.tsx';
import { Reading } from '../../parts/Reading.tsx';
import { Section } from '../../parts/Section.tsx';
import { TaskLink } from '../../parts/TaskLink.tsx';
import { visible } from '../../parts/visible.ts';
import { BurnDownChart } from './BurnDownChart.tsx';
import { Caps } from './Caps.tsx';

/** A week: long enough to mean something, short enough to be about now. */
const HOURS = 168;

/** What was spent, on what, and what the caps leave. */
export default function Costs() {
  const budget = useBudget();
  const spending = useSpending();
  return (
    <>
      <PageTitle title="Costs">
        What models cost, and what the caps leave. Months are in UTC.
      </PageTitle>
      <Reading of={budget}>
        {(view) => (
          <Stack gap={0}>
            <Totals view={view} />
            <Reading of={spending}>
              {(month) =>
                month.days.every(({ calls }) => calls === 0) ? (
                  <Section title="This month">
                    <Empty title="No model was called this month">
                      Mechanics and commands cost no model money. When a coding agent works through
                      Vigil, what it spends is here: by category, provider, model and task, and how
                      far the month&rsquo;s budget goes.
                    </Empty>
                  </Section>
                ) : (
                  <>
                    <BurnDownChart spending={month} budget={view.budget} />
                    <By title="By category" sums={view.by.category} />
                    <By title="By provider" sums={view.by.provider} />
                    <By title="By model" sums={view.by.model} />
                    <By title="By project" sums={view.by.project} />
                    <Section
                      title="By task"
                      count={month.tasks.length}
                      empty="No task called a model this month."
                    >
                      <DataTable
                        caption="Cost by task this month, the dearest first"
                        columns={['Task', 'Title', '#Cost', '#Calls', '#Tokens']}
                        rows={month.tasks.map((row) => ({
                          key: row.task,
                          cells: [
                            <TaskLink key="id" id={row.task} />,
                            row.title === null ? 'not known here' : visible(row.title),
                            cost(row),
                            grouped(row.calls),
                            grouped(row.tokens),
                          ],
                        }))}
                      />
                      {month.omitted > 0 && (
                        <Text size="xs" c="var(--vigil-soft)" mt={4}>
                          and {count(month.omitted, 'cheaper task')}
                        </Text>
                      )}
                    </Section>
                  </>
                )
              }
            </Reading>
            <Caps view={view} />
          </Stack>
        )}
      </Reading>
    </>
  );
}

function Totals({ view: { spent, reservedUsd, by } }: { view: BudgetView }) {
  const report = useReport(HOURS);
  const perTask = money(report.data?.cost.perTaskUsd);
  const total = Object.values(by.category).reduce(
    (sum, { calls, unpriced }) => ({ calls: sum.calls + calls, unpriced: sum.unpriced + unpriced }),
    { calls: 0, unpriced: 0 },
  );
  const isPriced = total.calls > total.unpriced;
  const amount = (value: number) => (isPriced || total.calls === 0 ? usd(value) : null);
  return (
    <Figures
      of={[
        {
          name: 'This month',
          value: amount(spent.monthUsd),
          detail:
            total.unpriced > 0
              ? `${count(total.unpriced, 'call')} of ${total.calls} not paid in USD`
              : count(total.calls, 'call'),
        },
        { name: 'Last 24 hours', value: amount(spent.dayUsd) },
        {
          name: 'Last hour',
          value: amount(spent.hourUsd),
          detail: `${usd(reservedUsd)} reserved by calls under way`,
        },
        {
          name: 'Per merged task, last week',
          value: money(report.data?.cost.perMergedUsd),
          detail:
            perTask === null
              ? 'no model was paid for one'
              : `${perTask} per task that called a model`,
        },
      ]}
    />
  );
}

function money(amount: number | null | undefined): string | null {
  return amount === null || amount === undefined ? null : usd(amount);
}

function By({ title, sums }: { title: string; sums: Readonly<Record<string, Sum>> }) {
  const rows = Object.entries(sums).sort(([, a], [, b]) => b.usd - a.usd || b.tokens - a.tokens);
  const all = rows.reduce((sum, [, { usd: amount }]) => sum + amount, 0);
  return (
    <Section title={title} count={rows.length} empty="Nothing was spent.">
      <DataTable
        caption={`Cost this month ${title.toLowerCase()}`}
        columns={[
          title.replace('By ', '').replace(/^./, (c) => c.toUpperCase()),
          '#Cost',
          '#Share',
          '#Calls',
          '#Tokens',
        ]}
        rows={rows.map(([name, sum]) => ({
          key: name,
          cells: [
            name,
            cost(sum),
            all === 0 || sum.unpriced === sum.calls ? '–' : percent(sum.usd / all),
            grouped(sum.calls),
            grouped(sum.tokens),
          ],
        }))}
      />
    </Section>
  );
}
