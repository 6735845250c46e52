import { tmpdir } from 'node:os';
import { fitnessOf, NO_TROUBLE, senseFitness } from '../shared/decide/fitness.ts';
import { Limits } from '../shared/model/config.ts';
import { Observer } from '../electron/observe/observer.ts';
import { machineSenses } from '../electron/observe/source.ts';
import { isMain, printLines, type Line } from './lib.ts';

/** So many samples that the clock of processor time, which ticks in ms, does not matter. */
const SAMPLES = 2_000;
const CPU_TARGET_PERCENT = 0.5;
/** Seconds between two samples while tasks run, and while none do. */
const WORKING_S = 5;
const IDLE_S = 15;
const US_PER_S = 1_000_000;

/**
 * What feeling the machine costs: processor time of this process for a sample and what is made of it.
 * Where programs are asked (macOS) their own time is not in it.
 */
export async function run(): Promise<Line[]> {
  const home = tmpdir();
  const settings = { ...Limits.parse({}), heavyOnBattery: false };
  let state = NO_TROUBLE;
  let taken = 0;
  const done = Promise.withResolvers<void>();
  // As fast as it goes: the wait between two samples costs nothing but its timer.
  const observer = new Observer({ source: await machineSenses(home), idleMs: 0 });
  let before = process.cpuUsage();
  observer.onChange((senses) => {
    state = senseFitness(state, senses, senses.atMs ?? 0, settings);
    fitnessOf(state);
    taken += 1;
    // The first tenth warms up.
    if (taken === SAMPLES / 10) before = process.cpuUsage();
    if (taken === SAMPLES + SAMPLES / 10) done.resolve();
  });
  observer.start();
  // An observer does not keep its process going.
  const going = setInterval(() => undefined, US_PER_S);
  await done.promise;
  clearInterval(going);
  const { user, system } = process.cpuUsage(before);
  await observer.stop();
  const us = (user + system) / SAMPLES;
  return [
    { name: 'a sample', value: us, unit: 'µs of a core', target: null, ok: null },
    ...[
      { name: `while tasks run, every ${WORKING_S} s`, seconds: WORKING_S },
      { name: `idle, every ${IDLE_S} s`, seconds: IDLE_S },
    ].map(({ name, seconds }): Line => {
      const percent = (us * 100) / (seconds * US_PER_S);
      return {
        name,
        value: percent,
        unit: '% of a core',
        target: `< ${CPU_TARGET_PERCENT}`,
        ok: percent < CPU_TARGET_PERCENT,
      };
    }),
  ];
}

if (isMain(import.meta.url)) printLines('Senses', await run());
