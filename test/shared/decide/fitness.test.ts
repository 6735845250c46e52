import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  fitnessOf,
  NO_TROUBLE,
  sameFitness,
  senseFitness,
  type FitnessState,
} from '../../../shared/decide/fitness.ts';
import { FIT, NO_SENSES, type Fitness, type Senses } from '../../../shared/model/senses.ts';
import { GIB, senses, settings } from './senses.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

/** Samples at times, one after another; the fitness after the last. */
function after(samples: readonly (readonly [Senses, number])[], own = settings): Fitness {
  return fitnessOf(
    samples.reduce<FitnessState>(
      (state, [sample, atMs]) => senseFitness(state, sample, atMs, own),
      NO_TROUBLE,
    ),
  );
}

const once = (sample: Senses, own = settings) => after([[sample, 0]], own);

describe('what a node may take', () => {
  it('forbids nothing that it knows nothing against', () => {
    expect(once(NO_SENSES)).toEqual(FIT);
  });

  it.each([
    [
      'serious heat',
      senses({ thermal: { level: 'serious' } }),
      'is hot (serious thermal pressure)',
    ],
    ['a hot processor', senses({ thermal: { celsius: 97.6 } }), 'is hot (98 °C)'],
    [
      'a speed limit',
      senses({ thermal: { speedLimit: 0.46 } }),
      'is throttled to 46 % of its speed',
    ],
    [
      'memory pressure',
      senses({ memory: { level: 'warning' } }),
      'is short of memory (pressure: warning)',
    ],
    [
      'stalls for memory',
      senses({ memory: { stalledSome: 0.31 } }),
      'is short of memory (work stood still 31 % of the time)',
    ],
    [
      'all work standing still',
      senses({ memory: { stalledFull: 0.1 } }),
      'is short of memory (all work stood still 10 % of the time)',
    ],
    [
      'hardly any memory',
      senses({ memory: { totalBytes: 16e9, availableBytes: 0.5e9 } }),
      'is short of memory (500 MB available)',
    ],
    ['swapping', senses({ memory: { swapBytesPerS: 40e6 } }), 'is swapping (40 MB a second)'],
    ['the battery', senses({ power: { source: 'battery', charge: 0.43 } }), 'is on battery (43 %)'],
  ])('keeps heavy work from %s, and says so', (_, sample, text) => {
    const fitness = once(sample);
    expect(fitness).toMatchObject({ any: true, heavy: false, steady: false });
    expect(fitness.troubles[0]?.text).toBe(text);
  });

  it('takes nothing with a full disk: under 2 GiB or 2 %, whichever is more', () => {
    const disk = (freeBytes: number, totalBytes: number) =>
      once(senses({ disk: { freeBytes, totalBytes } })).any;
    expect(disk(1.9 * GIB, 50 * GIB)).toBe(false);
    expect(disk(2.1 * GIB, 50 * GIB)).toBe(true);
    expect(disk(15 * GIB, 1000 * GIB)).toBe(false);
    expect(disk(21 * GIB, 1000 * GIB)).toBe(true);
    expect(disk(0, 50 * GIB)).toBe(false);
    const none = { ...settings, leastFreeDiskBytes: 0, leastFreeDiskShare: 0 };
    expect(once(senses({ disk: { freeBytes: 0, totalBytes: GIB } }), none).any).toBe(true);
  });

  it('takes heavy work on battery where its user allows it, but is not steady', () => {
    const own = { ...settings, heavyOnBattery: true };
    expect(once(senses({ power: { source: 'battery' } }), own)).toMatchObject({
      heavy: true,
      steady: false,
    });
  });

  it('takes nothing once it is about to sleep', () => {
    expect(once(senses({ sleep: { imminent: true } })).any).toBe(false);
  });

  it('is not steady half a day after it slept, nor while it is warm', () => {
    const slept = senses({ sleep: { wokeAtMs: 0, sleptMs: 3_600_000 } });
    expect(once(slept)).toMatchObject({ heavy: true, steady: false });
    expect(once(slept).troubles[0]?.text).toBe('slept for 1 h');
    expect(after([[slept, 13 * 3_600_000]]).steady).toBe(true);
    expect(once(senses({ thermal: { level: 'fair' } }))).toMatchObject({
      heavy: true,
      steady: false,
    });
  });
});

