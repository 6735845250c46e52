import { expect, test } from 'vitest';
import { REGRESSIONS } from './regressions.ts';
import { scheduleOf } from './schedule.ts';
import { Simulation } from './simulation.ts';

/** Seeds that each run of the tests goes through: about 20 s; CI runs 300 by `npm run sim`. */
const SEEDS = 60;

for (const { why, schedule } of REGRESSIONS)
  test(`does not happen again: ${why} (seed ${schedule.seed})`, async () => {
    expect((await new Simulation(schedule).run()).violations).toEqual([]);
  });

test('meshes keep their promises whatever fails, from a row of seeds', async () => {
  let merges = 0;
  for (let seed = 1; seed <= SEEDS; seed++) {
    const outcome = await new Simulation(scheduleOf(seed)).run();
    expect(outcome.violations, `npm run sim -- --seed ${seed}`).toEqual([]);
    merges += outcome.merges;
  }
  expect(merges).toBeGreaterThan(SEEDS);
}, 240_000);

test('a seed gives the same run twice, event by event', async () => {
  for (const seed of [2, 4, 12]) {
    const [one, other] = [
      await new Simulation(scheduleOf(seed)).run(),
      await new Simulation(scheduleOf(seed)).run(),
    ];
    expect(other.digest).toBe(one.digest);
  }
});
