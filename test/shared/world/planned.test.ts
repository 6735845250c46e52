import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NO_DURATIONS, observeDuration, type Durations } from '../../../shared/learn/durations.ts';
import { taskId } from '../../../shared/model/ids.ts';
import { NOTHING_PLANNED, planWith } from '../../../shared/world/planned.ts';
import { newTask } from '../../../shared/world/tasks.ts';
import { World } from '../../../shared/world/world.ts';
import { specOf } from '../explain/log.ts';

const minute = 60_000;
const lasting = (...minutes: number[]): Durations =>
  minutes.reduce(
    (state, each) =>
      observeDuration(state, { type: 'cleanup', node: null, durationMs: each * minute }),
    NO_DURATIONS,
  );

describe('the durations that a queue is ordered by', () => {
  it('follow what was learned after three attempts, and then only when it is well off', () => {
    const two = planWith(NOTHING_PLANNED, lasting(10, 10), 'cleanup', 3);
    expect(two).toBe(NOTHING_PLANNED);
    const three = planWith(two, lasting(10, 10, 10), 'cleanup', 3);
    expect(three).toEqual({ term: 3, byKind: { cleanup: 10 * minute } });
    expect(planWith(three, lasting(12, 12, 12), 'cleanup', 4)).toBe(three);
    expect(planWith(three, lasting(14, 14, 14), 'cleanup', 4)).toEqual({
      term: 4,
      byKind: { cleanup: 14 * minute },
    });
  });

  it('give one order on nodes that heard of them before, between or after the tasks', () => {
    const specs = [1, 2, 3, 4].map((n) => ({
      ...specOf(taskId(n)),
      type: n % 2 === 0 ? ('cleanup' as const) : ('fix' as const),
      estimateMs: n * minute,
    }));
    const planned = { term: 1, byKind: { 'command cleanup': 30 * minute, 'command fix': minute } };
    const orderOf = (tasksBefore: number): string[] => {
      const world = new World();
      world.put(specs.slice(0, tasksBefore).map(newTask), 0);
      world.putPolicy({ planned });
      world.put(specs.slice(tasksBefore).map(newTask), 0);
      return [...World.from(structuredClone(world.toJSON())).graph.ready()];
    };
    const wanted = [2, 4, 1, 3].map(taskId);
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4 }), (before) => {
        expect(orderOf(before)).toEqual(wanted);
      }),
    );
  });
});
