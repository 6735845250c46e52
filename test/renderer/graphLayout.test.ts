import fc from 'fast-check';
import { expect, test } from 'vitest';
import { BOX, layoutGraph } from '../../renderer/pages/graph/layout.ts';

/** Up to 40 tasks in which each waits only for earlier ones. */
const graphs = fc
  .tuple(
    fc.integer({ min: 1, max: 40 }),
    fc.array(fc.tuple(fc.nat(39), fc.nat(39)), { maxLength: 80 }),
  )
  .map(([size, pairs]) => ({
    ids: Array.from({ length: size }, (_, index) => `T-${index}`),
    edges: pairs
      .filter(([a, b]) => a < b && b < size)
      .map(([a, b]) => ({ from: `T-${a}`, to: `T-${b}` })),
  }));

test('a task stands right of everything it waits for', () => {
  fc.assert(
    fc.property(graphs, ({ ids, edges }) => {
      const { places } = layoutGraph(ids, edges);
      for (const { from, to } of edges)
        expect(places.get(to)?.x ?? 0).toBeGreaterThan(places.get(from)?.x ?? Infinity);
    }),
  );
});

test('every task has a place within the size, and no two overlap', () => {
  fc.assert(
    fc.property(graphs, ({ ids, edges }) => {
      const { places, width, height } = layoutGraph(ids, edges);
      const all = [...places.values()];
      expect(all).toHaveLength(ids.length);
      for (const [index, a] of all.entries()) {
        expect(a.x + BOX.width).toBeLessThanOrEqual(width);
        expect(a.y + BOX.height).toBeLessThanOrEqual(height);
        for (const b of all.slice(index + 1))
          expect(Math.abs(a.x - b.x) >= BOX.width || Math.abs(a.y - b.y) >= BOX.height).toBe(true);
      }
    }),
  );
});

test('what an edge names that is no open task is left out', () => {
  const { places } = layoutGraph(['T-1'], [{ from: 'dist/a.js', to: 'T-1' }]);
  expect([...places.keys()]).toEqual(['T-1']);
});
