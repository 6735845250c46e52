import { expect, test } from 'vitest';
import { waitsOf } from '../../../shared/decide/waiting.ts';
import { NodeId } from '../../../shared/model/ids.ts';
import { after, app, commit, mac, MINUTE, Site, T } from './site.ts';

/** The kinds of what holds the task, the one that truly binds first. */
function holds(site: Site, number: number): string[] {
  const task = site.world.tasks.get(T(number));
  if (!task) throw new Error(`T-${number} is not open`);
  site.world.graph.advance(site.nowMs);
  return waitsOf(site.world, task, site.nowMs).map(({ kind }) => kind);
}

test('a task that the next decision starts, or that runs, waits for nothing', () => {
  const site = Site.with().task(1);
  expect(holds(site, 1)).toEqual([]);
  expect(site.start()).toEqual([T(1)]);
  expect(holds(site, 1)).toEqual([]);
});

test('a full node is named only when nothing else holds the task for longer', () => {
  const site = Site.with()
    .task(1)
    .task(2)
    .task(3, { dependencies: [after(2)] });
  site.start();
  expect(site.world.graph.runningCount).toBe(1);
  expect(holds(site, 1)).toEqual(['slot']);
  expect(holds(site, 3)).toEqual(['ordering', 'slot']);
});

test('the hourly limit binds before the slot that it keeps empty', () => {
  const site = Site.with({ cheap: 1, limits: { cheapTasksPerHour: 1 } })
    .task(1)
    .task(2);
  site.start();
  expect(holds(site, 2)).toEqual(['limit', 'slot']);
  site.passed(1);
  expect(holds(site, 2)).toEqual(['limit']);
});

test('a missing label, no agent, a node that is down: each is said as it is', () => {
  const site = Site.with({ capabilities: ['docker'] });
  site.task(1, { capabilities: ['docker', 'xcode'] }).task(2, { executor: { kind: 'agent' } });
  const waits = waitsOf(site.world, site.world.tasks.get(T(1))!, site.nowMs);
  expect(waits[0]?.text).toContain('xcode');
  expect(waits[0]?.text).not.toContain('docker');
  expect(holds(site, 2)).toEqual(['agent']);
  site.node(NodeId.parse('box'), { capabilities: ['agent'] });
  expect(holds(site, 2)).toEqual([]);
  site.add({ type: 'node.stopped', node: NodeId.parse('box'), reason: '' });
  expect(holds(site, 2)).toEqual(['agent']);
  site.add({ type: 'node.stopped', node: mac, reason: '' });
  expect(holds(site, 2)).toEqual(['node']);
});

test('a project in trouble outranks everything that its tasks wait for besides', () => {
  const site = Site.with()
    .task(1)
    .task(2, { dependencies: [after(1)] });
  site.add({
    type: 'project.troubled',
    project: app,
    reason: 'the branches conflict',
    help: 'merge them',
  });
  expect(holds(site, 1)).toEqual(['project']);
  expect(holds(site, 2)).toEqual(['project', 'ordering']);
  expect(site.decide().dispatches).toEqual([]);
  site.add({ type: 'project.recovered', project: app });
  expect(holds(site, 1)).toEqual([]);
});

test('an artifact that no open task will make outranks one that will come', () => {
  const hard = (artifact: string, number: number) => ({
    type: 'hard' as const,
    artifact,
    task: T(number),
  });
  const site = Site.with({ cheap: 2 })
    .task(1)
    .task(2)
    .task(3, { dependencies: [hard('a.js', 1), hard('b.js', 2)] });
  site.start();
  site.passed(2);
  const [first] = waitsOf(site.world, site.world.tasks.get(T(3))!, site.nowMs);
  expect(first?.text).toContain('b.js');
  for (const artifact of ['a.js', 'b.js'])
    site.add({ type: 'artifact.observed', project: app, artifact, exists: true, commit });
  expect(holds(site, 3)).toEqual([]);
});

test('a pause, a backoff and low confidence are named', () => {
  const site = Site.with().task(1);
  site.start();
  site.failed(1);
  expect(holds(site, 1)).toEqual(['backoff']);
  site.surprised(12);
  expect(holds(site, 1)).toEqual(expect.arrayContaining(['autonomy', 'backoff']));
  site.add({ type: 'builds.paused', by: 'human', who: 'alex', reason: 'lunch', untilMs: null });
  expect(holds(site, 1)[0]).toBe('paused');
});

test('the files that a running task may touch are named with their holder', () => {
  const site = Site.with({ cheap: 2 })
    .task(1, { scope: ['src/**'] })
    .task(2, { scope: ['src/a.js'] });
  site.start();
  const [wait] = waitsOf(site.world, site.world.tasks.get(T(2))!, site.nowMs);
  expect(wait).toMatchObject({ kind: 'scope', task: T(1) });
  site.wait(MINUTE).passed(1);
  expect(site.start()).toEqual([T(2)]);
});

test('what has no reason to wait is what the next decision starts', () => {
  const site = Site.with({ cheap: 8, limits: { cheapTasksPerHour: 50 } });
  site
    .task(1)
    .task(2, { dependencies: [after(1)] })
    .task(3, { capabilities: ['gpu'] })
    .task(4, { weight: 2 });
  const free = [1, 2, 3, 4].filter((number) => holds(site, number).length === 0).map(T);
  expect([...site.start()].sort()).toEqual(free);
  expect(site.world.nodes.get(mac)?.used.cheap).toBe(free.length);
});
