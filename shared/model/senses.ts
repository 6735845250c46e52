import { z } from 'zod';

const share = z.number().min(0).max(1).nullable();
const amount = z.number().nonnegative().nullable();

/** Thermal pressure as macOS grades it: from `serious` on the machine slows itself down. */
export const ThermalLevel = z.enum(['nominal', 'fair', 'serious', 'critical']);
export type ThermalLevel = z.infer<typeof ThermalLevel>;

/** Memory pressure as macOS grades it. */
export const MemoryLevel = z.enum(['normal', 'warning', 'critical']);
export type MemoryLevel = z.infer<typeof MemoryLevel>;

const Thermal = z.strictObject({
  level: ThermalLevel.nullable(),
  /** Hottest processor sensor, °C. */
  celsius: z.number().nullable(),
  /** Share of its full speed that the system lets the processor run at. */
  speedLimit: share,
});

const Power = z.strictObject({
  source: z.enum(['ac', 'battery']).nullable(),
  /** Of all batteries; null also where there is none. */
  charge: share,
});

const Sleep = z.strictObject({
  /** The system said that it is about to suspend; null where nobody tells. */
  imminent: z.boolean().nullable(),
  /** End and length of the last suspend that was noticed; null: none was. */
  wokeAtMs: amount,
  sleptMs: amount,
});

/**
 * What a machine feels (M2). What could not be read is null, never zero (safety rule 9). It travels as
 * presence and never enters the replicated document.
 */
export const Senses = z.strictObject({
  /** When it was sampled; null: not yet. */
  atMs: amount,
  thermal: Thermal,
  memory: z.strictObject({
    totalBytes: amount,
    /** What could be used without swapping. */
    availableBytes: amount,
    /** Linux PSI, 10 s: share of time in which some, or all, work stood still for lack of memory. */
    stalledSome: share,
    stalledFull: share,
    level: MemoryLevel.nullable(),
    swapUsedBytes: amount,
    /** Read from and written to swap since the sample before. */
    swapBytesPerS: amount,
  }),
  cpu: z.strictObject({ cores: z.number().int().positive().nullable(), load: share }),
  power: Power,
  /** Of the disk that holds the node's home. */
  disk: z.strictObject({ freeBytes: amount, totalBytes: amount }),
  sleep: Sleep,
});
export type Senses = z.infer<typeof Senses>;

export const NO_SENSES: Senses = {
  atMs: null,
  thermal: { level: null, celsius: null, speedLimit: null },
  memory: {
    totalBytes: null,
    availableBytes: null,
    stalledSome: null,
    stalledFull: null,
    level: null,
    swapUsedBytes: null,
    swapBytesPerS: null,
  },
  cpu: { cores: null, load: null },
  power: { source: null, charge: null },
  disk: { freeBytes: null, totalBytes: null },
  sleep: { imminent: null, wokeAtMs: null, sleptMs: null },
};

/** What another program on the machine knows better, e.g. the menu-bar app from Electron's own events. */
export const FedSenses = z.strictObject({
  thermal: Thermal.partial().optional(),
  power: Power.partial().optional(),
  sleep: Sleep.pick({ imminent: true }).partial().optional(),
});
export type FedSenses = z.infer<typeof FedSenses>;

/** The menu-bar app's word to its node. */
export const SensesFeed = z.strictObject({
  senses: FedSenses,
  /** For how long it counts, unless it is said again. */
  ttlMs: z.number().int().min(1).max(600_000),
});
export type SensesFeed = z.infer<typeof SensesFeed>;

/** The node's answer to it. */
export const SensesFed = z.object({
  /** Whether the app is to hold the machine awake: a task runs, its user allows it, and the node does not do it. */
  keepAwake: z.boolean(),
});
export type SensesFed = z.infer<typeof SensesFed>;

/** One thing that keeps work from a node. */
export const Trouble = z.strictObject({
  kind: z.enum([
    'sleep',
    'disk',
    'hot',
    'throttled',
    'memory',
    'swapping',
    'battery',
    'warm',
    'slept',
    'ending',
  ]),
  /** What it keeps away: everything, heavy work, or long work as far as another node can have it. */
  bars: z.enum(['any', 'heavy', 'steady']),
  /** How it stood when it began: `is hot (serious thermal pressure)`. */
  text: z.string(),
});
export type Trouble = z.infer<typeof Trouble>;

/** What a node may take (M3), and why not. */
export const Fitness = z.strictObject({
  any: z.boolean(),
  /** Agent tasks and long ones. */
  heavy: z.boolean(),
  /** It neither sleeps nor throttles: long work is better off here. */
  steady: z.boolean(),
  troubles: z.array(Trouble),
});
export type Fitness = z.infer<typeof Fitness>;

/** Of a node that nothing is known against. */
export const FIT: Fitness = { any: true, heavy: true, steady: true, troubles: [] };

/** Of a node that is being stopped. */
export const ENDING: Fitness = {
  any: false,
  heavy: false,
  steady: false,
  troubles: [{ kind: 'ending', bars: 'any', text: 'is being stopped' }],
};
