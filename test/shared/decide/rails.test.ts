import { expect, test } from 'vitest';
import { nextChangeMs } from '../../../shared/decide/nextChange.ts';
import { Limits } from '../../../shared/model/config.ts';
import { LEFT_FOR_LATER } from '../../../shared/policy/propose.ts';
import { attemptLimit, backoffUntilMs, countedAttempts } from '../../../shared/world/status.ts';
import { app, commit, mac, MINUTE, Site, START_MS, T } from './site.ts';

const HOUR = 60 * MINUTE;

function manyTasks(site: Site, count: number): Site {
  for (let number = 1; number <= count; number += 1) site.task(number);
  return site;
}

/** Starts and ends tasks until nothing more starts; how many that were. */
function runDry(site: Site): number {
  let count = 0;
  for (let started = site.start(); started.length > 0; started = site.start()) {
    for (const id of started) site.passed(Number(id.slice(2)));
    count += started.length;
  }
  return count;
}

test('no more tasks start in an hour than the limit allows, and the rail says until when', () => {
  const site = manyTasks(Site.with({ cheap: 2, limits: { cheapTasksPerHour: 5 } }), 9);
  expect(runDry(site)).toBe(5);
  const [rail] = site.decide().rails;
  expect(rail).toMatchObject({ limit: 'cheapTasksPerHour', subject: mac, value: 5, max: 5 });
  const untilMs = rail?.untilMs ?? 0;
  expect(untilMs).toBeGreaterThanOrEqual(START_MS + HOUR);
  site.add({
    type: 'limit.reached',
    limit: 'cheapTasksPerHour',
    subject: mac,
    value: 5,
    max: 5,
    untilMs,
  });
  expect(nextChangeMs(site.world, site.nowMs)).toBe(untilMs);
  site.wait(untilMs - site.nowMs - 1);
  expect(site.start()).toEqual([]);
  site.wait(1);
  expect(runDry(site)).toBe(4);
});

test('one decision does not step over the limit either', () => {
  const site = manyTasks(Site.with({ cheap: 8, limits: { cheapTasksPerHour: 3 } }), 8);
  expect(site.start()).toHaveLength(3);
});

test('the limits of agents and of cheap tasks are apart', () => {
  const site = Site.with({
    cheap: 4,
    agent: 4,
    capabilities: ['agent'],
    limits: { agentTasksPerHour: 1 },
  });
  for (const number of [1, 2]) site.task(number, { executor: { kind: 'agent' } });
  manyTasks(site.task(3), 0).task(4);
  expect(site.start()).toHaveLength(3);
  expect(site.decide().rails).toMatchObject([{ limit: 'agentTasksPerHour' }]);
});

test('a limit of 0 holds for good: no time is promised', () => {
  const site = manyTasks(Site.with({ limits: { cheapTasksPerHour: 0 } }), 1);
  expect(site.decide()).toMatchObject({ dispatches: [], rails: [{ max: 0, untilMs: null }] });
});

test('no rail is reported while nothing wants what it holds', () => {
  expect(Site.with({ limits: { cheapTasksPerHour: 0 } }).decide().rails).toEqual([]);
});

test('work is looked for no more often in a day than the limit allows', () => {
  const site = Site.with({ limits: { cyclesPerDay: 2 } });
  for (let cycle = 1; cycle <= 2; cycle += 1) {
    expect(site.decide().generate).toEqual([app]);
    site.add({ type: 'cycle.started', project: app, cycle, trigger: 'test' });
    const dropped = [{ fingerprint: 'f', reason: LEFT_FOR_LATER }];
    site.add({
      type: 'cycle.finished',
      project: app,
      cycle,
      commit,
      found: 1,
      proposed: [],
      dropped,
      closed: [],
      troubles: [],
      durationMs: 1,
    });
  }
  const { generate, rails, decision } = site.decide();
  expect(generate).toEqual([]);
  expect(rails).toMatchObject([{ limit: 'cyclesPerDay', subject: app, value: 2, max: 2 }]);
  expect(decision.candidates).toMatchObject([
    { action: { kind: 'generate' }, selected: false, reason: 'cyclesPerDay is 2 of 2' },
  ]);
  site.wait(25 * HOUR);
  expect(site.decide().generate).toEqual([app]);
});

test('work is not looked for while enough generated work is open', () => {
  const site = Site.with({ limits: { openInitiatives: 1 } });
  const origin = {
    kind: 'gap' as const,
    detector: 'd',
    fingerprint: 'f',
    evidence: '',
    cycle: 1,
    score: 1,
  };
  site.task(1, { origin, capabilities: ['xcode'] });
  expect(site.decide()).toMatchObject({
    generate: [],
    rails: [{ limit: 'openInitiatives', value: 1, max: 1 }],
  });
});

