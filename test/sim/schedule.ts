import { PUSH_FAULTS, type PushFault } from './integrationRef.ts';
import { FORGERIES, SEALS, type Forgery, type Seal } from './forger.ts';
import type { TaskWish } from './project.ts';
import { Random } from './random.ts';

/** What a user does, and what goes wrong. Nodes by their number, times in ms from the start. */
export type Step = { readonly atMs: number } & (
  | { readonly kind: 'task'; readonly node: number; readonly wish: TaskWish }
  /** A human sets the tokens that a task may use. */
  | { readonly kind: 'budget'; readonly node: number; readonly tokens: number }
  | { readonly kind: 'cancel'; readonly node: number; readonly key: number }
  /** One side, and whether only what it says is lost. */
  | {
      readonly kind: 'partition';
      readonly side: readonly number[];
      readonly oneWay: boolean;
      readonly forMs: number;
    }
  | { readonly kind: 'flap'; readonly a: number; readonly b: number; readonly forMs: number }
  | { readonly kind: 'drop'; readonly a: number; readonly b: number }
  | {
      readonly kind: 'delay';
      readonly a: number;
      readonly b: number;
      readonly delayMs: number;
      readonly forMs: number;
    }
  /** Dies so many turns of its event loop later, so also between a write and its flush. */
  | {
      readonly kind: 'crash';
      readonly node: number;
      readonly turns: number;
      readonly silently: boolean;
      readonly forMs: number;
    }
  /** A suspended machine's monotonic clock stands still, a stopped process's does not. */
  /** Dies when it is about to write for the n-th time, before that is on disk, or after and before anyone heard. */
  | {
      readonly kind: 'tear';
      readonly node: number;
      readonly writes: number;
      readonly before: boolean;
      readonly forMs: number;
    }
  | {
      readonly kind: 'freeze';
      readonly node: number;
      readonly suspended: boolean;
      readonly forMs: number;
    }
  | { readonly kind: 'lag'; readonly node: number; readonly lagMs: number; readonly forMs: number }
  | { readonly kind: 'clock'; readonly node: number; readonly byMs: number }
  | { readonly kind: 'diskFull'; readonly node: number; readonly forMs: number }
  /** Its battery runs down: it leads no more, and takes nothing heavy. */
  | { readonly kind: 'unfit'; readonly node: number; readonly forMs: number }
  /** Its disk is thrown away; it joins again as another, and a human puts the old one out. */
  | { readonly kind: 'wipe'; readonly node: number; readonly by: number; readonly rejoins: boolean }
  /** Put out, though it goes on as if nothing had been said. */
  | { readonly kind: 'revoke'; readonly node: number; readonly by: number }
  /** A second leader's orders of the same term, more of them than the node may have slots for. */
  | {
      readonly kind: 'rival';
      readonly node: number;
      readonly to: number;
      readonly count: number;
    }
  /** Says something in the name of another, by whosever hand. */
  | {
      readonly kind: 'forge';
      readonly node: number;
      readonly as: number;
      readonly what: Forgery;
      readonly seal: Seal;
      readonly forMs: number;
    }
  /** What becomes of the next push to the integrated tree, at the home. */
  | {
      readonly kind: 'push';
      readonly node: number;
      readonly fault: PushFault;
      readonly forMs: number;
    }
  /** An order of the term before arrives only now. */
  | { readonly kind: 'stale'; readonly node: number; readonly to: number }
);

export interface Schedule {
  readonly seed: number;
  readonly nodes: number;
  /** Of each node. */
  readonly slots: number;
  /** What all nodes together may spend, USD; absent: no model is called. */
  readonly capUsd?: number;
  readonly steps: readonly Step[];
}

/** Between the start and the first step, ms: all have found each other. */
export const CALM_MS = 8_000;
/** Faults begin within this, ms. */
const FAULTS_MS = 70_000;
const HOUR_MS = 3_600_000;

/** A schedule out of a seed: what is asked for, and what goes wrong meanwhile. */
export function scheduleOf(seed: number, nodes?: number): Schedule {
  const random = new Random(seed);
  const count = nodes ?? random.pick([2, 3, 3, 3, 4, 5]);
  const steps: Step[] = [];
  const tasks = random.int(6, 18);
  const at = () => CALM_MS + random.int(0, FAULTS_MS);
  for (let key = 1; key <= tasks; key++) {
    const wish: TaskWish = {
      key,
      resource: random.chance(0.3) ? random.pick(['port', 'database']) : null,
      needs: key > 1 && random.chance(0.25) ? [random.int(1, key - 1)] : [],
      review: random.chance(0.15),
      scope: random.chance(0.2) ? 0 : key,
      estimateMs: random.int(2_000, 20_000),
      permission: random.chance(0.1),
    };
    steps.push({ kind: 'task', atMs: at(), node: random.int(0, count - 1), wish });
    if (random.chance(0.06))
      steps.push({ kind: 'cancel', atMs: at(), node: random.int(0, count - 1), key });
  }
  for (let tokens = 1; tokens <= random.int(0, 3); tokens++)
    steps.push({ kind: 'budget', atMs: at(), node: random.int(0, count - 1), tokens });
  const faults = random.int(0, 8);
  for (let n = 0; n < faults; n++) steps.push(...fault(random, count, at()));
  const slots = random.int(1, 3);
  const capUsd = random.int(1, 4);
  if (random.chance(0.3)) steps.push(...burst(random, count, tasks + 1, at()));
  for (let n = random.int(0, 2); n > 0; n--)
    steps.push({
      ...{ kind: 'push', atMs: at(), node: 0, fault: random.pick(PUSH_FAULTS) },
      forMs: random.int(200, 10_000),
    });
  if (random.chance(0.4)) steps.push(...lies(random, count, at()));
  steps.sort((a, b) => a.atMs - b.atMs);
  return { seed, nodes: count, slots, capUsd, steps };
}

