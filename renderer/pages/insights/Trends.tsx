import { SimpleGrid } from '@mantine/core';
import { useMemo } from 'react';
import { percent } from '../../../shared/explain/format.ts';
import type { InsightView } from '../../../shared/model/insightApi.ts';
import { Chart } from '../../parts/Chart.tsx';
import type { Line } from '../../parts/chartOf.ts';
import { Section } from '../../parts/Section.tsx';

const SHARE = [0, 1] as const;
const whole = (value: number) => String(Math.round(value));
const times = (value: number) => `× ${value.toFixed(1)}`;

/** The period in parts: how much was done, how well, how well it was foreseen. */
export function Trends({ trend }: Pick<InsightView, 'trend'>) {
  const { atMs, done, success, estimates } = useMemo(() => {
    const line = (
      name: string,
      colour: string,
      of: (part: InsightView['trend'][number]) => number | null,
    ): Line => ({ name, colour, values: trend.map(of) });
    return {
      atMs: trend.map(({ fromMs }) => fromMs),
      done: [
        line('attempts', '--vigil-soft', ({ attempts }) => attempts),
        line('merged', '--vigil-good', ({ merged }) => merged),
      ],
      success: [
        line('success', '--vigil-good', ({ attempts, passed }) =>
          attempts === 0 ? null : passed / attempts,
        ),
        line('quality', '--vigil-busy', ({ meanQuality }) => meanQuality),
        line('confidence', '--vigil-warn', ({ confidence }) => confidence),
      ],
      estimates: [line('off by', '--vigil-busy', ({ estimateFactor }) => estimateFactor)],
    };
  }, [trend]);
  return (
    <Section title="Over time">
      <SimpleGrid cols={{ base: 1, lg: 3 }}>
        <Chart title="Work" atMs={atMs} lines={done} show={whole} counts />
        <Chart title="How well" atMs={atMs} lines={success} show={percent} bounds={SHARE} />
        <Chart title="Error of estimates" atMs={atMs} lines={estimates} show={times} />
      </SimpleGrid>
    </Section>
  );
}
