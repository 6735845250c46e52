import { expect, test } from 'vitest';
import { ScalingFleet, type FleetResult, type HeldSlot } from './scalingFleet.ts';
import { USES } from './scalingLosses.ts';
import { overlapOf, REFERENCE_WORKLOAD, Workload } from './scalingWorkload.ts';

const workload = REFERENCE_WORKLOAD;

async function run(
  nodes: number,
  options: Partial<typeof workload> = {},
): Promise<FleetResult & { readonly held: readonly HeldSlot[] }> {
  const held: HeldSlot[] = [];
  const result = await new ScalingFleet({
    ...{ nodes, seed: 1, days: 1, warmUpDays: 0.25, workload: { ...workload, ...options } },
    onAttempt: (attempt) => held.push(attempt),
  }).run();
  return { ...result, held };
}

function overlap(a: HeldSlot, b: HeldSlot): boolean {
  return a !== b && a.fromMs < b.untilMs && b.fromMs < a.untilMs;
}

test('the work is the reference fleet’s: how often it succeeds, how often it conflicts, 12 tasks a day', () => {
  const source = new Workload(workload, 1);
  const fates = Array.from({ length: 1_000 }, () => source.next());
  const done = fates.filter(({ failures }) => failures < 5);
  const share = (of: number) => of / fates.length;
  expect(share(fates.filter(({ failures }) => failures === 0).length)).toBeCloseTo(0.72, 2);
  expect(share(done.length)).toBeCloseTo(0.94, 1);
  expect(overlapOf(workload)).toBeCloseTo(1 / 12, 2);
  const minutes = fates.map((fate) => (Math.min(5, fate.failures + 1) * fate.attemptMs) / 60_000);
  const perDay = (24 * 60 * done.length) / minutes.reduce((sum, each) => sum + each, 0);
  expect(perDay).toBeGreaterThan(11.5);
  expect(perDay).toBeLessThan(12.8);
});

test('a lone node loses nothing to others: it never waits, never does work again, and its time adds up', async () => {
  const { slots, conflicts, verifications, held } = await run(1);
  expect([conflicts, verifications]).toEqual([0, 0]);
  expect(slots.share('work')).toBeGreaterThan(0.97);
  expect(slots.share('resource') + slots.share('redone')).toBe(0);
  expect(USES.reduce((sum, use) => sum + slots.share(use), 0)).toBeCloseTo(1, 9);
  for (const one of held) expect(held.filter((other) => overlap(one, other))).toEqual([]);
});

test('a fleet never runs two tasks on one slot, on one file or with one exclusive resource at once', async () => {
  const { held, merged, slots } = await run(6);
  expect(merged).toBeGreaterThan(40);
  for (const one of held)
    for (const other of held) {
      if (!overlap(one, other)) continue;
      expect(other.node).not.toBe(one.node);
      expect(other.scope.filter((file) => one.scope.includes(file))).toEqual([]);
      if (one.resource !== null) expect(other.resource).not.toBe(one.resource);
    }
  expect(new Set(held.map(({ node }) => node)).size).toBe(6);
  // As it was before a fleet looked ahead for work: a third of this.
  expect(slots.share('work')).toBeGreaterThan(0.9);
}, 60_000);

test('where all work is on the same files, a fleet does what one node does, and says so', async () => {
  const { slots, held } = await run(3, { files: 3, resourceShare: 0 });
  for (const one of held) expect(held.filter((other) => overlap(one, other))).toEqual([]);
  expect(slots.share('work')).toBeLessThan(0.36);
  expect(slots.share('resource') + slots.share('queue') + slots.share('order')).toBeGreaterThan(
    0.6,
  );
}, 60_000);

test('a seed gives the same fleet twice', async () => {
  const [one, other] = [await run(3), await run(3)];
  expect(other.held).toEqual(one.held);
});
