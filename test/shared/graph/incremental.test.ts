import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CycleError } from '../../../shared/graph/cycle.ts';
import { TaskGraph, type GraphTask } from '../../../shared/graph/taskGraph.ts';
import type { TaskId } from '../../../shared/model/ids.ts';
import type { Dependency } from '../../../shared/model/task.ts';
import { after, app, hopesFor, MINUTE, needs, T, task } from './tasks.ts';

const TASKS = 8;
const ARTIFACTS = ['a.js', 'b.js', 'c.js'];

const number = fc.integer({ min: 1, max: TASKS });
const artifact = fc.constantFrom(...ARTIFACTS);
const dependency: fc.Arbitrary<Dependency> = fc.oneof(
  number.map(after),
  fc.tuple(artifact, fc.option(number, { nil: undefined })).map(([a, n]) => needs(a, n)),
  fc
    .tuple(number, fc.integer({ min: 1, max: 50 }))
    .map(([n, minutes]) => hopesFor(n, minutes * MINUTE)),
);
const change = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('add' as const),
      number,
      dependencies: fc.array(dependency, { maxLength: 3 }),
      minutes: fc.integer({ min: 1, max: 5 }),
      weight: fc.constantFrom(0, 0, 0, 2),
      createdAtMs: fc.integer({ min: 0, max: 3 }).map((minutes) => minutes * MINUTE),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('end' as const), number }) },
  fc.record({ do: fc.constant('link' as const), number, dependency }),
  fc.record({ do: fc.constant('start' as const), number }),
  fc.record({ do: fc.constant('stop' as const), number }),
  fc.record({ do: fc.constant('artifact' as const), artifact, exists: fc.boolean() }),
  fc.record({
    do: fc.constant('estimate' as const),
    number,
    minutes: fc.integer({ min: 1, max: 9 }),
  }),
  fc.record({ do: fc.constant('wait' as const), minutes: fc.integer({ min: 1, max: 30 }) }),
  fc.record({ do: fc.constant('look' as const) }),
);
type Change = typeof change extends fc.Arbitrary<infer C> ? C : never;

/** What is open, remembered in the plainest way. */
class Plain {
  readonly open = new Map<TaskId, GraphTask>();
  readonly running = new Set<TaskId>();
  readonly artifacts = new Set<string>();
  nowMs = 0;

  /** The same state, built anew. */
  graph(): TaskGraph {
    const graph = new TaskGraph();
    for (const each of this.artifacts) graph.setArtifact(app, each, true);
    graph.advance(this.nowMs);
    graph.add([...this.open.values()]);
    for (const id of this.running) graph.start(id);
    return graph;
  }

  ready(): TaskId[] {
    const free = [...this.open.values()].filter(
      (each) => !this.running.has(each.id) && each.dependencies.every((d) => this.isMet(each, d)),
    );
    return free.map((each) => each.id).sort();
  }

  private isMet(dependent: GraphTask, d: Dependency): boolean {
    if (d.type === 'resource') return true;
    if (d.type === 'hard') return this.artifacts.has(d.artifact);
    if (d.type === 'ordering') return !this.open.has(d.task);
    return !this.open.has(d.task) || dependent.createdAtMs + d.timeoutMs <= this.nowMs;
  }
}

/** Makes one change to both; a cycle is refused by the graph and then not remembered. */
function apply(graph: TaskGraph, plain: Plain, step: Change): void {
  switch (step.do) {
    case 'add': {
      const { minutes, weight, createdAtMs, dependencies } = step;
      const added = task(step.number, {
        dependencies,
        weight,
        createdAtMs,
        estimateMs: minutes * MINUTE,
      });
      if (plain.open.has(added.id) || !succeeds(() => graph.add([added]))) break;
      plain.open.set(added.id, added);
      break;
    }
    case 'link': {
      const id = T(step.number);
      const known = plain.open.get(id);
      if (!known || !succeeds(() => graph.link(id, step.dependency))) break;
      plain.open.set(id, { ...known, dependencies: [...known.dependencies, step.dependency] });
      break;
    }
    case 'end':
      graph.end(T(step.number));
      plain.open.delete(T(step.number));
      plain.running.delete(T(step.number));
      break;
    case 'start':
      graph.start(T(step.number));
      if (plain.open.has(T(step.number))) plain.running.add(T(step.number));
      break;
    case 'stop':
      graph.stop(T(step.number));
      plain.running.delete(T(step.number));
      break;
    case 'artifact':
      graph.setArtifact(app, step.artifact, step.exists);
      if (step.exists) plain.artifacts.add(step.artifact);
      else plain.artifacts.delete(step.artifact);
      break;
    case 'estimate': {
      const id = T(step.number);
      graph.setEstimate(id, step.minutes * MINUTE);
      const known = plain.open.get(id);
      if (known) plain.open.set(id, { ...known, estimateMs: step.minutes * MINUTE });
      break;
    }
    case 'wait':
      plain.nowMs += step.minutes * MINUTE;
      graph.advance(plain.nowMs);
      break;
    case 'look':
      // Works in what was noted so far, so that later changes meet a graph in any state.
      graph.criticalPath();
  }
}

function succeeds(act: () => void): boolean {
  try {
    act();
    return true;
  } catch (error) {
    if (error instanceof CycleError) return false;
    throw error;
  }
}

test('after any changes the graph is the one that would be built anew', () => {
  fc.assert(
    fc.property(fc.array(change, { minLength: 20, maxLength: 60 }), (steps) => {
      const graph = new TaskGraph();
      const plain = new Plain();
      graph.advance(0);
      for (const step of steps) apply(graph, plain, step);

      expect([...graph.ready()].sort()).toEqual(plain.ready());
      const anew = plain.graph();
      expect([...graph.ready()]).toEqual([...anew.ready()]);
      expect(graph.criticalPath()).toEqual(anew.criticalPath());
      expect(graph.nextTimeoutMs()).toEqual(anew.nextTimeoutMs());
      expect(graph.watchedArtifacts(app)).toEqual(anew.watchedArtifacts(app));
      for (const id of plain.open.keys()) {
        expect(graph.priority(id, plain.nowMs)).toEqual(anew.priority(id, plain.nowMs));
        expect(graph.waits(id, plain.nowMs)).toEqual(anew.waits(id, plain.nowMs));
      }
    }),
    { numRuns: 500 },
  );
});

test('a ready task has no waits in its dependencies, and one that waits is not ready', () => {
  fc.assert(
    fc.property(fc.array(change, { minLength: 20, maxLength: 60 }), (steps) => {
      const graph = new TaskGraph();
      const plain = new Plain();
      graph.advance(0);
      for (const step of steps) apply(graph, plain, step);
      const ready = new Set(graph.ready());
      for (const id of plain.open.keys()) {
        if (plain.running.has(id)) continue;
        const waits = graph.waits(id, plain.nowMs).filter((wait) => !('holder' in wait));
        expect(waits.length === 0).toBe(ready.has(id));
      }
    }),
  );
});
