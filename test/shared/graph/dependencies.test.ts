import { expect, test } from 'vitest';
import { TaskGraph } from '../../../shared/graph/taskGraph.ts';
import { ProjectId } from '../../../shared/model/ids.ts';
import { after, app, hopesFor, MINUTE, needs, T, task, uses } from './tasks.ts';

function graphOf(...tasks: Parameters<TaskGraph['add']>[0]): TaskGraph {
  const graph = new TaskGraph();
  graph.advance(0);
  graph.add(tasks);
  return graph;
}

test('a hard dependency looks at the artifact: a task that ended without it keeps blocking', () => {
  const graph = graphOf(task(1), task(2, { dependencies: [needs('api.js', 1)] }));
  expect(graph.waits(T(2), 0)).toEqual([
    { kind: 'artifact', artifact: 'api.js', task: T(1), taskEnded: false },
  ]);
  graph.end(T(1));
  expect([...graph.ready()]).toEqual([]);
  expect(graph.waits(T(2), 0)).toEqual([
    { kind: 'artifact', artifact: 'api.js', task: T(1), taskEnded: true },
  ]);
  graph.setArtifact(app, 'api.js', true);
  expect([...graph.ready()]).toEqual([T(2)]);
});

test('a hard dependency opens while its task is still open, once the artifact is there, and closes again', () => {
  const graph = graphOf(task(1), task(2, { dependencies: [needs('api.js', 1)] }));
  graph.setArtifact(app, 'api.js', true);
  expect([...graph.ready()]).toContain(T(2));
  graph.setArtifact(app, 'api.js', false);
  expect([...graph.ready()]).toEqual([T(1)]);
});

test('an artifact counts in its own project only', () => {
  const graph = graphOf(task(1, { dependencies: [needs('api.js')] }));
  graph.setArtifact(ProjectId.parse('other'), 'api.js', true);
  expect([...graph.ready()]).toEqual([]);
  expect(graph.watchedArtifacts(app)).toEqual(['api.js']);
});

test('a soft dependency opens when the other task ends', () => {
  const graph = graphOf(task(1), task(2, { dependencies: [hopesFor(1, 10 * MINUTE)] }));
  expect(graph.waits(T(2), 0)).toEqual([
    { kind: 'soft', task: T(1), untilMs: 10 * MINUTE, fallback: 'do without T-1' },
  ]);
  graph.end(T(1));
  expect([...graph.ready()]).toEqual([T(2)]);
  expect(graph.expiredSoft(T(2), 20 * MINUTE)).toEqual([]);
});

test('a soft dependency opens at its timeout, not before, and hands out its fallback', () => {
  const soft = hopesFor(1, 10 * MINUTE);
  const graph = graphOf(task(1), task(2, { dependencies: [soft], createdAtMs: MINUTE }));
  expect(graph.nextTimeoutMs()).toBe(11 * MINUTE);
  graph.advance(11 * MINUTE - 1);
  expect([...graph.ready()]).toEqual([T(1)]);
  graph.advance(11 * MINUTE);
  expect([...graph.ready()]).toContain(T(2));
  expect(graph.expiredSoft(T(2), 11 * MINUTE)).toEqual([soft]);
  expect(graph.nextTimeoutMs()).toBeNull();
});

test('an ordering dependency opens when the other task ends, and binds again if that comes back', () => {
  const graph = graphOf(task(1), task(2, { dependencies: [after(1)] }));
  expect(graph.waits(T(2), 0)).toEqual([{ kind: 'ordering', task: T(1) }]);
  graph.end(T(1));
  expect([...graph.ready()]).toEqual([T(2)]);
  graph.add([task(1)]);
  expect([...graph.ready()]).toEqual([T(1)]);
});

test('a resource is held by the task that runs, whatever the project, and is free when it stops', () => {
  const graph = graphOf(
    task(1, { dependencies: [uses('db')] }),
    task(2, { dependencies: [uses('db')], project: ProjectId.parse('other') }),
    task(3, { dependencies: [uses('api')] }),
  );
  graph.start(T(1));
  expect(graph.waits(T(2), 0)).toEqual([{ kind: 'resource', resource: 'db', holder: T(1) }]);
  expect(graph.waits(T(3), 0)).toEqual([]);
  graph.stop(T(1));
  expect(graph.waits(T(2), 0)).toEqual([]);
});

test('a running task keeps others out of the files that it may touch', () => {
  const graph = graphOf(
    task(1, { scope: ['src/api/**'] }),
    task(2, { scope: ['src/api/users.js'] }),
    task(3, { scope: ['docs/**'] }),
    task(4, { scope: [] }),
    task(5, { scope: ['src/api/**'], exclusive: false }),
    task(6, { scope: ['src/api/**'], project: ProjectId.parse('other') }),
  );
  graph.start(T(1));
  expect(graph.waits(T(2), 0)).toEqual([{ kind: 'scope', scope: 'src/api/**', holder: T(1) }]);
  expect(graph.waits(T(4), 0)).toEqual([{ kind: 'scope', scope: 'src/api/**', holder: T(1) }]);
  for (const number of [3, 5, 6]) expect(graph.waits(T(number), 0)).toEqual([]);
});

test('of several waits the one that binds longest comes first', () => {
  const graph = graphOf(
    task(1),
    task(3),
    task(2, { dependencies: [hopesFor(3, MINUTE), after(1), needs('never.js'), uses('db')] }),
    task(4, { dependencies: [uses('db')] }),
  );
  graph.start(T(4));
  expect(graph.waits(T(2), 0).map((wait) => wait.kind)).toEqual([
    'artifact',
    'ordering',
    'soft',
    'resource',
  ]);
});

test('adding the same task twice is a conflict and adds nothing', () => {
  const graph = graphOf(task(1));
  expect(() => graph.add([task(2), task(1)])).toThrow(/T-1 was added twice/);
  expect(() => graph.add([task(3), task(3)])).toThrow(/added twice/);
  expect(graph.size).toBe(1);
});
