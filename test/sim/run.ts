import { fork } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
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
    /** Seeds are shared out among so many; as many as there are cores when not given. */
    processes: { type: 'string' },
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

/** What became of some seeds. */
interface Tally {
  readonly done: number;
  readonly failed: number;
  readonly merges: number;
}

const first = Number(values.seed ?? 1);
const count = Number(values.seeds ?? (values.seed === undefined ? 100 : 1));
const nodes = values.nodes === undefined ? undefined : Number(values.nodes);
const processes = Math.min(count, Number(values.processes ?? availableParallelism()));
const startedMs = performance.now();
const { done, failed, merges } =
  processes > 1 ? await share(processes) : await runSeeds(first, count);
const minutes = (performance.now() - startedMs) / 60_000;
const rate = Math.round(done / minutes);
if (process.send) process.send({ done, failed, merges } satisfies Tally);
else console.log(`${done} seeds, ${failed} failed, ${merges} merges, ${rate} seeds a minute`);
process.exitCode = failed > 0 ? 1 : 0;
process.disconnect?.();

async function runSeeds(from: number, seeds: number): Promise<Tally> {
  const tally = { done: 0, failed: 0, merges: 0 };
  for (let seed = from; seed < from + seeds; seed++) {
    const schedule = scheduleOf(seed, nodes);
    const outcome = await new Simulation(schedule).run();
    tally.done += 1;
    tally.merges += outcome.merges;
    if (outcome.violations.length === 0) continue;
    tally.failed += 1;
    for (const { invariant, what, atMs } of outcome.violations)
      console.log(`seed ${seed}: ${invariant} after ${(atMs / 1000).toFixed(1)} s: ${what}`);
    if (!values['no-shrink']) {
      const smallest = await shrink(schedule, outcome.violations[0]?.invariant ?? '');
      console.log(JSON.stringify(smallest));
    }
    if (!values['keep-going']) break;
  }
  return tally;
}

/** Each process gets its part of the seeds, one after the other. */
async function share(among: number): Promise<Tally> {
  const others = process.argv.slice(2);
  const tallies = await Promise.all(
    Array.from({ length: among }, async (_, at): Promise<Tally> => {
      const from = first + Math.floor((count * at) / among);
      const to = first + Math.floor((count * (at + 1)) / among);
      const part = ['--seed', `${from}`, '--seeds', `${to - from}`, '--processes', '1'];
      const child = fork(process.argv[1] ?? '', [...others, ...part]);
      const ended = once(child, 'exit');
      const told = await Promise.race([once(child, 'message'), ended]);
      await ended;
      const [tally] = told as [Tally | number | null];
      // One that broke down has failed as well.
      if (typeof tally !== 'object' || tally === null) return { done: 0, failed: 1, merges: 0 };
      return tally;
    }),
  );
  const sum = (part: keyof Tally) => tallies.reduce((all, tally) => all + tally[part], 0);
  return { done: sum('done'), failed: sum('failed'), merges: sum('merges') };
}