test('builds pause when too many of the last ten attempts failed, and go on when the time is up', () => {
  const site = manyTasks(
    Site.with({ cheap: 1, limits: { pauseAtFailureRate: 0.8, pauseMs: 10 * MINUTE } }),
    12,
  );
  for (let number = 1; number <= 2; number += 1) {
    site.start();
    site.passed(number);
  }
  for (let at = 0; at < 8; at += 1) {
    expect(site.decide().pause).toBeNull();
    const [id] = site.start();
    site.failed(Number(id?.slice(2)));
  }
  const { pause, decision } = site.decide();
  expect(pause).toMatchObject({
    kind: 'pause',
    reason: '80 % of the last ten attempts failed',
    untilMs: site.nowMs + 10 * MINUTE,
  });
  expect(decision.candidates).toContainEqual(
    expect.objectContaining({ action: { kind: 'pause-builds' }, selected: true }),
  );

  site.add({
    type: 'builds.paused',
    by: 'engine',
    who: 'engine',
    reason: 'failures',
    untilMs: pause?.untilMs ?? null,
  });
  expect(site.decide()).toMatchObject({ dispatches: [], generate: [], pause: null });
  expect(nextChangeMs(site.world, site.nowMs)).not.toBeNull();
  site.wait(10 * MINUTE);
  expect(site.decide().pause).toMatchObject({ kind: 'resume' });
  site.add({ type: 'builds.resumed', by: 'engine', who: 'engine', reason: 'over' });
  expect(site.decide().pause).toBeNull();
  expect(site.start()).toHaveLength(1);
});

test("a human's pause ends only by a human", () => {
  const site = manyTasks(Site.with(), 1).add({
    type: 'builds.paused',
    by: 'human',
    who: 'alex',
    reason: 'lunch',
    untilMs: null,
  });
  site.wait(100 * HOUR);
  expect(site.decide()).toMatchObject({ dispatches: [], generate: [], pause: null });
});

test('attempts that the node interrupted do not count against the limit, and a human can grant more', () => {
  const site = Site.with().task(1, { maxAttempts: 2 });
  site.start();
  site.failed(1, true);
  site.start();
  site.failed(1);
  const task = site.world.tasks.get(T(1));
  if (!task) throw new Error('the task is gone');
  expect(task.attempts).toHaveLength(2);
  expect(countedAttempts(task)).toBe(1);
  expect(attemptLimit(task, Limits.parse({}))).toBe(2);
  expect(attemptLimit({ ...task, grantedAttempts: 3 }, Limits.parse({}))).toBe(5);
});

test('a retry waits longer after each failure, at most five minutes', () => {
  const site = Site.with().task(1);
  const waits: number[] = [];
  for (let attempt = 1; attempt <= 10; attempt += 1) {
    expect(site.start()).toEqual([T(1)]);
    site.failed(1);
    expect(site.start()).toEqual([]);
    const task = site.world.tasks.get(T(1));
    const untilMs = task ? backoffUntilMs(task, site.nowMs) : 0;
    waits.push((untilMs - site.nowMs) / 1_000);
    expect(nextChangeMs(site.world, site.nowMs)).toBe(untilMs);
    site.wait(untilMs - site.nowMs);
    if (site.decide().pause)
      site.add({ type: 'builds.resumed', by: 'human', who: 'alex', reason: '' });
  }
  expect(waits).toEqual([2, 4, 8, 16, 32, 64, 128, 256, 300, 300]);
});

test('as confidence falls only smaller tasks start, on fewer slots, then none, and time brings it back', () => {
  const site = Site.with({ cheap: 4 });
  for (const number of [1, 2, 3, 4]) site.task(number, { estimateMs: 3 * HOUR, type: 'research' });
  for (const number of [5, 6, 7, 8]) site.task(number, { estimateMs: 5 * MINUTE });
  expect(site.decide().dispatches.map(({ task }) => task)).toEqual([1, 2, 3, 4].map(T));

  site.surprised(5);
  const cautious = site.decide();
  expect(cautious.decision.autonomy).toBe('cautious');
  const started = cautious.dispatches.map(({ task }) => task);
  expect(started.length).toBeGreaterThan(0);
  expect(started.length).toBeLessThan(4);
  for (const id of started) expect([5, 6, 7, 8].map(T)).toContain(id);

  site.surprised(3);
  expect(site.decide().dispatches).toHaveLength(1);

  site.surprised(4);
  expect(site.decide()).toMatchObject({
    dispatches: [],
    generate: [],
    decision: { autonomy: 'paused' },
  });

  site.wait(24 * HOUR);
  expect(site.decide().decision.autonomy).toBe('full');
  expect(site.decide().dispatches).toHaveLength(4);
});
