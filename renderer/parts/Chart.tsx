import { Group, Skeleton, Text } from '@mantine/core';
import { lazy, Suspense } from 'react';
import { dateTime } from '../../shared/explain/format.ts';
import { Card } from './Card.tsx';
import type { ChartOf } from './chartOf.ts';
import { DataTable } from './DataTable.tsx';
import { localOffset } from './localOffset.ts';
import classes from './chart.module.css';

const LineChart = lazy(() => import('./LineChart.tsx'));

/** Lines over time, with the same values as a table. The chart is loaded when one is shown. */
export function Chart(of: ChartOf) {
  const { title, atMs, lines, show } = of;
  return (
    <Card p="sm">
      <Group justify="space-between" mb={4}>
        <Text size="sm" fw={500}>
          {title}
        </Text>
        <Group gap="sm">
          {lines.map(({ name, colour, dashed }) => (
            <Text key={name} size="xs" c="var(--vigil-soft)">
              <svg width="18" height="8" aria-hidden="true" className={classes.key}>
                <line
                  x1="0"
                  x2="18"
                  y1="4"
                  y2="4"
                  stroke={`var(${colour})`}
                  strokeWidth="2"
                  strokeDasharray={dashed === true ? '4 3' : undefined}
                />
              </svg>{' '}
              {name}
            </Text>
          ))}
        </Group>
      </Group>
      <Suspense fallback={<Skeleton h={180} />}>
        <LineChart {...of} />
      </Suspense>
      <details className={classes.values}>
        <summary>Values</summary>
        <DataTable
          caption={title}
          columns={['When', ...lines.map(({ name }) => `#${name}`)]}
          rows={atMs.map((at, index) => ({
            key: `${at}-${index}`,
            cells: [
              dateTime(at, localOffset(at)),
              ...lines.map(({ values }) => {
                const value = values[index];
                return value === null || value === undefined ? '–' : show(value);
              }),
            ],
          }))}
        />
      </details>
    </Card>
  );
}
