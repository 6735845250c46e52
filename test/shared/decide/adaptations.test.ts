import fc from 'fast-check';
import { expect, test } from 'vitest';
import { adaptations } from '../../../shared/decide/adaptations.ts';
import { KEPT_MS, type Trust } from '../../../shared/decide/noticeFacts.ts';
import { NodeId } from '../../../shared/model/ids.ts';

const NOW = 1_700_000_000_000;
const DAY_MS = 24 * 3_600_000;
const [studio, laptop] = ['studio', 'laptop'].map((name) => NodeId.parse(name));

function trusts(...confidences: readonly number[]): Trust[] {
  return confidences.map((confidence, at) => ({
    ...{ node: studio ?? expect.fail(), seq: at + 1, atMs: NOW - 1_000 + at, confidence },
  }));
}

const trust: fc.Arbitrary<Trust> = fc.record({
  node: fc.constantFrom(studio ?? NodeId.parse('a'), laptop ?? NodeId.parse('b')),
  seq: fc.integer({ min: 1, max: 1_000 }),
  atMs: fc.integer({ min: NOW - KEPT_MS, max: NOW }),
  confidence: fc.double({ min: 0, max: 1, noNaN: true }),
});
const some = fc.uniqueArray(trust, {
  selector: ({ node, seq }) => `${node} ${seq}`,
  maxLength: 30,
});

test('each step down is news once, and going up and down at an edge is none', () => {
  const items = adaptations(trusts(0.8, 0.61, 0.58, 0.62, 0.57, 0.44, 0.5, 0.43, 0.29), NOW);
  expect(items.map(({ seq }) => seq)).toEqual([3, 6]);
  expect(items[0]?.text).toMatch(/confidence 0.58.*shorter tasks/);
  expect(items[1]?.text).toMatch(/one short task at a time/);
});

test('a machine that comes later to know of the same says the same', () => {
  fc.assert(
    fc.property(some, (all) => {
      const items = adaptations(all, NOW);
      expect(adaptations(all.toReversed(), NOW)).toEqual(items);
      // What is forgotten first brings up nothing that was not told before.
      const later = NOW + DAY_MS;
      const kept = all.filter(({ atMs }) => atMs > later - KEPT_MS);
      expect(adaptations(kept, later)).toEqual(adaptations(all, later));
    }),
  );
});

test('of a day at most the steps down there are, and none of full trust', () => {
  fc.assert(
    fc.property(some, (all) => {
      const items = adaptations(all, NOW);
      for (const { atMs, seq, node } of items) {
        const near = items.filter((one) => one.atMs <= atMs && one.atMs > atMs - DAY_MS);
        expect(near.length).toBeLessThanOrEqual(2);
        const of = all.find((one) => one.seq === seq && one.node === node);
        expect(of?.confidence).toBeLessThan(0.6);
      }
    }),
  );
});
