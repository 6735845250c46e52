import { expect, test } from 'vitest';
import { TaskSummary } from '../../../shared/model/taskApi.ts';
import { LiveNode } from './liveNode.ts';
import { TestClock } from './testClock.ts';
import { commitFiles } from '../../userGit.ts';

/** Each rail is met on the way that every task takes: added over the API, decided, dispatched, run. */

const noGeneration = { cyclesPerDay: 0 };
const note = (title: string, more = '') => ({
  title,
  run: `echo ${title} > ${title}.txt${more}`,
  scope: [`${title}.txt`],
});

test('a task that keeps failing is given up after its attempts, and the human is told', async () => {
  const live = await LiveNode.start({
    config: { limits: { ...noGeneration, attemptsPerTask: 3 } },
    clock: new TestClock(50),
  });
  const [task] = await live.add({ title: 'never', run: 'echo no luck; exit 3' });
  await live.until(() => live.of('task.failed').length > 0);
  expect(live.of('attempt.failed')).toHaveLength(3);
  expect(live.of('task.failed')[0]).toMatchObject({
    task: task?.id,
    attempts: 3,
    failure: { class: 'missing-context' },
  });
  expect(live.of('limit.reached')).toContainEqual(
    expect.objectContaining({ limit: 'attemptsPerTask', subject: task?.id, value: 3, max: 3 }),
  );
  const status = await live.status();
  expect(status.attention.join()).toContain(task?.id);
  expect(status.limits).toContainEqual(
    expect.objectContaining({ limit: 'attemptsPerTask', hits: 1 }),
  );
  // What the next attempt was told is the end of the output.
  expect(live.of('attempt.failed')[0]?.report).toContain('no luck');
  const again = await live.call('POST', `/v1/tasks/${task?.id}/retry`, TaskSummary);
  expect(again.status).toBe('open');
  await live.until(() => live.of('task.failed').length > 1);
  expect(live.of('attempt.failed')).toHaveLength(6);
});

test('no more tasks start in an hour than allowed, the wait names that limit, and it frees itself', async () => {
  const clock = new TestClock();
  const live = await LiveNode.start({
    config: { limits: { ...noGeneration, cheapTasksPerHour: 3 } },
    clock,
  });
  const tasks = await live.add(...['a', 'b', 'c', 'd', 'e'].map((title) => note(title)));
  await live.until(() => live.of('limit.reached').length > 0);
  await live.until(() => live.of('merge.done').length >= 3);
  expect(live.of('task.dispatched')).toHaveLength(3);
  expect(live.of('limit.reached')[0]).toMatchObject({
    limit: 'cheapTasksPerHour',
    value: 3,
    max: 3,
  });
  const held = tasks.find((task) =>
    live.of('task.dispatched').every((dispatched) => dispatched.task !== task.id),
  );
  const { dispatch } = await live.explain(held?.id ?? '');
  expect(dispatch.waits[0]).toMatchObject({ kind: 'limit' });
  expect(dispatch.waits[0]?.text).toContain('cheapTasksPerHour');
  expect(dispatch.waits[0]?.untilMs).not.toBeNull();
  // No word of a human ends a limit.
  expect(await live.status()).toMatchObject({ state: 'parked', resumable: false });

  clock.forward(3_620_000);
  await live.until(() => live.of('merge.done').length === 5);
  const times = live.events
    .filter((event) => event.type === 'task.dispatched')
    .map((event) => event.atMs);
  expect((times[3] ?? 0) - (times[0] ?? 0)).toBeGreaterThan(3_590_000);
  expect(live.of('limit.cleared')).toContainEqual(
    expect.objectContaining({ limit: 'cheapTasksPerHour' }),
  );
});

test('work is looked for no more often in a day than allowed', async () => {
  const live = await LiveNode.start({
    config: { limits: { cyclesPerDay: 2 } },
    clock: new TestClock(200),
  });
  await live.until(() => live.of('cycle.finished').length === 1);
  // Each change of the tree is a reason to look again; the third is one too many.
  commitFiles(live.repository, { 'b.txt': 'two\n' });
  await live.until(() => live.of('cycle.finished').length === 2);
  commitFiles(live.repository, { 'c.txt': 'three\n' });
  await live.until(() => live.of('limit.reached').some((limit) => limit.limit === 'cyclesPerDay'));
  await live.idle();
  expect(live.of('cycle.started')).toHaveLength(2);
  expect(live.of('limit.reached')[0]).toMatchObject({ limit: 'cyclesPerDay', value: 2, max: 2 });
});

test('builds pause when most of the last ten attempts failed, and go on when the time is up', async () => {
  const clock = new TestClock();
  const live = await LiveNode.start({
    config: { limits: { ...noGeneration, attemptsPerTask: 1, pauseMs: 600_000 } },
    clock,
  });
  await live.add(
    ...Array.from({ length: 12 }, (_, i) => ({ title: `broken ${i}`, run: 'exit 1' })),
  );
  await live.until(() => live.of('builds.paused').length > 0);
  expect(live.of('attempt.failed').length).toBe(10);
  expect(live.of('builds.paused')[0]).toMatchObject({
    by: 'engine',
    reason: '100 % of the last ten attempts failed',
  });
  expect(await live.status()).toMatchObject({ state: 'parked', resumable: true });
  expect((await live.explain('T-12')).dispatch.waits[0]?.kind).toBe('paused');
  clock.forward(610_000);
  await live.until(() => live.of('attempt.failed').length === 12);
  expect(live.of('builds.resumed')[0]).toMatchObject({ by: 'engine' });
});

