import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decide } from '../../../shared/decide/decide.ts';
import { NodeId } from '../../../shared/model/ids.ts';
import { World } from '../../../shared/world/world.ts';
import { after, commit, MINUTE, Site, T } from './site.ts';

test('what is ready starts on the free slots, longest remaining path first', () => {
  const site = Site.with({ cheap: 2 });
  site
    .task(1)
    .task(2, { estimateMs: 5 * MINUTE })
    .task(3)
    .task(4, { dependencies: [after(3)], estimateMs: 9 * MINUTE });
  expect(site.start()).toEqual([T(3), T(2)]);
  expect(site.start()).toEqual([]);
  site.passed(2);
  expect(site.start()).toEqual([T(1)]);
});

test('every candidate keeps its score and its reason, the passed-over ones too', () => {
  const site = Site.with({ cheap: 2 }).node(NodeId.parse('box'), { cheap: 1 });
  site
    .task(1, { scope: ['src/**'] })
    .task(2, { scope: ['src/a.js'] })
    .task(3, { executor: { kind: 'agent' } });
  const { decision, dispatches } = site.decide();
  expect(dispatches.map(({ task }) => task)).toEqual([T(1)]);
  const of = (number: number) =>
    decision.candidates.filter(
      ({ action }) => action.kind === 'dispatch' && action.task === T(number),
    );
  expect(of(1).map(({ selected }) => selected)).toEqual([true, false]);
  expect(of(1)[1]?.reason).toBe('box scores higher');
  expect(of(2)).toMatchObject([{ selected: false, reason: 'held: scope of T-1' }]);
  expect(of(3)).toMatchObject([{ selected: false }]);
  for (const { score, pSuccess, value, cost, reason } of decision.candidates) {
    expect(score).toBeCloseTo(pSuccess * value - (1 - pSuccess) * cost, 9);
    expect(reason).not.toBe('');
  }
  expect(decision).toMatchObject({
    openTasks: 3,
    readyTasks: 3,
    freeSlots: 3,
    trigger: 'test',
    worldHash: site.world.head,
  });
});

test('candidates are selected ones first, and what was left out is counted', () => {
  const site = Site.with({ cheap: 1 });
  for (let number = 1; number <= 40; number += 1) site.task(number);
  const { candidates, omitted } = site.decide().decision;
  expect(candidates[0]?.selected).toBe(true);
  expect(candidates).toHaveLength(13);
  expect(omitted).toBe(27);
});

test('two tasks that use one resource are not picked together', () => {
  const uses = { dependencies: [{ type: 'resource' as const, resource: 'db' }] };
  const site = Site.with({ cheap: 3 }).task(1, uses).task(2, uses).task(3);
  expect(site.start()).toEqual([T(1), T(3)]);
});

test('the node that shows more skill gets the task', () => {
  const box = NodeId.parse('box');
  const site = Site.with({ cheap: 1 }).node(box, { cheap: 1 });
  site.task(1).task(2);
  const on = (number: number) => site.world.tasks.get(T(number))?.assignment?.node;
  site.start();
  const [failing, other] = on(1) === box ? [1, 2] : [2, 1];
  site
    .failed(failing)
    .passed(other)
    .add({
      type: 'task.cancelled',
      task: T(failing),
      project: site.world.tasks.get(T(failing))!.spec.project,
      who: 'alex',
      reason: '',
    });
  site.task(3);
  expect(site.decide().dispatches[0]?.node).not.toBe(box);
});

test('a soft dependency that timed out hands its fallback to the dispatch', () => {
  const site = Site.with({ cheap: 1 }).task(1, { capabilities: ['xcode'] });
  site.task(2, {
    dependencies: [{ type: 'soft', task: T(1), timeoutMs: MINUTE, fallback: 'mock it' }],
  });
  expect(site.decide().dispatches).toEqual([]);
  site.wait(MINUTE);
  expect(site.decide().dispatches).toMatchObject([{ task: T(2), fallbacks: ['mock it'] }]);
});