describe('hysteresis', () => {
  const hot = senses({ thermal: { celsius: 96 } });
  const warm = senses({ thermal: { celsius: 90 } });
  const cool = senses({ thermal: { celsius: 70 } });

  it('ends a trouble only after it has been better for its time, and well under where it began', () => {
    expect(
      after([
        [hot, 0],
        [warm, 10 * MINUTE],
      ]).heavy,
    ).toBe(false);
    expect(
      after([
        [hot, 0],
        [cool, 1 * MINUTE],
        [cool, 2 * MINUTE],
      ]).heavy,
    ).toBe(false);
    expect(
      after([
        [hot, 0],
        [cool, 1 * MINUTE],
        [cool, 3 * MINUTE],
      ]).heavy,
    ).toBe(true);
    const again = [
      [hot, 0],
      [cool, MINUTE],
      [warm, 2 * MINUTE],
      [cool, 3 * MINUTE],
    ] as const;
    expect(after([...again, [cool, 4 * MINUTE]]).heavy).toBe(false);
    expect(after([...again, [cool, 5 * MINUTE]]).heavy).toBe(true);
  });

  it('lets a sensor that falls silent forbid nothing for ever', () => {
    expect(
      after([
        [hot, 0],
        [NO_SENSES, 1],
        [NO_SENSES, 1 + 2 * MINUTE],
      ]).heavy,
    ).toBe(true);
  });

  it('is delayed by its hold time at most when the clock is set back', () => {
    const back = -2 * 3_600_000;
    expect(
      after([
        [hot, 0],
        [cool, 1],
        [cool, back],
        [cool, back + 2 * MINUTE],
      ]).heavy,
    ).toBe(true);
  });

  it('tells a change of kind apart from one of figures', () => {
    expect(sameFitness(once(hot), once(senses({ thermal: { celsius: 99 } })))).toBe(true);
    expect(sameFitness(once(hot), once(senses({ power: { source: 'battery' } })))).toBe(false);
  });
});

const unit = fc.option(fc.double({ min: 0, max: 1, noNaN: true }), { nil: null });
const sample = fc.record({
  level: fc.option(fc.constantFrom('nominal', 'fair', 'serious', 'critical' as const), {
    nil: null,
  }),
  celsius: fc.option(fc.double({ min: 20, max: 110, noNaN: true }), { nil: null }),
  speedLimit: unit,
  memoryLevel: fc.option(fc.constantFrom('normal', 'warning', 'critical' as const), { nil: null }),
  stalledSome: unit,
  stalledFull: unit,
  available: unit,
  swapBytesPerS: fc.option(fc.integer({ min: 0, max: 100_000_000 }), { nil: null }),
  source: fc.option(fc.constantFrom('ac', 'battery' as const), { nil: null }),
  free: unit,
  imminent: fc.option(fc.boolean(), { nil: null }),
});
type Sample = typeof sample extends fc.Arbitrary<infer T> ? T : never;

function toSenses(raw: Sample): Senses {
  const { level, celsius, speedLimit, stalledSome, stalledFull, swapBytesPerS } = raw;
  return senses({
    thermal: { level, celsius, speedLimit },
    memory: {
      level: raw.memoryLevel,
      totalBytes: 16 * GIB,
      availableBytes: raw.available === null ? null : raw.available * 16 * GIB,
      stalledSome,
      stalledFull,
      swapBytesPerS,
    },
    power: { source: raw.source },
    disk: { totalBytes: 100 * GIB, freeBytes: raw.free === null ? null : raw.free * 10 * GIB },
    sleep: { imminent: raw.imminent },
  });
}