/** Tasks of one resource, added at once: one decision sees them all, and more free slots than one. */
function burst(random: Random, count: number, firstKey: number, atMs: number): Step[] {
  const node = random.int(0, count - 1);
  const resource = random.pick(['port', 'database']);
  return Array.from({ length: random.int(2, 5) }, (_, index): Step => {
    const key = firstKey + index;
    const estimateMs = random.int(2_000, 20_000);
    const wish = { key, resource, needs: [], review: false, scope: key, estimateMs };
    return { kind: 'task', atMs, node, wish };
  });
}

function fault(random: Random, count: number, atMs: number): Step[] {
  const node = random.int(0, count - 1);
  const other = (node + random.int(1, count - 1)) % count;
  const forMs = random.pick([
    random.int(200, 3_000),
    random.int(3_000, 20_000),
    random.int(20_000, 60_000),
  ]);
  const pair = { a: node, b: other, atMs };
  // The home holds the repository: what puts it out for good is not what is looked at here.
  const guest = node === 0 ? other : node;
  const roll = random.int(0, 27);
  if (roll < 5) {
    const side = Array.from({ length: count }, (_, index) => index).filter(() =>
      random.chance(0.5),
    );
    return [{ kind: 'partition', atMs, side, oneWay: random.chance(0.3), forMs }];
  }
  if (roll < 6) return [{ kind: 'flap', ...pair, forMs }];
  if (roll < 8) return [{ kind: 'drop', ...pair }];
  if (roll < 9) return [{ kind: 'delay', ...pair, delayMs: random.int(200, 4_000), forMs }];
  if (roll < 12)
    return [
      {
        kind: 'crash',
        atMs,
        node,
        turns: random.int(0, 60),
        silently: random.chance(0.3),
        forMs,
      },
    ];
  if (roll < 16)
    return [
      { kind: 'tear', atMs, node, writes: random.int(0, 9), before: random.chance(0.6), forMs },
    ];
  if (roll < 18) return [{ kind: 'freeze', atMs, node, suspended: random.chance(0.5), forMs }];
  if (roll < 19) return [{ kind: 'lag', atMs, node, lagMs: random.int(50, 1_500), forMs }];
  if (roll < 20)
    return [{ kind: 'clock', atMs, node, byMs: random.int(-2 * HOUR_MS, 2 * HOUR_MS) }];
  if (roll < 21) return [{ kind: 'diskFull', atMs, node, forMs }];
  if (roll < 22) return [{ kind: 'unfit', atMs, node, forMs: 2 * forMs }];
  if (roll < 23) return [{ kind: 'wipe', atMs, node: guest, by: 0, rejoins: random.chance(0.7) }];
  if (roll < 24) return [{ kind: 'revoke', atMs, node: guest, by: random.chance(0.7) ? 0 : other }];
  if (roll < 25) return revokedBehindAThird(random, count, guest, atMs);
  if (roll < 27)
    return [{ kind: 'rival', atMs, node, to: random.int(0, count - 1), count: random.int(1, 5) }];
  return [{ kind: 'stale', atMs, node, to: random.int(0, count - 1) }];
}

/** A member lies in several ways, and may be put out meanwhile. */
function lies(random: Random, count: number, atMs: number): Step[] {
  const node = random.int(1, count - 1);
  const as = (node + random.int(1, count - 1)) % count;
  const steps = Array.from({ length: random.int(2, 4) }, (): Step => ({
    ...{ kind: 'forge', atMs, node, as, what: random.pick(FORGERIES), seal: random.pick(SEALS) },
    forMs: random.int(10_000, 60_000),
  }));
  if (!random.chance(0.3)) return steps;
  return [...steps, ...revokedBehindAThird(random, count, node, atMs + random.int(0, 20_000))];
}

/** Put out while only a third node sees it, which hears of it later and has what it wrote meanwhile. */
function revokedBehindAThird(random: Random, count: number, node: number, atMs: number): Step[] {
  const third = random.int(1, count - 1);
  const side = third === node ? [node] : [node, third];
  return [
    { kind: 'partition', atMs, side, oneWay: false, forMs: random.int(15_000, 40_000) },
    { kind: 'revoke', atMs: atMs + random.int(500, 5_000), node, by: 0 },
  ];
}
