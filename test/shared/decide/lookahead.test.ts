import fc from 'fast-check';
import { expect, test } from 'vitest';
import { lowerBound, remainingPaths, justify, reversed } from '../../../shared/decide/improve.ts';
import { MOST_PLANNED, planOrder, type PlanTask } from '../../../shared/decide/lookahead.ts';
import {
  parallelSchedule,
  serialSchedule,
  type Problem,
  type Schedule,
} from '../../../shared/decide/sgs.ts';
import { startOrder, type Contest } from '../../../shared/decide/startOrder.ts';
import { TaskGraph } from '../../../shared/graph/taskGraph.ts';
import { after, MINUTE, needs, T, task } from '../graph/tasks.ts';

const planTask = (
  number: number,
  minutes: number,
  waitsFor: number[] = [],
  changes: Partial<PlanTask> = {},
): PlanTask => ({
  id: T(number),
  estimateMs: minutes * MINUTE,
  running: false,
  weight: 0,
  createdAtMs: 0,
  dependencies: waitsFor.map(T),
  ...changes,
});

/** Problems with durations that are not whole, as estimates are not, and slots that are taken for a while. */
function problems(most: number): fc.Arbitrary<Problem> {
  const row = fc.record({
    duration: fc.integer({ min: 1, max: 90 }).map((tenths) => tenths / 7),
    before: fc.uniqueArray(fc.nat(most - 1), { maxLength: 3 }),
    release: fc.constantFrom(0, 0, 0, 2.5),
  });
  return fc
    .record({
      rows: fc.array(row, { minLength: 2, maxLength: most }),
      slots: fc.array(fc.constantFrom(0, 0, 1.5, 4), { minLength: 1, maxLength: 4 }),
    })
    .map(({ rows, slots }) => {
      const before = rows.map((each, at) => each.before.filter((from) => from < at));
      return {
        size: rows.length,
        durations: Float64Array.from(rows, (each) => each.duration),
        before,
        after: rows.map((_, from) =>
          before.flatMap((list, to) => (list.includes(from) ? [to] : [])),
        ),
        release: Float64Array.from(rows, (each) => each.release),
        slots: [...slots].sort((a, b) => a - b),
      };
    });
}

const ROUNDING = 1e-9;

/** What makes a schedule impossible, in words; empty when it can be carried out. */
function faults(
  { size, durations, before, release, slots }: Problem,
  { starts, makespan }: Schedule,
): string[] {
  const found: string[] = [];
  const start = (at: number) => starts[at] ?? NaN;
  const end = (at: number) => start(at) + (durations[at] ?? NaN);
  for (let at = 0; at < size; at += 1) {
    if (!(start(at) >= (release[at] ?? 0) - ROUNDING))
      found.push(`${at} starts before its release`);
    for (const each of before[at] ?? []) {
      if (!(start(at) >= end(each) - ROUNDING)) found.push(`${at} starts before ${each} ends`);
    }
    const free = slots.filter((slot) => slot <= start(at) + ROUNDING).length;
    const busy = Array.from({ length: size }, (_, other) => other).filter(
      (other) => start(other) <= start(at) + ROUNDING && end(other) > start(at) + ROUNDING,
    ).length;
    if (busy > free) found.push(`${busy} tasks on ${free} slots at ${start(at)}`);
    if (end(at) > makespan + ROUNDING) found.push(`${at} ends after the makespan`);
  }
  return found;
}

const plenty = () => ({ left: 100_000 });

test('every schedule can be carried out, and none beats the lower bound', () => {
  fc.assert(
    fc.property(problems(12), (problem) => {
      const paths = remainingPaths(problem);
      const bound = lowerBound(problem, paths);
      const parallel = parallelSchedule(problem, paths, plenty());
      const serial = serialSchedule(
        problem,
        Int32Array.from({ length: problem.size }, (_, at) => at),
        plenty(),
      );
      const justified = justify(problem, reversed(problem), parallel, plenty());
      for (const schedule of [parallel, serial, justified]) {
        expect(faults(problem, schedule)).toEqual([]);
        expect(schedule.makespan).toBeGreaterThanOrEqual(bound - ROUNDING);
      }
      expect(justified.makespan).toBeLessThanOrEqual(parallel.makespan + ROUNDING);
    }),
    { numRuns: 500 },
  );
});

