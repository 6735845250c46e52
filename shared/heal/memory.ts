import type { Rung } from '../model/route.ts';
import { kindOf } from './signature.ts';

/** What can be done about a failure without a human. */
export type Remedy = Exclude<Rung, 'first' | 'human'>;

/** Signatures whose remedies are remembered; the longest unused leaves. */
const MAX_SIGNATURES = 200;
/** Outcomes that a remedy's record weighs at most: what helped long ago fades. */
const MAX_OUTCOMES = 50;
/** H5's starting rules count for ten outcomes: measured elsewhere, so a few of one's own outweigh them. */
const RULE_OUTCOMES = 10;
/** A mere place on the ladder counts for three. */
const PLACE_OUTCOMES = 3;

/** H5: share of failures of a kind that the remedy mended elsewhere. */
const STARTING_RULES: Readonly<
  Record<string, { readonly rung: Remedy; readonly share: number } | undefined>
> = {
  'type-error': { rung: 'retry', share: 0.87 },
  'out-of-memory': { rung: 'retry', share: 0.92 },
  'dependency-resolution': { rung: 'retry', share: 0.76 },
  'flaky-test': { rung: 'retry', share: 0.94 },
};

interface Outcomes {
  readonly worked: number;
  readonly failed: number;
}

/** What was tried against each kind of failure, by signature and by kind, and whether it worked (H5). */
export interface RemedyMemory {
  /** Longest unused first. */
  readonly known: readonly {
    readonly signature: string;
    readonly outcomes: Partial<Readonly<Record<Remedy, Outcomes>>>;
    readonly atMs: number;
  }[];
}

export const NO_REMEDIES: RemedyMemory = { known: [] };

/** Takes in whether an attempt that answered a failure by `rung` succeeded. */
export function observeRemedy(
  memory: RemedyMemory,
  observed: { readonly signature: string; readonly rung: Remedy; readonly success: boolean },
  nowMs: number,
): RemedyMemory {
  const { signature, rung, success } = observed;
  return [signature, kindOf(signature)].reduce(
    (state, key) => remember(state, key, rung, success, nowMs),
    memory,
  );
}

/**
 * How likely a remedy mends a failure, 0–1: the mean of a Beta distribution (Laplace's rule with a
 * prior). The prior is the starting rule of the kind or else `placeShare`; what this very signature
 * showed counts beside what its kind showed, so that it weighs twice.
 */
export function pRemedy(
  memory: RemedyMemory,
  signature: string,
  rung: Remedy,
  placeShare: number,
): { p: number; worked: number; tried: number } {
  const kind = kindOf(signature);
  const rule = STARTING_RULES[kind];
  const [share, weight] =
    rule?.rung === rung ? [rule.share, RULE_OUTCOMES] : [placeShare, PLACE_OUTCOMES];
  const own = outcomesOf(memory, signature, rung);
  const ofKind = outcomesOf(memory, kind, rung);
  const worked = own.worked + ofKind.worked;
  const tried = worked + own.failed + ofKind.failed;
  return {
    p: (share * weight + worked) / (weight + tried),
    worked: ofKind.worked,
    tried: ofKind.worked + ofKind.failed,
  };
}

function outcomesOf(memory: RemedyMemory, signature: string, rung: Remedy): Outcomes {
  const entry = memory.known.find((known) => known.signature === signature);
  return entry?.outcomes[rung] ?? { worked: 0, failed: 0 };
}

function remember(
  memory: RemedyMemory,
  signature: string,
  rung: Remedy,
  success: boolean,
  atMs: number,
): RemedyMemory {
  const before = memory.known.find((known) => known.signature === signature);
  const { worked, failed } = before?.outcomes[rung] ?? { worked: 0, failed: 0 };
  const fade = Math.min(1, (MAX_OUTCOMES - 1) / Math.max(1, worked + failed));
  const outcomes = {
    ...before?.outcomes,
    [rung]: {
      worked: worked * fade + (success ? 1 : 0),
      failed: failed * fade + (success ? 0 : 1),
    },
  };
  const others = memory.known.filter((known) => known !== before);
  return { known: [...others, { signature, outcomes, atMs }].slice(-MAX_SIGNATURES) };
}
