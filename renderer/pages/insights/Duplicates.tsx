import { Text } from '@mantine/core';
import { usd } from '../../../shared/explain/describeAgents.ts';
import { count, duration } from '../../../shared/explain/format.ts';
import type { ReportView } from '../../../shared/model/reportApi.ts';
import { DataTable } from '../../parts/DataTable.tsx';
import { Section } from '../../parts/Section.tsx';
import { TaskLink } from '../../parts/TaskLink.tsx';

/** Work that two nodes did because they could not see each other, and what it cost. */
export function Duplicates({ of }: { of: ReportView['duplicates'] }) {
  const { attempts, durationMs } = of;
  return (
    <Section
      title="Done twice"
      count={attempts.length}
      empty="Nothing was. It happens only when nodes that can’t see each other take the same task; one result is merged."
    >
      <Text size="sm" mb="xs">
        {count(attempts.length, 'attempt')} took {duration(durationMs)} and cost {dollars(of)}; only
        one result of each task was merged.
      </Text>
      <DataTable
        caption="Attempts that did again what another one merged"
        columns={['Task', 'Attempt', 'Merged', '#Took', '#Cost']}
        rows={attempts.map((one) => ({
          key: `${one.task}-${one.attempt}-${one.node}`,
          cells: [
            <TaskLink key="task" id={one.task} />,
            `${one.attempt} on ${one.node}`,
            `${one.merged.attempt} on ${one.merged.node}`,
            duration(one.durationMs),
            dollars(one),
          ],
        }))}
      />
    </Section>
  );
}

function dollars({ usd: amount, calls }: { usd: number | null; calls: number }): string {
  if (calls === 0) return 'no model money';
  return amount === null ? 'what is not paid in USD' : usd(amount);
}