test('the plan is never longer than the longest remaining path first, and the same every time', () => {
  fc.assert(
    fc.property(problems(25), (problem) => {
      const tasks = Array.from(problem.durations, (duration, at) =>
        planTask(
          at + 1,
          duration,
          (problem.before[at] ?? []).map((each) => each + 1),
        ),
      );
      const slots = problem.slots.map((slot) => slot * MINUTE);
      const plan = planOrder(tasks, slots);
      fc.pre(plan !== null);
      const scaled = {
        ...problem,
        durations: problem.durations.map((d) => d * MINUTE),
        release: new Float64Array(problem.size),
        slots,
      };
      const plain = parallelSchedule(scaled, remainingPaths(scaled), plenty());
      expect(plan.makespanMs).toBeLessThanOrEqual(plain.makespan + 1e-6);
      expect(plan.makespanMs).toBeGreaterThanOrEqual(plan.lowerBoundMs - 1e-6);
      expect([...plan.order].sort()).toEqual(tasks.map(({ id }) => id).sort());
      expect(planOrder([...tasks].reverse(), slots)).toEqual(plan);
    }),
    { numRuns: 100 },
  );
});

test('the plan finds what the longest remaining path misses', () => {
  // Longest path first takes 1, 2 and 3, and 7 then waits for 3: 14. With 3 and 4 first it is 13.
  const tasks = [
    planTask(1, 6),
    planTask(2, 6),
    planTask(3, 5),
    planTask(4, 4),
    planTask(5, 4),
    planTask(6, 1, [5]),
  ];
  const plan = planOrder(tasks, [0, 0]);
  expect(plan?.makespanMs).toBe(13 * MINUTE);
});

test('no plan is made where it would change nothing or take too long', () => {
  const chain = (size: number) =>
    Array.from({ length: size }, (_, at) => planTask(at + 1, 1, at === 0 ? [] : [at]));
  expect(planOrder([], [0])).toBeNull();
  expect(planOrder([planTask(1, 1), planTask(2, 2)], [0])).toBeNull();
  expect(planOrder(chain(3), [])).toBeNull();
  expect(planOrder(chain(MOST_PLANNED), [0])).not.toBeNull();
  expect(planOrder(chain(MOST_PLANNED + 1), [0])).toBeNull();
  expect(planOrder([...chain(3), planTask(9, 1, [], { weight: 1 })], [0])).toBeNull();
});

test('a task that new work has overtaken for hours goes first', () => {
  const hours = 60 * MINUTE;
  const late = { createdAtMs: 5 * hours };
  const tasks = [planTask(1, 1), planTask(2, 9, [], late), planTask(3, 9, [2], late)];
  expect(planOrder(tasks, [0])?.order[0]).toBe(T(1));
});

const contest: Contest = {
  freeSlots: 1,
  elapsedMs: () => 0,
  holdsSlot: () => true,
  mayStart: () => true,
};

test('what waits for a person or a missing artifact, and all behind it, does not sway the order', () => {
  const graph = new TaskGraph();
  graph.add([
    task(1, { estimateMs: 2 * MINUTE }),
    task(2),
    task(3, { dependencies: [needs('never.js'), after(2)], estimateMs: 60 * MINUTE }),
    task(4, { dependencies: [after(1)], estimateMs: 3 * MINUTE }),
    task(5, { dependencies: [needs('never.js')] }),
  ]);
  const mayStart = (id: string) => id !== T(3);
  expect([...startOrder(graph, { ...contest, mayStart })]).toEqual([T(1), T(2)]);
  expect([...startOrder(graph, null)]).toEqual([T(2), T(1)]);
});

test('every ready task is in the order once, and nothing else is', () => {
  fc.assert(
    fc.property(problems(15), fc.nat(3), fc.nat(4), (problem, running, freeSlots) => {
      const graph = new TaskGraph();
      graph.add(
        Array.from(problem.durations, (d, at) =>
          task(at + 1, {
            estimateMs: d * MINUTE,
            dependencies: (problem.before[at] ?? []).map((each) => after(each + 1)),
          }),
        ),
      );
      for (const id of [...graph.ready()].slice(0, running)) graph.start(id);
      const order = [...startOrder(graph, { ...contest, freeSlots })];
      expect([...order].sort()).toEqual([...graph.ready()].sort());
    }),
    { numRuns: 200 },
  );
});
