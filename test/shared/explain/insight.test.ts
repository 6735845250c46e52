import { expect, test } from 'vitest';
import { estimatesOf } from '../../../shared/explain/estimates.ts';
import { emptyInsight, foldInsight, viewInsight } from '../../../shared/explain/insight.ts';
import { nodeSeries } from '../../../shared/explain/nodeSeries.ts';
import { spending } from '../../../shared/explain/spending.ts';
import { AgentRole, ProviderId } from '../../../shared/model/agent.ts';
import { taskId } from '../../../shared/model/ids.ts';
import { FIT } from '../../../shared/model/senses.ts';
import { app, Log, mac, MINUTE, SECOND, START_MS } from './log.ts';

function insightOf(log: Log, untilMs = log.nowMs) {
  const state = emptyInsight(START_MS, untilMs);
  for (const event of log.events) foldInsight(state, event, () => 'command cleanup');
  return viewInsight(state, { slots: new Map([[mac, 2]]), kinds: [] });
}

function checked(log: Log, number: number, expectedMs: number, actualMs: number, success = true) {
  return log.add({
    type: 'prediction.checked',
    task: taskId(number),
    project: app,
    attempt: 1,
    expected: { pSuccess: 0.8, durationMs: expectedMs },
    actual: { success, durationMs: actualMs },
    held: success,
    finding: '',
    confidence: 0.8,
  });
}

function called(log: Log, number: number, costUsd: number | null) {
  return log.add({
    type: 'call.settled',
    call: `c-${log.events.length}`,
    task: taskId(number),
    project: app,
    attempt: 1,
    category: 'coding',
    role: AgentRole.parse('writer'),
    target: { provider: ProviderId.parse('p'), model: 'm' },
    billing: costUsd === null ? 'subscription' : 'metered',
    outcome: 'ok',
    usage: { input: 10, output: 5, cacheRead: 0, cacheWrite: 0 },
    costUsd,
    estimated: false,
    detail: '',
    latencyMs: 1,
    firstByteMs: 1,
    retries: 0,
  });
}

test('the error of estimates is how many times too long or too short, either way alike', () => {
  const of = (expectedMs: number, actualMs: number) => ({ kind: null, expectedMs, actualMs });
  expect(
    estimatesOf([of(10 * SECOND, 20 * SECOND), of(20 * SECOND, 10 * SECOND), of(SECOND, SECOND)]),
  ).toEqual({ count: 3, within: 2 / 3, factor: 2 });
  expect(estimatesOf([])).toEqual({ count: 0, within: null, factor: null });
});

test('a failure teaches nothing of durations, and counts as a prediction', () => {
  const log = new Log().added(1);
  checked(log, 1, 10 * SECOND, 40 * SECOND);
  checked(log, 1, 10 * SECOND, 1 * SECOND, false);
  const { estimates, predictions } = insightOf(log.wait(MINUTE));
  expect(estimates).toMatchObject({ count: 1, factor: 4, within: 0 });
  expect(estimates.byKind).toEqual([{ kind: 'command cleanup', count: 1, factor: 4, within: 0 }]);
  expect(predictions).toMatchObject({ count: 2, held: 1, expected: 0.8, succeeded: 0.5 });
});

test('a node is as busy as its attempts took, also those that still run', () => {
  const log = new Log().added(1).added(2).started(1).wait(MINUTE).passed(1, 1, MINUTE);
  log.started(2).wait(MINUTE);
  expect(insightOf(log).nodes).toEqual([
    {
      node: mac,
      busyMs: 2 * MINUTE,
      slots: 2,
      utilisation: 0.5,
      passed: 1,
      failed: 0,
      interrupted: 0,
    },
  ]);
});

test('the trend puts what happened into its part of the period; money that nobody knows stays unknown', () => {
  const log = new Log().added(1).started(1).wait(MINUTE).passed(1, 1, MINUTE).merged(1);
  called(log, 1, null);
  log.wait(22 * MINUTE);
  called(log, 1, 0.5);
  log.wait(MINUTE);
  const { trend } = insightOf(log);
  expect(trend).toHaveLength(24);
  expect(trend[1]).toMatchObject({
    attempts: 1,
    passed: 1,
    merged: 1,
    meanQuality: 0.93,
    usd: null,
  });
  expect(trend[23]).toMatchObject({ attempts: 0, meanQuality: null, usd: 0.5 });
});

test('spending is told by day and by task, the dearest first, without other months', () => {
  const log = new Log();
  log.nowMs = Date.UTC(2026, 9, 31, 23);
  called(log, 1, 9);
  log.nowMs = Date.UTC(2026, 10, 2, 1);
  called(log, 1, 1);
  called(log, 2, 3);
  called(log, 3, null);
  log.nowMs = Date.UTC(2026, 10, 3, 1);
  const view = spending(log.events, log.nowMs, (task) => `title of ${task}`);
  expect(view.days.map(({ day, usd, unpriced }) => [day, usd, unpriced])).toEqual([
    ['2026-11-01', 0, 0],
    ['2026-11-02', 4, 1],
    ['2026-11-03', 0, 0],
  ]);
  expect(view.tasks.map(({ task, usd }) => [task, usd])).toEqual([
    ['T-2', 3],
    ['T-1', 1],
    ['T-3', 0],
  ]);
});

test('the series of a node begins with what held before it, and tells each change', () => {
  const log = new Log();
  const hot = {
    any: true,
    heavy: false,
    steady: false,
    troubles: [{ kind: 'hot' as const, bars: 'heavy' as const, text: 'is hot' }],
  };
  log.add({ type: 'node.sensed', node: mac, fitness: hot, senses: '95 °C' });
  log.started(1).wait(10 * MINUTE);
  const sinceMs = log.nowMs;
  log.wait(MINUTE).add({ type: 'node.sensed', node: mac, fitness: FIT, senses: '60 °C' });
  log.wait(MINUTE).passed(1, 1, MINUTE);
  const view = nodeSeries(log.events, mac, { sinceMs, untilMs: log.nowMs });
  expect(view.fitness).toEqual([
    { atMs: sinceMs, takes: 'light', why: ['is hot'], senses: '95 °C' },
    { atMs: sinceMs + MINUTE, takes: 'all', why: [], senses: '60 °C' },
  ]);
  expect(view.running).toEqual([
    { atMs: sinceMs, count: 1 },
    { atMs: sinceMs + 2 * MINUTE, count: 0 },
  ]);
});
