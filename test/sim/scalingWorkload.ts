import type { Gap } from '../../shared/model/gap.ts';
import { Random } from './random.ts';

const MINUTE_MS = 60_000;

/** What the work is like; where each figure comes from is printed above the table. */
export interface WorkloadOptions {
  /** Mean length of an attempt, ms, verification on its own machine included. */
  readonly attemptMs: number;
  /** Spread of the logarithm of that length. */
  readonly spread: number;
  /** Share of first attempts that succeed. */
  readonly firstAttempt: number;
  /** Share of tasks that succeed in the end; the others fail whatever is tried. */
  readonly afterHealing: number;
  /** Files that a task changes, and files that there are: two tasks share one with probability `overlapOf`. */
  readonly filesTouched: number;
  readonly files: number;
  /** Share of tasks that need one of the exclusive resources, and how many of these there are. */
  readonly resourceShare: number;
  readonly resources: number;
  /** Share of tasks that come after another one of their batch, whatever files they touch. */
  readonly followUps: number;
  /** Of the pairs that conflict, those that no declared scope shows: a result fails when it is verified again. */
  readonly hiddenShare: number;
  /** One verification at the project's home, ms. */
  readonly verifyMs: number;
  /** Fetching and rebasing a result there, ms. */
  readonly fetchMs: number;
  /** From the decision to look for work until its tasks are in the queue, ms. */
  readonly replenishMs: number;
  /** From a dispatch on disk until its process runs, ms. */
  readonly dispatchMs: number;
}

/** The reference fleet, as far as its figures tell, and what is taken where they do not. */
export const REFERENCE_WORKLOAD: WorkloadOptions = {
  attemptMs: 74 * MINUTE_MS,
  spread: 0.5,
  firstAttempt: 0.72,
  afterHealing: 0.94,
  filesTouched: 3,
  files: 105,
  resourceShare: 1 / 12,
  resources: 4,
  followUps: 0.2,
  hiddenShare: 0.05,
  verifyMs: 5 * MINUTE_MS,
  fetchMs: 5_000,
  replenishMs: 10 * MINUTE_MS,
  dispatchMs: 100,
};

/** The probability that two tasks touch a file in common. */
export function overlapOf({ files, filesTouched }: WorkloadOptions): number {
  let apart = 1;
  for (let at = 0; at < filesTouched; at += 1) apart *= (files - filesTouched - at) / (files - at);
  return 1 - apart;
}

/** What an attempt at a gap will be like, as nobody can know before. */
export interface Fate {
  readonly gap: Gap;
  readonly resource: string | null;
  readonly isFollowUp: boolean;
  /** Attempts that fail before one succeeds; infinite where none does. */
  readonly failures: number;
  /** The length of its attempts, ms. */
  readonly attemptMs: number;
}

/** Tasks of one such block have the shares and lengths of the whole to a task: less to average over. */
const BLOCK = 50;
/** Coprime with the block, near the golden section of it. */
const STRIDE = 31;
/** No attempt runs longer than the product lets it. */
const LONGEST_MS = 4 * 60 * MINUTE_MS;

/** An endless roadmap: the n-th piece of work is the same for every fleet of the same seed. */
export class Workload {
  readonly options: WorkloadOptions;
  readonly #random: Random;
  #block: Fate[] = [];
  #made = 0;

  constructor(options: WorkloadOptions, seed: number) {
    this.options = options;
    this.#random = new Random(seed);
  }

  next(): Fate {
    return this.#block.pop() ?? this.#refill();
  }

  /** In (0, 1), at the home, where results meet. */
  chance(p: number): boolean {
    return this.#random.chance(p);
  }

  #refill(): Fate {
    const { attemptMs, spread, firstAttempt, afterHealing, followUps, resourceShare } =
      this.options;
    const { resources } = this.options;
    const lengths = quantiles().map((z) => attemptMs * lognormal(z, spread));
    const share = firstAttempt / afterHealing;
    const solvable = Math.round(BLOCK * afterHealing);
    const offset = this.#random.int(0, BLOCK - 1);
    const work = this.#shuffled(
      Array.from({ length: BLOCK }, (_, at) => ({
        failures: at < solvable ? failuresAt((at + 0.5) / solvable, share) : Infinity,
        // Short and long ones alike fail: the stride spreads each number of failures over all lengths.
        length: lengths[(at * STRIDE + offset) % BLOCK] ?? attemptMs,
      })),
    );
    const follows = this.#shuffled(sharesOf(followUps));
    const needs = this.#shuffled(sharesOf(resourceShare));
    this.#block = work.map(({ failures, length }, at): Fate => ({
      gap: this.#gap(),
      resource: needs[at] ? `resource-${this.#random.int(1, resources)}` : null,
      isFollowUp: follows[at] ?? false,
      failures,
      attemptMs: Math.min(LONGEST_MS, length),
    }));
    const first = this.#block.pop();
    if (!first) throw new Error('a block holds tasks');
    return first;
  }

  #gap(): Gap {
    this.#made += 1;
    const { files, filesTouched, attemptMs } = this.options;
    const scope = new Set<string>();
    while (scope.size < filesTouched) scope.add(`src/file-${this.#random.int(1, files)}.ts`);
    return {
      fingerprint: `gap-${this.#made}`,
      detector: 'roadmap',
      title: `Piece of work ${this.#made}`,
      type: 'implementation',
      instructions: '',
      acceptance: [],
      deliverables: [],
      scope: [...scope],
      references: [],
      evidence: 'the roadmap',
      executor: { kind: 'agent' },
      risk: 'low',
      estimateMs: Math.round(attemptMs),
      score: 0.5,
    };
  }

  #shuffled<T>(items: readonly T[]): T[] {
    const shuffled = [...items];
    for (let at = shuffled.length - 1; at > 0; at -= 1) {
      const other = this.#random.int(0, at);
      const [a, b] = [shuffled[at], shuffled[other]];
      if (a === undefined || b === undefined) continue;
      shuffled[at] = b;
      shuffled[other] = a;
    }
    return shuffled;
  }
}

/** So that the mean is `mean`, not the median. */
function lognormal(z: number, spread: number): number {
  return Math.exp(spread * z - (spread * spread) / 2);
}

/** The quantiles of the geometric distribution: how often one fails that succeeds with this probability. */
function failuresAt(quantile: number, success: number): number {
  return Math.floor(Math.log(1 - quantile) / Math.log(1 - success));
}

function sharesOf(share: number): boolean[] {
  return Array.from({ length: BLOCK }, (_, at) => at < Math.round(BLOCK * share));
}

/** Standard normal values that cut a block into equal parts. */
function quantiles(): number[] {
  return Array.from({ length: BLOCK }, (_, at) => normalQuantile((at + 0.5) / BLOCK));
}

/** The normal quantile by bisection of the distribution function (Abramowitz and Stegun 26.2.17, error below 1e-7). */
function normalQuantile(p: number): number {
  let [low, high] = [-6, 6];
  while (high - low > 1e-6) {
    const middle = (low + high) / 2;
    if (normalBelow(middle) < p) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

function normalBelow(z: number): number {
  const t = 1 / (1 + 0.2316419 * Math.abs(z));
  const tail =
    Math.exp((-z * z) / 2) *
    (0.3989422804 *
      t *
      (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429)))));
  return z < 0 ? tail : 1 - tail;
}