test('a dispatch may take twice its estimate, and its estimate is learned', () => {
  const site = Site.with({ cheap: 1 }).task(1);
  expect(site.decide().dispatches).toMatchObject([{ estimateMs: MINUTE, timeoutMs: 2 * MINUTE }]);
  for (let number = 1; number <= 4; number += 1) {
    if (number > 1) site.task(number);
    site.start();
    site.passed(number, 10 * MINUTE);
  }
  site.task(9);
  expect(site.decide().dispatches).toMatchObject([
    { estimateMs: 10 * MINUTE, timeoutMs: 20 * MINUTE },
  ]);
});

test('an idle engine looks for work only in code that has changed since it was last read', () => {
  const site = Site.with();
  expect(site.decide().generate).toHaveLength(1);
  site.task(1);
  expect(site.decide().generate).toEqual([]);
  site.start();
  site.passed(1);
  const [project] = site.decide().generate;
  if (!project) throw new Error('no project is read');
  site.add({ type: 'cycle.started', project, cycle: 1, trigger: 'test' });
  expect(site.decide().generate).toEqual([]);
  const nothing = { found: 0, proposed: [], dropped: [], closed: [], troubles: [], durationMs: 1 };
  site.add({ type: 'cycle.finished', project, cycle: 1, commit, ...nothing });
  expect(site.decide().generate).toEqual([]);
});

/** Some story of tasks that are added, started and ended. */
const story = fc.array(
  fc.oneof(
    fc.record({
      do: fc.constant('add' as const),
      waitsFor: fc.nat(5),
      minutes: fc.integer({ min: 1, max: 9 }),
    }),
    fc.record({ do: fc.constant('start' as const) }),
    fc.record({
      do: fc.constantFrom('passed' as const, 'failed' as const),
      minutes: fc.integer({ min: 1, max: 9 }),
    }),
    fc.record({ do: fc.constant('wait' as const), minutes: fc.integer({ min: 1, max: 20 }) }),
  ),
  { minLength: 10, maxLength: 40 },
);

function live(site: Site, steps: typeof story extends fc.Arbitrary<infer S> ? S : never): void {
  let last = 0;
  const running: number[] = [];
  for (const step of steps) {
    if (step.do === 'add') {
      last += 1;
      const dependencies =
        step.waitsFor > 0 && step.waitsFor < last ? [after(last - step.waitsFor)] : [];
      site.task(last, { dependencies, estimateMs: step.minutes * MINUTE });
    } else if (step.do === 'start') {
      running.push(...site.start().map((id) => Number(id.slice(2))));
    } else if (step.do === 'wait') {
      site.wait(step.minutes * MINUTE);
    } else {
      const number = running.shift();
      if (number === undefined) continue;
      if (step.do === 'passed') site.passed(number, step.minutes * MINUTE);
      else site.failed(number);
    }
  }
}

test('the same world decides the same: twice, from a replay of the log, and from a snapshot', () => {
  fc.assert(
    fc.property(story, (steps) => {
      const site = Site.with({ cheap: 2 });
      live(site, steps);
      const plan = site.decide();
      expect(site.decide()).toEqual(plan);

      const replayed = new World();
      for (const event of site.events) replayed.apply(event);
      replayed.graph.advance(site.nowMs);
      expect(decide(replayed, site.nowMs, 'test')).toEqual(plan);

      const restored = World.from(
        JSON.parse(JSON.stringify(site.world)) as ReturnType<World['toJSON']>,
      );
      restored.graph.advance(site.nowMs);
      expect(decide(restored, site.nowMs, 'test')).toEqual(plan);
      expect(plan.decision.worldHash).toBe(`hash-${site.events.length}`);
    }),
    { numRuns: 150 },
  );
});

test('whatever happened: no slot is taken twice, nothing starts before its dependencies, no free slot is left to a task that could start', () => {
  fc.assert(
    fc.property(story, (steps) => {
      const site = Site.with({ cheap: 2 });
      live(site, steps);
      const { dispatches } = site.decide();
      const busy = site.world.graph.runningCount;
      expect(busy + dispatches.length).toBeLessThanOrEqual(2);
      for (const { task } of dispatches)
        expect(site.world.graph.waits(task, site.nowMs)).toEqual([]);
    }),
    { numRuns: 150 },
  );
});
