import fc from 'fast-check';
import { expect, test } from 'vitest';
import { TaskGraph, type GraphTask } from '../../../shared/graph/taskGraph.ts';
import type { TaskId } from '../../../shared/model/ids.ts';
import { after, MINUTE, T, targetOf, task } from './tasks.ts';

const SIZE = 8;
/** Graphs in which a task waits only for lower numbers. */
const graphs = fc
  .array(
    fc.record({
      minutes: fc.integer({ min: 1, max: 9 }),
      waitsFor: fc.uniqueArray(fc.nat(SIZE), { maxLength: 3 }),
    }),
    { minLength: 1, maxLength: SIZE },
  )
  .map((list) =>
    list.map(({ minutes, waitsFor }, at) =>
      task(at + 1, {
        estimateMs: minutes * MINUTE,
        dependencies: waitsFor.filter((from) => from < at).map((from) => after(from + 1)),
      }),
    ),
  );

/** Every chain of dependents from a task on. */
function chainsFrom(start: GraphTask, tasks: readonly GraphTask[]): GraphTask[][] {
  const next = tasks.filter((each) => each.dependencies.some((d) => targetOf(d) === start.id));
  return [
    [start],
    ...next.flatMap((each) => chainsFrom(each, tasks).map((chain) => [start, ...chain])),
  ];
}

const lengthOf = (chain: readonly GraphTask[]) =>
  chain.reduce((sum, each) => sum + each.estimateMs, 0);

function priorityOf(graph: TaskGraph, number: number, nowMs = 0) {
  return graph.priority(T(number), nowMs);
}

test('path, dependents and critical path are those that trying every chain finds', () => {
  fc.assert(
    fc.property(graphs, (tasks) => {
      const graph = new TaskGraph();
      graph.add(tasks);
      const longest = Math.max(...tasks.flatMap((each) => chainsFrom(each, tasks).map(lengthOf)));
      for (const each of tasks) {
        const chains = chainsFrom(each, tasks);
        const dependents = new Set(chains.flatMap((chain) => chain.map(({ id }) => id))).size - 1;
        const pathMs = Math.max(...chains.map(lengthOf));
        const terms = graph.priority(each.id, 0);
        expect(terms.pathMinutes).toBe(pathMs / MINUTE);
        expect(terms.dependents).toBe(2 * dependents);
        expect(terms.criticalPath).toBe(pathMs === longest ? 5 : 0);
      }
      const critical = graph.criticalPath();
      expect(critical.lengthMs).toBe(longest);
      const chain = critical.tasks.flatMap((id) => tasks.find((each) => each.id === id) ?? []);
      expect(lengthOf(chain)).toBe(longest);
      chain
        .slice(1)
        .forEach((each, at) => expect(each.dependencies.map(targetOf)).toContain(chain[at]?.id));
    }),
    { numRuns: 300 },
  );
});

test('the terms of a priority are those of the formula and sum up to the total', () => {
  const graph = new TaskGraph();
  graph.add([
    task(1, { estimateMs: 6 * MINUTE, weight: 1.5 }),
    task(2, { estimateMs: 2 * MINUTE, dependencies: [after(1)] }),
    task(3, { estimateMs: MINUTE, dependencies: [after(1)] }),
    task(4, { estimateMs: MINUTE }),
  ]);
  expect(priorityOf(graph, 1, 10 * MINUTE)).toEqual({
    pathMinutes: 8,
    dependents: 4,
    criticalPath: 5,
    brevity: 0.5,
    waiting: 0.5 * Math.log(10),
    weight: 1.5,
    total: 8 + 4 + 5 + 0.5 + 0.5 * Math.log(10) + 1.5,
  });
  expect(priorityOf(graph, 4)).toMatchObject({
    pathMinutes: 1,
    dependents: 0,
    criticalPath: 0,
    brevity: 3,
    waiting: 0,
  });
  expect(() => priorityOf(graph, 9)).toThrow(/T-9 is not open/);
});

function orderOf(...tasks: GraphTask[]): TaskId[] {
  const graph = new TaskGraph();
  graph.add(tasks);
  return [...graph.ready()];
}

test('the longest remaining path starts first, then more dependents, then the shorter, then the lower id', () => {
  const followUp = (number: number, of: number, minutes: number) =>
    task(number, { dependencies: [after(of)], estimateMs: minutes * MINUTE });
  expect(orderOf(task(1, { estimateMs: 5 * MINUTE }), task(2), followUp(3, 2, 9))).toEqual([
    T(2),
    T(1),
  ]);
  expect(
    orderOf(task(1), followUp(4, 1, 2), task(2), followUp(5, 2, 2), followUp(6, 2, 1)),
  ).toEqual([T(2), T(1)]);
  expect(
    orderOf(task(1, { estimateMs: 2 * MINUTE }), followUp(3, 1, 1), task(2), followUp(4, 2, 2)),
  ).toEqual([T(2), T(1)]);
  expect(orderOf(task(10), task(9), task(2))).toEqual([T(2), T(9), T(10)]);
});

test('a declared weight counts in minutes of path', () => {
  expect(orderOf(task(1, { estimateMs: 5 * MINUTE }), task(2, { weight: 5 }))).toEqual([
    T(2),
    T(1),
  ]);
  expect(orderOf(task(1, { estimateMs: 5 * MINUTE }), task(2, { weight: 3 }))).toEqual([
    T(1),
    T(2),
  ]);
});

test('a task that waits long enough passes newer ones with longer paths', () => {
  const long = { estimateMs: 20 * MINUTE };
  expect(orderOf(task(1), task(2, { ...long, createdAtMs: 100 * MINUTE }))).toEqual([T(2), T(1)]);
  expect(orderOf(task(1), task(2, { ...long, createdAtMs: 200 * MINUTE }))).toEqual([T(1), T(2)]);
});

test('the order follows when a ready task gains or loses dependents that leave its path as long', () => {
  const graph = new TaskGraph();
  const twoMinutes = { estimateMs: 2 * MINUTE };
  graph.add([task(1), task(2), task(3, { ...twoMinutes, dependencies: [after(1)] })]);
  graph.add([task(4, { ...twoMinutes, dependencies: [after(2)] })]);
  expect([...graph.ready()]).toEqual([T(1), T(2)]);
  graph.add([task(5, { dependencies: [after(2)] })]);
  expect([...graph.ready()]).toEqual([T(2), T(1)]);
  graph.end(T(5));
  expect([...graph.ready()]).toEqual([T(1), T(2)]);
});
