import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CycleError } from '../../../shared/graph/cycle.ts';
import { TaskGraph, type GraphTask } from '../../../shared/graph/taskGraph.ts';
import { after, hopesFor, needs, T, targetOf, task, uses } from './tasks.ts';

function cycleOf(act: () => void): CycleError {
  try {
    act();
  } catch (error) {
    if (error instanceof CycleError) return error;
    throw error;
  }
  throw new Error('no cycle was refused');
}

test('tasks that wait for each other are refused with the whole path, and none is added', () => {
  const graph = new TaskGraph();
  const tasks = [
    task(1, { dependencies: [after(3)] }),
    task(2, { dependencies: [hopesFor(1, 1_000)] }),
    task(3, { dependencies: [needs('two.js', 2)] }),
    task(4),
  ];
  const error = cycleOf(() => graph.add(tasks));
  expect(error.cycle).toEqual([T(1), T(3), T(2), T(1)]);
  expect(error.message).toContain('T-1 → T-3 → T-2 → T-1');
  expect(error.code).toBe('cycle');
  expect(graph.size).toBe(0);
});

test('a task can not wait for itself', () => {
  const graph = new TaskGraph();
  expect(cycleOf(() => graph.add([task(1, { dependencies: [after(1)] })])).cycle).toEqual([
    T(1),
    T(1),
  ]);
});

test('an edge at run time that closes a cycle is refused and changes nothing', () => {
  const graph = new TaskGraph();
  graph.add([
    task(1),
    task(2, { dependencies: [after(1)] }),
    task(3, { dependencies: [after(2)] }),
  ]);
  expect(graph.cycleWith(T(1), after(3))).toEqual([T(1), T(3), T(2), T(1)]);
  expect(cycleOf(() => graph.link(T(1), after(3))).cycle).toEqual([T(1), T(3), T(2), T(1)]);
  expect([...graph.ready()]).toEqual([T(1)]);
  graph.link(T(3), after(1));
  graph.end(T(1));
  expect([...graph.ready()]).toEqual([T(2)]);
});

test('a cycle through a task that is not open yet is refused when that task comes', () => {
  const graph = new TaskGraph();
  graph.add([task(1, { dependencies: [after(2)] })]);
  expect(cycleOf(() => graph.add([task(2, { dependencies: [after(1)] })])).cycle).toEqual([
    T(1),
    T(2),
    T(1),
  ]);
});

test('a shared resource is no cycle', () => {
  const graph = new TaskGraph();
  graph.add([
    task(1, { dependencies: [uses('db')] }),
    task(2, { dependencies: [uses('db'), after(1)] }),
  ]);
  expect(graph.size).toBe(2);
});

test('a deep chain is walked without running out of stack', () => {
  const graph = new TaskGraph();
  const chain = Array.from({ length: 5_000 }, (_, at) =>
    task(at + 1, { dependencies: at === 0 ? [] : [after(at)] }),
  );
  graph.add(chain);
  expect(cycleOf(() => graph.link(T(1), after(5_000))).cycle).toHaveLength(5_001);
});

test('a refused cycle is one: each task of it waits for the next', () => {
  const edges = fc.array(fc.tuple(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 6 })), {
    maxLength: 14,
  });
  fc.assert(
    fc.property(edges, (list) => {
      const tasks: GraphTask[] = [1, 2, 3, 4, 5, 6].map((number) =>
        task(number, {
          dependencies: list.flatMap(([from, to]) => (to === number ? [after(from)] : [])),
        }),
      );
      const waitsFor = new Map(tasks.map((each) => [each.id, each.dependencies.map(targetOf)]));
      const graph = new TaskGraph();
      try {
        graph.add(tasks);
      } catch (error) {
        if (!(error instanceof CycleError)) throw error;
        const { cycle } = error;
        expect(cycle.at(0)).toBe(cycle.at(-1));
        cycle
          .slice(1)
          .forEach((next, at) => expect(waitsFor.get(cycle[at] ?? T(99))).toContain(next));
        return;
      }
      // Accepted, so finishing what is ready gets through all of them.
      for (let left = 6; left > 0; left -= 1) graph.end(graph.ready().next().value ?? T(99));
      expect(graph.size).toBe(0);
    }),
    { numRuns: 500 },
  );
});
