import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Hub } from '../memoryLinks.ts';
import { documentNodes, settle } from './documentNode.ts';

/** What can happen to a few nodes that share a few tasks. */
const step = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({ kind: fc.constant('put' as const), node: fc.nat(), task: fc.nat(4) }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('flush' as const), node: fc.nat() }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('remove' as const), node: fc.nat(), task: fc.nat(4) }),
  },
  {
    weight: 5,
    arbitrary: fc.record({ kind: fc.constant('deliver' as const), count: fc.nat(6), at: fc.nat() }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('heal' as const), node: fc.nat(), other: fc.nat() }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('cut' as const), node: fc.nat(), other: fc.nat() }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('crash' as const), node: fc.nat() }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('wait' as const), ms: fc.nat(3_000) }) },
);

test('any interleaving of writes, cuts, heals and crashes converges, and loses nothing that was durable', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 2, max: 5 }),
      fc.array(step, { maxLength: 60 }),
      (count, steps) => {
        const hub = new Hub();
        hub.held = true;
        const nodes = documentNodes(hub, count);
        const at = (index: number) => nodes[index % count] ?? nodes[0];
        /** Per entity and writer the values that were durable last, and those of entities that anyone removed. */
        const durable = new Map<string, number>();
        const removed = new Set<string>();
        let value = 0;
        const remember = (node = at(0)) => {
          for (const register of node?.registers() ?? []) {
            if (register.stamp.node === node?.id)
              durable.set(`${register.entity} ${node.id}`, Number(register.value));
          }
        };
        for (const each of steps) {
          switch (each.kind) {
            case 'put':
              at(each.node)?.put(`task/T-${each.task + 1}`, 'spec', (value += 1));
              break;
            case 'remove':
              at(each.node)?.document.remove(`task/T-${each.task + 1}`);
              removed.add(`task/T-${each.task + 1}`);
              break;
            case 'flush':
              at(each.node)?.flush();
              remember(at(each.node));
              break;
            case 'deliver':
              hub.deliver(each.count, each.at);
              break;
            case 'heal':
              if (each.node % count !== each.other % count) {
                hub.connect(at(each.node)?.id ?? fail(), at(each.other)?.id ?? fail());
              }
              break;
            case 'cut':
              hub.cut(at(each.node)?.id ?? fail(), at(each.other)?.id ?? fail());
              break;
            case 'crash':
              at(each.node)?.crash();
              break;
            case 'wait':
              nodes[0]?.clock.pass(each.ms);
              break;
          }
        }
        // Healed into a chain, so that much has to be passed on.
        nodes.forEach((node, index) => {
          if (index > 0) hub.connect(nodes[index - 1]?.id ?? fail(), node.id);
        });
        for (const node of nodes) {
          node.flush();
          remember(node);
        }
        settle(hub, nodes);
        expect(
          hub.ended.filter(
            ({ reason }) => reason !== 'the cable was pulled' && reason !== 'the node is gone',
          ),
        ).toEqual([]);
        for (const node of nodes) expect(node.registers()).toEqual(nodes[0]?.registers());
        for (const [key, written] of durable) {
          const [entity = '', writer] = key.split(' ');
          if (removed.has(entity)) continue;
          const register = nodes[0]?.document
            .read(entity)
            .find(({ stamp }) => stamp.node === writer);
          expect(register?.value).toBe(written);
        }
      },
    ),
    { numRuns: 800 },
  );
});

function fail(): never {
  throw new Error('no such node');
}
