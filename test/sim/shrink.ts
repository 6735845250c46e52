import type { Schedule } from './schedule.ts';
import { Simulation } from './simulation.ts';

/** Runs that a shrinking may take: each one takes a fraction of a second. */
const MAX_RUNS = 120;

/** Leaves out of a schedule what the violation does not need, one step after the other. */
export async function shrink(schedule: Schedule, invariant: string): Promise<Schedule> {
  let smallest = schedule;
  let runs = 0;
  for (
    let size = Math.ceil(schedule.steps.length / 2);
    size >= 1;
    size = size === 1 ? 0 : Math.ceil(size / 2)
  ) {
    for (let at = 0; at < smallest.steps.length && runs < MAX_RUNS;) {
      const steps = smallest.steps.filter((_, index) => index < at || index >= at + size);
      const smaller = { ...smallest, steps };
      runs += 1;
      const { violations } = await new Simulation(smaller).run();
      if (violations.some((each) => each.invariant === invariant)) smallest = smaller;
      else at += size;
    }
  }
  return smallest;
}
