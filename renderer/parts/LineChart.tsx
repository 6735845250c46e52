import 'uplot/dist/uPlot.min.css';
import { useComputedColorScheme } from '@mantine/core';
import { useEffect, useRef } from 'react';
import UPlot from 'uplot';
import type { ChartOf } from './chartOf.ts';
import classes from './chart.module.css';

const HEIGHT = 180;
const FONT = '11px system-ui, sans-serif';
/** Steps of an axis that counts. */
const WHOLE = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000];
/** Room above the highest point, as a share of it. */
const ROOM = 0.1;
const S_PER_DAY = 86_400;

const DAY = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' });
const TIME = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' });
const SECOND = new Intl.DateTimeFormat('en-GB', {
  ...{ hour: '2-digit', minute: '2-digit', second: '2-digit' },
});

/** Names of points in time, s since the epoch, no finer than they lie apart. */
function timesOf(at: readonly number[]): string[] {
  const apart = (at[1] ?? Infinity) - (at[0] ?? 0);
  const format = apart >= S_PER_DAY ? DAY : apart >= 60 ? TIME : SECOND;
  return at.map((each) => format.format(each * 1_000));
}

function rangeOf(bounds: ChartOf['bounds'], counts: boolean | undefined): UPlot.Scales {
  if (bounds) return { y: { range: [bounds[0], bounds[1]] } };
  // Without a value there is no highest one.
  if (counts === true)
    return { y: { range: (_, __, most) => [0, Math.max(1, (most ?? 0) * (1 + ROOM))] } };
  return {};
}

/** The drawing itself; {@link Chart} says in words and values what it shows. */
export default function LineChart({ title, atMs, lines, show, counts, bounds }: ChartOf) {
  const place = useRef<HTMLDivElement>(null);
  const scheme = useComputedColorScheme('light');

  useEffect(() => {
    const element = place.current;
    if (!element) return;
    const styles = getComputedStyle(element);
    const colour = (token: string) => styles.getPropertyValue(token).trim();
    const axis = {
      stroke: colour('--vigil-soft'),
      font: FONT,
      grid: { stroke: colour('--vigil-line'), width: 1 },
      ticks: { show: false },
    };
    const chart = new UPlot(
      {
        width: element.clientWidth,
        height: HEIGHT,
        legend: { show: false },
        cursor: { show: false },
        scales: rangeOf(bounds, counts),
        axes: [
          { ...axis, size: 30, space: 60, values: (_: UPlot, at: number[]) => timesOf(at) },
          {
            ...axis,
            size: 64,
            ...(counts === true ? { incrs: WHOLE } : {}),
            values: (_: UPlot, values: number[]) => values.map(show),
          },
        ],
        series: [
          {},
          ...lines.map(({ name, colour: token, dashed }) => ({
            label: name,
            stroke: colour(token),
            width: 2,
            spanGaps: true,
            points: { show: dashed !== true && atMs.length < 50, size: 5 },
            ...(dashed === true ? { dash: [6, 4] } : {}),
          })),
        ],
      },
      [atMs.map((at) => at / 1000), ...lines.map(({ values }) => [...values])],
      element,
    );
    const observer = new ResizeObserver(() =>
      chart.setSize({ width: element.clientWidth, height: HEIGHT }),
    );
    observer.observe(element);
    return () => {
      observer.disconnect();
      chart.destroy();
    };
  }, [atMs, lines, show, counts, bounds, scheme]);

  return <div ref={place} className={classes.chart} role="img" aria-label={title} />;
}
