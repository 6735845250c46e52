import { parseArgs } from 'node:util';
import { printScaling, SIZES } from './scaling.ts';
import { scheduleOf } from './schedule.ts';
import { shrink } from './shrink.ts';
import { Simulation } from './simulation.ts';

const { values } = parseArgs({
  options: {
    seeds: { type: 'string' },
    seed: { type: 'string' },
    nodes: { type: 'string' },
    scaling: { type: 'boolean', default: false },
    'no-shrink': { type: 'boolean', default: false },
    'keep-going': { type: 'boolean', default: false },
  },
});
if (values.scaling) {
  const from = Number(values.seed ?? 1);
  const sizes = values.nodes?.split(',').map(Number) ?? SIZES;
  await printScaling(
    sizes,
    Array.from({ length: Number(values.seeds ?? 3) }, (_, at) => from + at),
  );
  process.exit();
}
const first = Number(values.seed ?? 1);
const count = Number(values.seeds ?? (values.seed === undefined ? 100 : 1));
const nodes = values.nodes === undefined ? undefined : Number(values.nodes);
const startedMs = performance.now();
let failed = 0;
let merges = 0;
let done = 0;
for (let seed = first; seed < first + count; seed++) {
  const schedule = scheduleOf(seed, nodes);
  const outcome = await new Simulation(schedule).run();
  done += 1;
  merges += outcome.merges;
  if (outcome.violations.length === 0) continue;
  failed += 1;
  for (const { invariant, what, atMs } of outcome.violations)
    console.log(`seed ${seed}: ${invariant} after ${(atMs / 1000).toFixed(1)} s: ${what}`);
  if (!values['no-shrink']) {
    const smallest = await shrink(schedule, outcome.violations[0]?.invariant ?? '');
    console.log(JSON.stringify(smallest));
  }
  if (!values['keep-going']) break;
}
const minutes = (performance.now() - startedMs) / 60_000;
console.log(
  `${done} seeds, ${failed} failed, ${merges} merges, ${Math.round(done / minutes)} seeds a minute`,
);
process.exitCode = failed > 0 ? 1 : 0;
