import { Text } from '@mantine/core';
import { useState } from 'react';
import { dateTime } from '../../../shared/explain/format.ts';
import type { NodeId } from '../../../shared/model/ids.ts';
import type { NodeSeriesView } from '../../../shared/model/insightApi.ts';
import { useNodeSeries } from '../../api/insightQueries.ts';
import { Chart } from '../../parts/Chart.tsx';
import { localOffset } from '../../parts/localOffset.ts';
import { Reading } from '../../parts/Reading.tsx';
import { DataTable } from '../../parts/DataTable.tsx';
import { runningLine } from './runningLine.ts';
import classes from './nodes.module.css';

const HOURS = 24;

/** The last day of a node; it may be closed, and is not read then. */
export function NodeSeries({ node }: { node: NodeId }) {
  const [isOpen, setOpen] = useState(true);
  return (
    <details
      className={classes.series}
      open={isOpen}
      onToggle={({ currentTarget }) => setOpen(currentTarget.open)}
    >
      <summary>The last {HOURS} hours</summary>
      {isOpen && <Series node={node} />}
    </details>
  );
}

function Series({ node }: { node: NodeId }) {
  const series = useNodeSeries(node, HOURS);
  return <Reading of={series}>{(view) => <Shown view={view} />}</Reading>;
}

const TAKES: Readonly<Record<NodeSeriesView['fitness'][number]['takes'], string>> = {
  all: 'all work',
  short: 'all, long work rather elsewhere',
  light: 'light work only',
  nothing: 'nothing',
};

const show = (value: number) => String(Math.round(value * 10) / 10);

const percent = (value: number) => `${Math.round(value)} %`;

function Felt({ felt }: { felt: NodeSeriesView['felt'] }) {
  if (felt.length < 2)
    return (
      <Text size="sm" c="var(--vigil-soft)">
        Curves of heat, memory and load begin with this node: one sample a minute, for a day.
      </Text>
    );
  const of = (value: (sample: NodeSeriesView['felt'][number]) => number | null) => felt.map(value);
  const share = (value: number | null) => (value === null ? null : value * 100);
  const atMs = felt.map((sample) => sample.atMs);
  return (
    <>
      <Chart
        title="Memory free and load"
        atMs={atMs}
        lines={[
          { name: 'memory', colour: '--vigil-good', values: of((s) => share(s.memoryFree)) },
          { name: 'load', colour: '--vigil-busy', values: of((s) => share(s.load)) },
        ]}
        show={percent}
        bounds={[0, 100]}
      />
      {felt.some(({ celsius }) => celsius !== null) && (
        <Chart
          title="Heat, °C"
          atMs={atMs}
          lines={[{ name: 'hottest sensor', colour: '--vigil-warn', values: of((s) => s.celsius) }]}
          show={show}
        />
      )}
    </>
  );
}

function Shown({ view }: { view: NodeSeriesView }) {
  const { fitness } = view;
  const { atMs, values } = runningLine(view);
  return (
    <div className={classes.stack}>
      <Chart
        title="Tasks at work at once"
        atMs={atMs}
        lines={[{ name: 'tasks', colour: '--vigil-busy', values }]}
        show={show}
        counts
      />
      <Felt felt={view.felt} />
      {fitness.length === 0 ? (
        <Text size="sm" c="var(--vigil-soft)">
          Heat, memory and power never kept work from it.
        </Text>
      ) : (
        <DataTable
          caption="What the node took, and what it felt"
          columns={['Since', 'It took', 'Because it', 'It felt']}
          rows={fitness.map((point, index) => ({
            key: `${point.atMs}-${index}`,
            cells: [
              dateTime(point.atMs, localOffset(point.atMs)),
              TAKES[point.takes],
              point.why.join(', ') || '–',
              point.senses || '–',
            ],
          }))}
        />
      )}
    </div>
  );
}