const LEVELS = ['nominal', 'fair', 'serious', 'critical'] as const;
const MEMORY_LEVELS = ['normal', 'warning', 'critical'] as const;
const worseOf = <T>(order: readonly T[], a: T | null, b: T | null): T | null =>
  a === null ? b : b === null ? a : order.indexOf(a) > order.indexOf(b) ? a : b;
const most = (a: number | null, b: number | null) =>
  a === null ? b : b === null ? a : Math.max(a, b);
const least = (a: number | null, b: number | null) =>
  a === null ? b : b === null ? a : Math.min(a, b);

/** At least as bad as each of the two in every sense. */
function worst(a: Sample, b: Sample): Sample {
  return {
    level: worseOf(LEVELS, a.level, b.level),
    celsius: most(a.celsius, b.celsius),
    speedLimit: least(a.speedLimit, b.speedLimit),
    memoryLevel: worseOf(MEMORY_LEVELS, a.memoryLevel, b.memoryLevel),
    stalledSome: most(a.stalledSome, b.stalledSome),
    stalledFull: most(a.stalledFull, b.stalledFull),
    available: least(a.available, b.available),
    swapBytesPerS: most(a.swapBytesPerS, b.swapBytesPerS),
    source: worseOf(['ac', 'battery'], a.source, b.source),
    free: least(a.free, b.free),
    imminent: a.imminent === null ? b.imminent : a.imminent || b.imminent === true,
  };
}

describe('laws', () => {
  it('is monotone: a machine that always felt worse never may do more', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(sample, sample, fc.integer({ min: 0, max: 3 * MINUTE })), {
          maxLength: 20,
        }),
        (steps) => {
          let [good, bad] = [NO_TROUBLE, NO_TROUBLE];
          let nowMs = 0;
          for (const [a, b, waitMs] of steps) {
            nowMs += waitMs;
            good = senseFitness(good, toSenses(a), nowMs, settings);
            bad = senseFitness(bad, toSenses(worst(a, b)), nowMs, settings);
            const [better, worse] = [fitnessOf(good), fitnessOf(bad)];
            for (const what of ['any', 'heavy', 'steady'] as const)
              expect(worse[what] && !better[what]).toBe(false);
          }
        },
      ),
    );
  });

  it('does not flap: under any noise it switches at most twice per hold time', () => {
    const EVERY_MS = 5 * SECOND;
    // The shortest hold of the senses that are varied here is a minute.
    const HOLD_MS = MINUTE;
    const noisy = fc.record({
      celsius: fc.double({ min: 80, max: 100, noNaN: true }),
      stalledSome: fc.double({ min: 0, max: 0.3, noNaN: true }),
    });
    const gauges = 2;
    fc.assert(
      fc.property(fc.array(noisy, { minLength: 50, maxLength: 300 }), (noise) => {
        let state = NO_TROUBLE;
        let last = fitnessOf(state);
        let switches = 0;
        noise.forEach(({ celsius, stalledSome }, at) => {
          const sampled = senses({ thermal: { celsius }, memory: { stalledSome } });
          state = senseFitness(state, sampled, at * EVERY_MS, settings);
          const next = fitnessOf(state);
          if (!sameFitness(last, next)) switches += 1;
          last = next;
        });
        const lengthMs = noise.length * EVERY_MS;
        expect(switches).toBeLessThanOrEqual(gauges * (2 * Math.floor(lengthMs / HOLD_MS) + 1));
      }),
    );
  });

  it('says why for every no', () => {
    fc.assert(
      fc.property(sample, (raw) => {
        const { any, heavy, steady, troubles } = once(toSenses(raw));
        expect(any || troubles.some(({ bars }) => bars === 'any')).toBe(true);
        expect(heavy || troubles.some(({ bars }) => bars !== 'steady')).toBe(true);
        expect(steady || troubles.length > 0).toBe(true);
        expect(any || !heavy).toBe(true);
        for (const { text } of troubles) expect(text).not.toBe('');
      }),
    );
  });
});
