import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Heap } from '../../../shared/graph/heap.ts';

interface Item {
  readonly id: number;
  key: number;
}

const change = fc.record({
  do: fc.constantFrom('push', 'push', 'delete', 'move', 'pop'),
  id: fc.nat(20),
  key: fc.nat(9),
});
/** So many items that are taken from the order. */
const read = fc.constantFrom(0, 1, 3, Infinity, Infinity);

test('the order that is read is that of the items, whatever changed since it was read before', () => {
  const rounds = fc.array(fc.tuple(fc.array(change, { maxLength: 90 }), read), { maxLength: 12 });
  fc.assert(
    fc.property(rounds, (all) => {
      const order = (a: Item, b: Item) => a.key - b.key || a.id - b.id;
      const heap = new Heap<Item>(order);
      const inIt = new Set<Item>();
      const items = Array.from({ length: 21 }, (_, id) => ({ id, key: id }));
      for (const [changes, wanted] of all) {
        for (const { do: what, id, key } of changes) {
          const item = items[id];
          if (item === undefined) continue;
          if (what === 'pop') {
            const first = heap.pop();
            if (first) inIt.delete(first);
          } else if (what === 'delete') {
            heap.delete(item);
            inIt.delete(item);
          } else if (what === 'move' || !inIt.has(item)) {
            item.key = key;
            if (what === 'move') heap.update(item);
            else {
              heap.push(item);
              inIt.add(item);
            }
          }
        }
        const expected = [...inIt].sort(order).slice(0, wanted);
        const got: Item[] = [];
        for (const item of heap.ordered()) {
          if (got.length >= wanted) break;
          got.push(item);
        }
        expect(got).toEqual(expected);
      }
    }),
    { numRuns: 300 },
  );
});
