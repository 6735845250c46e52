import { expect, test } from 'vitest';
import { queueOf } from '../../../../electron/node/views/queue.ts';
import { waitsOf } from '../../../../shared/decide/waiting.ts';
import { after, Site } from '../../../shared/decide/site.ts';

/** One runs, two wait for its slot, and the others for something that is not a slot. */
function site(): Site {
  const made = Site.with().task(1).task(2).task(3);
  made.start();
  return made
    .task(4, { dependencies: [after(2)] })
    .task(5, { executor: { kind: 'agent' } })
    .task(6, { capabilities: ['xcode'] });
}

test('only what a busy slot holds is ready, and every row names what truly binds', () => {
  const { world, nowMs } = site();
  const view = queueOf(world, nowMs);
  expect(view.totals).toEqual({ running: 1, ready: 2, review: 0, waiting: 3 });
  expect(view.ready.map(({ waiting }) => waiting?.kind)).toEqual(['slot', 'slot']);
  for (const { id, waiting } of [...view.ready, ...view.waiting, ...view.running]) {
    const task = world.tasks.get(id);
    expect(waiting).toEqual((task && waitsOf(world, task, nowMs)[0]) ?? null);
  }
});

test('fewer rows are the first ones, with the totals of all', () => {
  const { world, nowMs } = site();
  const all = queueOf(world, nowMs);
  const first = queueOf(world, nowMs, { limit: 1 });
  expect(first.totals).toEqual(all.totals);
  for (const part of ['running', 'ready', 'waiting'] as const)
    expect(first[part]).toEqual(all[part].slice(0, 1));
});

test('a text is looked for in the words of the wait too', () => {
  const { world, nowMs } = site();
  const found = queueOf(world, nowMs, { text: 'XCODE', limit: 1 });
  expect(found.totals).toEqual({ running: 0, ready: 0, review: 0, waiting: 1 });
  expect(found.waiting.map(({ id }) => id)).toEqual(['T-6']);
});
