import { expect, test } from 'vitest';
import { decide } from '../../../shared/decide/decide.ts';
import type { LoggedEvent } from '../../../shared/model/events.ts';
import { World } from '../../../shared/world/world.ts';
import type { WorldData } from '../../../shared/world/worldData.ts';
import { EventStore } from '../../../electron/store/store.ts';
import { createSample } from '../../../electron/node/sample/createSample.ts';
import { LiveNode } from './liveNode.ts';
import { TestClock } from './testClock.ts';
import { temporaryFolder } from '../execute/repository.ts';
import { ProjectView } from '../../../shared/model/projectApi.ts';
import { join } from 'node:path';

test('the log replays to every decision: same world, same hash, same candidates', async () => {
  const live = await LiveNode.start({ clock: new TestClock() });
  const sample = join(temporaryFolder(), 'sample');
  await createSample(sample);
  await live.call('POST', '/v1/projects', ProjectView, { path: sample });
  await live.add({
    title: 'one',
    run: 'echo 1 > 1.txt',
    scope: ['1.txt'],
    project: live.events.find((event) => event.type === 'project.added')?.body['project'] as never,
  });
  // One decision may start several tasks, so merges alone do not say how many there were.
  await live.until(() => live.of('merge.done').length >= 4 && live.of('decision.made').length > 5);
  await live.stop();

  const store = EventStore.open(live.home, null, { readOnly: true });
  const events = [...store.iterate(0)];
  expect(store.verify().problem).toBeNull();
  store.close();
  const decisions = replay(events);
  expect(decisions).toBeGreaterThan(5);
}, 120_000);

/** Decides again at each decision of the log, and compares. Returns how many there were. */
function replay(events: readonly LoggedEvent[]): number {
  let world = new World();
  let decisions = 0;
  for (const event of events) {
    const { body } = event;
    if (body.type === 'decision.made') {
      decisions += 1;
      const { latencyUs: _, ...made } = body.decision;
      const at = made.atMs;
      world.graph.advance(at);
      const again = decide(world, at, made.trigger);
      expect(plain(again.decision)).toEqual(plain(made));
      // A world that went through a snapshot decides the same.
      const restored = World.from(plain(world) as WorldData);
      restored.graph.advance(at);
      expect(plain(decide(restored, at, made.trigger).decision)).toEqual(plain(made));
      if (decisions % 3 === 0) world = restored;
    }
    world.apply(event);
  }
  return decisions;
}

function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}
