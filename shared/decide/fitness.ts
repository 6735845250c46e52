import { bytes, duration, percent } from '../explain/format.ts';
import type { Fitness, Senses, Trouble } from '../model/senses.ts';

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;

/** Half a day: who closed the lid this morning may do so again. */
const SLEPT_MS = 12 * 60 * MINUTE_MS;

/** What a user may set. */
export interface FitnessSettings {
  /** With less free space than the greater of the two a node takes nothing. */
  readonly leastFreeDiskBytes: number;
  /** Of the disk, 0–1. */
  readonly leastFreeDiskShare: number;
  readonly heavyOnBattery: boolean;
}

/**
 * One sense as it counts against a node: a figure that is worse the greater it is. The trouble begins
 * at `enter` at once and ends only when the figure has been at `leave` or better for `holdMs`.
 */
interface Gauge extends Pick<Trouble, 'kind' | 'bars'> {
  readonly enter: number;
  readonly leave: number;
  readonly holdMs: number;
  /** Null: unknown, which speaks neither for nor against the node. */
  read(senses: Senses, settings: FitnessSettings, nowMs: number): number | null;
  words(senses: Senses): string;
}

const THERMAL = { nominal: 0, fair: 1, serious: 2, critical: 3 } as const;
const MEMORY = { normal: 0, warning: 1, critical: 2 } as const;

/** Worst first: the first trouble of a node is the one that is told. */
const GAUGES = {
  sleep: {
    kind: 'sleep',
    bars: 'any',
    enter: 1,
    leave: 0,
    // The network needs as long to come back after a suspend that did happen.
    holdMs: 5 * SECOND_MS,
    read: ({ sleep: { imminent } }) => (imminent === null ? null : Number(imminent)),
    words: () => 'is about to sleep',
  },
  disk: {
    kind: 'disk',
    bars: 'any',
    enter: 1,
    leave: 0.8,
    holdMs: 30 * SECOND_MS,
    read: ({ disk: { freeBytes, totalBytes } }, settings) => {
      if (freeBytes === null) return null;
      const least = Math.max(
        settings.leastFreeDiskBytes,
        (totalBytes ?? 0) * settings.leastFreeDiskShare,
      );
      return least === 0 ? 0 : least / freeBytes;
    },
    words: ({ disk }) => `has a full disk (${bytes(disk.freeBytes ?? 0)} free)`,
  },
  thermal: {
    kind: 'hot',
    bars: 'heavy',
    enter: THERMAL.serious,
    leave: THERMAL.fair,
    holdMs: 2 * MINUTE_MS,
    read: ({ thermal: { level } }) => (level === null ? null : THERMAL[level]),
    words: ({ thermal }) => `is hot (${thermal.level ?? 'unknown'} thermal pressure)`,
  },
  celsius: {
    kind: 'hot',
    bars: 'heavy',
    // Processors of laptops slow down between 95 and 105 °C; below 85 the fans have caught up.
    enter: 95,
    leave: 85,
    holdMs: 2 * MINUTE_MS,
    read: ({ thermal }) => thermal.celsius,
    words: ({ thermal }) => `is hot (${Math.round(thermal.celsius ?? 0)} °C)`,
  },
  speed: {
    kind: 'throttled',
    bars: 'heavy',
    enter: 0.2,
    leave: 0.05,
    holdMs: 2 * MINUTE_MS,
    read: ({ thermal: { speedLimit } }) => (speedLimit === null ? null : 1 - speedLimit),
    words: ({ thermal }) => `is throttled to ${percent(thermal.speedLimit ?? 0)} of its speed`,
  },
  memoryLevel: {
    kind: 'memory',
    bars: 'heavy',
    enter: MEMORY.warning,
    leave: MEMORY.normal,
    holdMs: MINUTE_MS,
    read: ({ memory: { level } }) => (level === null ? null : MEMORY[level]),
    words: ({ memory }) => `is short of memory (pressure: ${memory.level ?? 'unknown'})`,
  },
  stalledSome: {
    kind: 'memory',
    bars: 'heavy',
    enter: 0.2,
    leave: 0.05,
    holdMs: MINUTE_MS,
    read: ({ memory }) => memory.stalledSome,
    words: ({ memory }) =>
      `is short of memory (work stood still ${percent(memory.stalledSome ?? 0)} of the time)`,
  },
  stalledFull: {
    kind: 'memory',
    bars: 'heavy',
    enter: 0.1,
    leave: 0.02,
    holdMs: MINUTE_MS,
    read: ({ memory }) => memory.stalledFull,
    words: ({ memory }) =>
      `is short of memory (all work stood still ${percent(memory.stalledFull ?? 0)} of the time)`,
  },
  available: {
    kind: 'memory',
    bars: 'heavy',
    enter: 0.95,
    leave: 0.9,
    holdMs: MINUTE_MS,
    read: ({ memory: { availableBytes, totalBytes } }) =>
      availableBytes === null || !totalBytes ? null : 1 - availableBytes / totalBytes,
    words: ({ memory }) => `is short of memory (${bytes(memory.availableBytes ?? 0)} available)`,
  },
  swapping: {
    kind: 'swapping',
    bars: 'heavy',
    // Pages that come and go at this rate are in use; a few that were put away long ago do no harm.
    enter: 10_000_000,
    leave: 1_000_000,
    holdMs: MINUTE_MS,
    read: ({ memory }) => memory.swapBytesPerS,
    words: ({ memory }) => `is swapping (${bytes(memory.swapBytesPerS ?? 0)} a second)`,
  },
  battery: {
    kind: 'battery',
    bars: 'heavy',
    enter: 1,
    leave: 0,
    // A plug that is being pushed in makes contact more than once.
    holdMs: 15 * SECOND_MS,
    read: ({ power: { source } }, { heavyOnBattery }) =>
      source === null ? null : Number(source === 'battery' && !heavyOnBattery),
    words: ({ power: { charge } }) =>
      `is on battery${charge === null ? '' : ` (${percent(charge)})`}`,
  },
  unplugged: {
    kind: 'battery',
    bars: 'steady',
    enter: 1,
    leave: 0,
    holdMs: 15 * SECOND_MS,
    read: ({ power: { source } }) => (source === null ? null : Number(source === 'battery')),
    words: () => 'is on battery',
  },
  warm: {
    kind: 'warm',
    bars: 'steady',
    enter: THERMAL.fair,
    leave: THERMAL.nominal,
    holdMs: 5 * MINUTE_MS,
    read: ({ thermal: { level } }) => (level === null ? null : THERMAL[level]),
    words: ({ thermal }) => `is warm (${thermal.level ?? 'unknown'} thermal pressure)`,
  },
  slept: {
    kind: 'slept',
    bars: 'steady',
    enter: 1,
    leave: 0,
    holdMs: 0,
    read: ({ sleep: { wokeAtMs } }, _, nowMs) =>
      wokeAtMs === null ? null : Number(nowMs - wokeAtMs < SLEPT_MS),
    words: ({ sleep }) => `slept for ${duration(sleep.sleptMs ?? 0)}`,
  },
} as const satisfies Record<string, Gauge>;

