import { Text } from '@mantine/core';
import { useMemo } from 'react';
import { usd } from '../../../shared/explain/describeAgents.ts';
import { burnDown } from '../../../shared/explain/burnDown.ts';
import { dateTime } from '../../../shared/explain/format.ts';
import type { Budget } from '../../../shared/model/budget.ts';
import type { SpendingView } from '../../../shared/model/insightApi.ts';
import { Chart } from '../../parts/Chart.tsx';
import { Section } from '../../parts/Section.tsx';

interface Props {
  readonly spending: SpendingView;
  readonly budget: Budget;
}

/** How the month's budget goes down, beside what even spending would leave, and where it leads. */
export function BurnDownChart({ spending, budget }: Props) {
  const { sinceMs, nowMs, days, month } = spending;
  const capUsd = budget.month.budget;
  const isPriced = days.some(({ calls, unpriced }) => calls > unpriced);
  const { down, chart } = useMemo(() => {
    const of = burnDown(
      days.map(({ usd: amount }) => amount),
      { sinceMs, nowMs, capUsd },
    );
    const atMs = [...new Set([...of.left, ...of.even].map((point) => point.atMs))].sort(
      (a, b) => a - b,
    );
    const valuesOf = (points: typeof of.left) => {
      const known = new Map(points.map((point) => [point.atMs, point.usd]));
      return atMs.map((at) => known.get(at) ?? null);
    };
    return {
      down: of,
      chart: {
        atMs,
        lines: [
          { name: 'left', colour: '--vigil-busy', values: valuesOf(of.left) },
          { name: 'even pace', colour: '--vigil-soft', values: valuesOf(of.even), dashed: true },
        ],
      },
    };
  }, [days, sinceMs, nowMs, capUsd]);
  const { projectedUsd, reachedAtMs, spentUsd } = down;
  return (
    <Section title={`Budget of ${month}`}>
      <Text size="sm" mb="xs">
        {isPriced
          ? `${usd(spentUsd)} of ${usd(capUsd)} used. `
          : 'No call of this month was paid in USD, so it uses none of the budget. '}
        {isPriced && projectedUsd === null && 'Too little of the month is gone for a projection.'}
        {isPriced &&
          projectedUsd !== null &&
          `At this pace the month comes to ${usd(projectedUsd)}${
            reachedAtMs === null
              ? ', within the budget.'
              : ` and the budget is used up on ${dateTime(reachedAtMs).slice(0, 10)}.`
          }`}
      </Text>
      <Chart title={`What is left of ${usd(capUsd)}`} {...chart} show={usd} />
    </Section>
  );
}