test('a task that brings its node down again and again is parked', async () => {
  const live = await LiveNode.start({
    config: { limits: { ...noGeneration, interruptionsPerTask: 2 } },
  });
  const [task] = await live.add({ title: 'long', run: 'sleep 600' });
  for (let round = 1; round <= 2; round++) {
    await live.until(() => live.of('attempt.started').length === round);
    await live.stop();
    await live.run();
  }
  await live.until(() => live.of('task.failed').length === 1);
  expect(live.of('limit.reached')).toContainEqual(
    expect.objectContaining({ limit: 'interruptionsPerTask', subject: task?.id, value: 2 }),
  );
  expect(live.of('attempt.started')).toHaveLength(2);
});

test('what a human rejected is not proposed again before its cooling period is over', async () => {
  const gap = {
    'package.json':
      '{ "name": "x", "private": true, "type": "module", "exports": "./a.js", "license": "MIT", "engines": { "node": ">=20" } }\n',
    'a.js': "import { join } from 'node:path';\nexport const a = 1;\n",
  };
  const days = 86_400_000;
  const live = await LiveNode.start({
    files: { ...gap, 'vigil.yaml': 'test: "true"\nreview: true\n' },
    config: { limits: { cooldownMs: 10 * days } },
  });
  const again = async (n: number) => {
    const cycles = live.of('cycle.finished').length;
    commitFiles(live.repository, { 'n.txt': `${n}\n` });
    live.clock.forward(60_000);
    await live.until(() => live.of('cycle.finished').length > cycles);
    return live.of('cycle.finished').at(-1);
  };
  const proposals = () =>
    live
      .of('task.added')
      .flatMap(({ task, spec }) =>
        spec.origin.kind === 'gap' && spec.origin.detector === 'unused-imports'
          ? [{ task, fingerprint: spec.origin.fingerprint }]
          : [],
      );
  await live.until(() =>
    live.of('attempt.passed').some(({ task }) => task === proposals()[0]?.task),
  );
  const [first] = proposals();

  // It waits for its human, however long that takes, and nobody proposes it a second time.
  live.clock.forward(9 * days);
  await again(1);
  expect((await live.status()).counts.review).toBeGreaterThan(0);
  expect(proposals()).toHaveLength(1);

  await live.call('POST', `/v1/reviews/${first?.task}`, TaskSummary, {
    answer: 'rejected',
    reason: 'we like it',
  });
  live.clock.forward(9 * days);
  const cooling = await again(2);
  expect(cooling?.dropped).toContainEqual({
    fingerprint: first?.fingerprint,
    reason: 'was rejected less than 10 days ago',
  });
  expect(proposals()).toHaveLength(1);

  live.clock.forward(2 * days);
  await again(3);
  expect(proposals()).toHaveLength(2);
});

test('a batch is no larger than allowed, and no more batches are open at once', async () => {
  const unused = Object.fromEntries(
    ['a', 'b', 'c'].map((name) => [
      `${name}.js`,
      `import { join } from 'node:path';\nexport const ${name} = 1;\n`,
    ]),
  );
  const live = await LiveNode.start({
    files: {
      ...unused,
      'package.json': '{ "name": "x", "private": true, "type": "module" }\n',
      'index.js': "export * from './a.js';\nexport * from './b.js';\nexport * from './c.js';\n",
      'vigil.yaml': 'test: "true"\nreview: true\n',
    },
    config: { limits: { tasksPerCycle: 1, openInitiatives: 1 } },
  });
  await live.until(() => live.of('attempt.passed').length === 1);
  await live.until(() => live.of('limit.reached').length > 0);
  expect(live.of('limit.reached')[0]).toMatchObject({ limit: 'openInitiatives', value: 1, max: 1 });
  await live.idle();
  expect(live.of('cycle.started')).toHaveLength(1);
  expect(live.of('task.added')).toHaveLength(1);
  // The human's answer ends the batch, and the next one may begin.
  const [first] = live.of('task.added');
  await live.call('POST', `/v1/reviews/${first?.task}`, TaskSummary, { answer: 'approved' });
  await live.until(() => live.of('task.added').length === 2);
  expect(live.of('limit.cleared')).toContainEqual(
    expect.objectContaining({ limit: 'openInitiatives' }),
  );
});

test('an idle node logs nothing, however long it is left alone', async () => {
  const live = await LiveNode.start({ clock: new TestClock(1000) });
  await live.until(() => live.of('cycle.finished').length === 1);
  await live.idle();
  const seen = live.events.length;
  // Forty simulated minutes: eighty safety ticks.
  await new Promise((resolve) => setTimeout(resolve, 2_400));
  expect(live.events.slice(seen).map((event) => event.type)).toEqual([]);
  expect((await live.status()).state).toBe('idle');
});