type GaugeName = keyof typeof GAUGES;
const NAMES = Object.keys(GAUGES) as readonly GaugeName[];

/** A trouble that has begun, and since when its figure has been good enough to end it. */
interface Held {
  readonly text: string;
  readonly betterSinceMs: number | null;
}

/** What the node's past samples left: the troubles that it is in. */
export type FitnessState = Readonly<Partial<Record<GaugeName, Held>>>;

export const NO_TROUBLE: FitnessState = {};

/**
 * Takes in a sample. A pure reducer: the same samples at the same times give the same state. A clock
 * that was set back delays the end of a trouble by its hold time at most.
 */
export function senseFitness(
  state: FitnessState,
  senses: Senses,
  nowMs: number,
  settings: FitnessSettings,
): FitnessState {
  const next: Partial<Record<GaugeName, Held>> = {};
  for (const name of NAMES) {
    const held = gaugeAfter(GAUGES[name], state[name], senses, nowMs, settings);
    if (held) next[name] = held;
  }
  return next;
}

function gaugeAfter(
  gauge: Gauge,
  held: Held | undefined,
  senses: Senses,
  nowMs: number,
  settings: FitnessSettings,
): Held | null {
  const value = gauge.read(senses, settings, nowMs);
  if (!held)
    return value !== null && value >= gauge.enter
      ? { text: gauge.words(senses), betterSinceMs: null }
      : null;
  if (value !== null && value > gauge.leave) return { text: held.text, betterSinceMs: null };
  const betterSinceMs = Math.min(held.betterSinceMs ?? nowMs, nowMs);
  return nowMs - betterSinceMs >= gauge.holdMs ? null : { text: held.text, betterSinceMs };
}

/** What a node in this state may take. */
export function fitnessOf(state: FitnessState): Fitness {
  const troubles: Trouble[] = [];
  for (const name of NAMES) {
    const held = state[name];
    const { kind, bars } = GAUGES[name];
    // Two sensors may tell of one trouble; a wider bar comes first.
    if (!held || troubles.some((trouble) => trouble.kind === kind)) continue;
    troubles.push({ kind, bars, text: held.text });
  }
  const any = troubles.every(({ bars }) => bars !== 'any');
  const heavy = any && troubles.every(({ bars }) => bars !== 'heavy');
  return { any, heavy, steady: troubles.length === 0, troubles };
}

/** Whether two say the same; how a trouble stood when it began does not matter. */
export function sameFitness(a: Fitness, b: Fitness): boolean {
  const kinds = ({ troubles }: Fitness) =>
    troubles
      .map(({ kind, bars }) => `${kind} ${bars}`)
      .sort()
      .join();
  return kinds(a) === kinds(b);
}
