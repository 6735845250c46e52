import type { NodeSeriesView } from '../../../shared/model/insightApi.ts';

/** Equal steps of the line: as many as can be seen. */
const STEPS = 96;

/** How many attempts ran in each step: the mean over its time. */
export function runningLine({ sinceMs, untilMs, running }: NodeSeriesView): {
  atMs: number[];
  values: number[];
} {
  const stepMs = (untilMs - sinceMs) / STEPS;
  const busyMs = new Array<number>(STEPS).fill(0);
  running.forEach(({ atMs, count }, index) => {
    const endMs = running[index + 1]?.atMs ?? untilMs;
    const first = Math.max(0, Math.floor((atMs - sinceMs) / stepMs));
    for (let step = first; step < STEPS && sinceMs + step * stepMs < endMs; step += 1) {
      const from = Math.max(atMs, sinceMs + step * stepMs);
      const to = Math.min(endMs, sinceMs + (step + 1) * stepMs);
      busyMs[step] = (busyMs[step] ?? 0) + count * Math.max(0, to - from);
    }
  });
  return {
    atMs: busyMs.map((_, step) => sinceMs + step * stepMs),
    values: busyMs.map((sum) => sum / stepMs),
  };
}
