import { isMain, mean, printLines, seeded, table, type Line } from './lib.ts';
import { fifo, heft, longestPath, plainOrder, simulate, termSum, vigil } from './simulate.ts';
import { lowerBound, remainingPaths } from '../shared/decide/improve.ts';
import {
  generatedGraphs,
  recordedWorkflows,
  standardTaskGraphs,
  type Workload,
} from './workloads.ts';

const PROCESSORS = [2, 4, 8, 16] as const;
/** Spread of estimates around the truth (σ of the logarithm), and the 75th percentile of it in σ. */
const SIGMA = 0.3;
const P75_SIGMAS = 0.674;
/** Makespans this close are the same. */
const EXACT = 1e-9;

type Run = (workload: Workload, processors: number, estimates: readonly number[]) => number;

const VIGIL = 'vigil';
const LONGEST_PATH = 'longest remaining path';

const POLICIES: readonly (readonly [string, Run])[] = [
  ['FIFO', (workload, m, estimates) => simulate(workload, m, fifo, estimates)],
  [LONGEST_PATH, (workload, m, estimates) => simulate(workload, m, longestPath, estimates)],
  ['HEFT', heft],
  ['sum of terms alone', (workload, m, estimates) => simulate(workload, m, termSum, estimates)],
  ['vigil, not planned', (workload, m, estimates) => simulate(workload, m, plainOrder, estimates)],
  [VIGIL, (workload, m, estimates) => simulate(workload, m, vigil, estimates)],
];

/** Longest remaining path first on the standard graphs: the mean and the worst case to be better than. */
const MEAN_TO_BEAT = 1.006;
const WORST_TO_BEAT = 1.2286;

/** How much longer schedules take than what is proven possible, beside other policies; prints the tables. */
export function run(): Promise<Line[]> {
  const standard = standardTaskGraphs();
  const recorded = recordedWorkflows();
  const lines: Line[] = [];
  if (standard) {
    const title = 'Standard Task Graph Set: makespan / published optimum';
    const [mean, worst] = compare(title, standard);
    doubt(standard);
    lines.push(
      ratioLine('schedule over optimum (STG), mean', mean, MEAN_TO_BEAT),
      ratioLine('schedule over optimum (STG), worst', worst, WORST_TO_BEAT),
    );
  }
  if (recorded) lines.push(...besides('WfInstances', recorded));
  if (!standard || !recorded) lines.push(...besides('generated graphs', generatedGraphs()));
  return Promise.resolve(lines);
}

/** Where no optimum is known, the measure is longest remaining path first in the same run. */
function besides(name: string, workloads: readonly Workload[]): Line[] {
  const [mean, worst, meanOfLongest, worstOfLongest] = compare(
    `${name}: makespan / lower bound`,
    workloads,
  );
  return [
    ratioLine(`schedule over lower bound (${name}), mean`, mean, meanOfLongest),
    ratioLine(`schedule over lower bound (${name}), worst`, worst, worstOfLongest),
  ];
}

function ratioLine(name: string, value: number, toBeat: number): Line {
  const target = `≤ ${Number(toBeat.toFixed(4))}`;
  return { name, value, unit: '×', target, ok: value <= toBeat + EXACT };
}

/** Prints all policies; returns mean and worst of Vigil and of longest path, with true durations. */
function compare(
  title: string,
  workloads: readonly Workload[],
): [mean: number, worst: number, meanOfLongest: number, worstOfLongest: number] {
  const found = new Map<string, readonly number[]>();
  for (const [durations, estimatesOf] of [
    ['true durations', (workload: Workload) => workload.durations],
    ['P75 estimates, σ = 0.3', noisyEstimates],
  ] as const) {
    const head = ['policy', ...PROCESSORS.map((m) => `mean ${m}`), 'mean', 'worst', 'exact'];
    const rows = POLICIES.map(([name, policy]) => {
      const ratios = PROCESSORS.map((m) =>
        workloads.map(
          (workload) => policy(workload, m, estimatesOf(workload)) / reference(workload, m),
        ),
      );
      const all = ratios.flat();
      if (!found.has(name)) found.set(name, all);
      const exact = all.filter((ratio) => ratio <= 1 + EXACT).length / all.length;
      return [
        name,
        ...ratios.map((each) => mean(each).toFixed(4)),
        mean(all).toFixed(5),
        Math.max(...all).toFixed(4),
        `${(100 * exact).toFixed(1)} %`,
      ];
    });
    table(
      `${title}, ${durations} (${workloads.length} graphs × ${PROCESSORS.join(', ')} processors)`,
      head,
      rows,
    );
  }
  const [ours, longest] = [found.get(VIGIL) ?? [], found.get(LONGEST_PATH) ?? []];
  return [mean(ours), Math.max(...ours), mean(longest), Math.max(...longest)];
}

/** Some published optima lie below what is provably possible: says how many, and what that costs in the mean. */
function doubt(workloads: readonly Workload[]): void {
  const floors = workloads.flatMap((workload) =>
    PROCESSORS.map((m) => Math.max(1, boundOf(workload, m) / reference(workload, m))),
  );
  const beyond = floors.filter((floor) => floor > 1 + EXACT).length;
  console.log(
    `\n${beyond} of ${floors.length} published optima lie below a proven lower bound; ` +
      `no schedule can have a mean below ${mean(floors).toFixed(5)} or a worst case below ${Math.max(...floors).toFixed(4)}`,
  );
}

function reference(workload: Workload, processors: number): number {
  return workload.optimum.get(processors) ?? boundOf(workload, processors);
}

function boundOf({ durations, edges }: Workload, processors: number): number {
  const order = precedenceOrder(durations.length, edges);
  const place = new Map(order.map((task, at) => [task, at]));
  const before: number[][] = durations.map(() => []);
  const after: number[][] = durations.map(() => []);
  for (const [from, to] of edges) {
    before[place.get(to) ?? 0]?.push(place.get(from) ?? 0);
    after[place.get(from) ?? 0]?.push(place.get(to) ?? 0);
  }
  const problem = {
    size: durations.length,
    durations: Float64Array.from(order, (task) => durations[task] ?? 0),
    before,
    after,
    release: new Float64Array(durations.length),
    slots: Array.from({ length: processors }, () => 0),
  };
  return lowerBound(problem, remainingPaths(problem));
}

function precedenceOrder(size: number, edges: Workload['edges']): number[] {
  const waitsFor = Array.from({ length: size }, () => 0);
  for (const [, to] of edges) waitsFor[to] = (waitsFor[to] ?? 0) + 1;
  const order = waitsFor.flatMap((count, task) => (count === 0 ? [task] : []));
  for (const task of order) {
    for (const [from, to] of edges) {
      if (from !== task) continue;
      waitsFor[to] = (waitsFor[to] ?? 0) - 1;
      if (waitsFor[to] === 0) order.push(to);
    }
  }
  return order;
}

/** The 75th percentile of what such a task took before, wrong for each task in its own way. */
function noisyEstimates({ durations }: Workload): number[] {
  const random = seeded(durations.length);
  return durations.map((duration) => {
    const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
    return duration * Math.exp(SIGMA * (normal + P75_SIGMAS));
  });
}

if (isMain(import.meta.url)) printLines('Schedules', await run());
