import 'uplot/dist/uPlot.min.css';
import { useComputedColorScheme } from '@mantine/core';
import { useEffect, useRef } from 'react';
import UPlot from 'uplot';
import type { ChartOf } from './chartOf.ts';
import classes from './chart.module.css';

const HEIGHT = 180;
const FONT = '11px system-ui, sans-serif';

/** The drawing itself; {@link Chart} says in words and values what it shows. */
export default function LineChart({ title, atMs, lines, show, bounds }: ChartOf) {
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
        scales: bounds ? { y: { range: [bounds[0], bounds[1]] } } : {},
        axes: [
          axis,
          { ...axis, size: 64, values: (_: UPlot, values: number[]) => values.map(show) },
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
  }, [atMs, lines, show, bounds, scheme]);

  return <div ref={place} className={classes.chart} role="img" aria-label={title} />;
}
