import { AGENT_TASKS_PER_HOUR, ScalingFleet, type FleetResult } from './scalingFleet.ts';
import { USES } from './scalingLosses.ts';
import { overlapOf, REFERENCE_WORKLOAD, type WorkloadOptions } from './scalingWorkload.ts';

/** Fleet sizes with the efficiency of the reference fleet in %, where it is known (requirement V7). */
const REFERENCE: ReadonlyMap<number, number> = new Map([
  [1, 100],
  [2, 91.7],
  [3, 83.3],
  [4, 75],
  [8, 58.3],
  [16, 41.7],
]);
export const SIZES = [1, 2, 3, 4, 8, 16, 30] as const;

/** Node-days that are counted at each size, so that a lone node is not judged by a handful of tasks. */
const NODE_DAYS = 36;
const FEWEST_DAYS = 2;
const WARM_UP_DAYS = 1;

/** Runs each fleet with each seed and prints a row of medians for it. */
export async function printScaling(
  sizes: readonly number[],
  seeds: readonly number[],
): Promise<void> {
  const workload = REFERENCE_WORKLOAD;
  console.log(describeWorkload(workload));
  console.log(`Medians of ${seeds.length} seeds; shares of the time of all slots in %.\n`);
  const head = ['nodes', 'tasks/day', 'efficiency', 'reference', ...USES, 'conflicts'];
  console.log(head.map((name) => name.padStart(WIDTH)).join(''));
  const alone = await runs(1, seeds, workload);
  const perNode = median(alone.map(({ mergedPerDay }) => mergedPerDay));
  for (const nodes of sizes) {
    const results = nodes === 1 ? alone : await runs(nodes, seeds, workload);
    const perDay = median(results.map(({ mergedPerDay }) => mergedPerDay));
    const reference = REFERENCE.get(nodes);
    const cells = [
      String(nodes),
      perDay.toFixed(1),
      `${((100 * perDay) / (nodes * perNode)).toFixed(1)} %`,
      reference === undefined ? '' : `${reference.toFixed(1)} %`,
      ...USES.map((use) => (100 * median(results.map(({ slots }) => slots.share(use)))).toFixed(1)),
      `${(100 * median(results.map(({ conflicts, merged }) => conflicts / merged))).toFixed(1)} %`,
    ];
    console.log(cells.map((cell) => cell.padStart(WIDTH)).join(''));
  }
}

const WIDTH = 11;

async function runs(
  nodes: number,
  seeds: readonly number[],
  workload: WorkloadOptions,
): Promise<FleetResult[]> {
  const days = Math.max(FEWEST_DAYS, NODE_DAYS / nodes);
  const results: FleetResult[] = [];
  for (const seed of seeds)
    results.push(
      await new ScalingFleet({ nodes, seed, days, warmUpDays: WARM_UP_DAYS, workload }).run(),
    );
  return results;
}

/** What the fleets work on, and where each figure comes from. */
function describeWorkload(workload: WorkloadOptions): string {
  const minutes = (ms: number): string => `${Math.round(ms / 6_000) / 10} min`;
  const percent = (share: number): string => `${Math.round(1_000 * share) / 10} %`;
  return [
    'Scaling in virtual time. The product decides: its engine, order, graph, rails, confidence and choice of',
    'work, over its own log. Simulated are agents, verification and the clock. One agent slot a node, one project,',
    'a roadmap that never ends.',
    'From the reference fleet (requirement V7 and others):',
    `  attempts of ${minutes(workload.attemptMs)} in the mean, log-normal (σ ${workload.spread}): with the failures below one node does its 12 tasks a day;`,
    `  ${percent(workload.firstAttempt)} of first attempts succeed, ${percent(workload.afterHealing)} of tasks in the end (H7);`,
    `  two tasks touch a file in common with probability ${percent(overlapOf(workload))}: what each further node costs the reference`,
    `  fleet is 1/12 (100, 91.7, 83.3, 75 %); here ${workload.filesTouched} of ${workload.files} files a task, declared as its scope.`,
    'Taken where it tells nothing:',
    `  ${percent(workload.resourceShare)} of tasks need one of ${workload.resources} exclusive resources; ${percent(workload.followUps)} follow another of their batch;`,
    `  of pairs that conflict, one in ${Math.round(1 / workload.hiddenShare)} does so where no scope shows it: the later result fails when verified again;`,
    `  merge queue: one result at a time, ${minutes(workload.verifyMs)} each to verify what others overtook;`,
    `  ${minutes(workload.replenishMs)} from the wish for more work to its tasks; ${workload.dispatchMs} ms from dispatch to process (bench: spawn).`,
    `Rails are the defaults, but ${AGENT_TASKS_PER_HOUR} agent tasks an hour instead of 20. Left out: links that fail, a change of`,
    'the leader (seconds each, bench: mesh), what one machine costs another.',
  ].join('\n');
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const [low, high] = [sorted[Math.ceil(sorted.length / 2) - 1] ?? 0, sorted[middle] ?? 0];
  return (low + high) / 2;
}
