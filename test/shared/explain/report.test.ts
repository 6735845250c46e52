import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { taskId, type ApprovalId, type TaskId } from '../../../shared/model/ids.ts';
import type { TaskType } from '../../../shared/model/task.ts';
import { newHistogram, quantile, record } from '../../../shared/explain/histogram.ts';
import { emptyReport, foldReport } from '../../../shared/explain/report.ts';
import { viewReport } from '../../../shared/explain/reportView.ts';
import { app, Log, MINUTE, SECOND, START_MS } from './log.ts';

function report(
  log: Log,
  options: { slots?: number; untilMs?: number; typeOf?: (task: TaskId) => TaskType | null } = {},
) {
  const state = emptyReport(START_MS);
  for (const event of log.events) foldReport(state, event, options.typeOf);
  return viewReport(state, { untilMs: options.untilMs ?? log.nowMs, slots: options.slots ?? 2 });
}

/** An attempt that runs for a minute and ends as said. */
function attempt(
  log: Log,
  number: number,
  attemptNumber: number,
  end: 'merge' | 'done' | 'fail' | 'interrupt',
): Log {
  log.dispatched(number, attemptNumber).started(number, attemptNumber).wait(MINUTE);
  if (end === 'fail')
    return log.failed(number, attemptNumber, 'external', 'no network', { durationMs: MINUTE });
  if (end === 'interrupt') {
    return log.failed(number, attemptNumber, 'infrastructure', 'the node stopped', {
      durationMs: MINUTE,
      interrupted: true,
    });
  }
  if (end === 'done')
    return log.passed(number, attemptNumber, MINUTE, { commit: null, quality: null });
  return log.passed(number, attemptNumber, MINUTE, { quality: 0.9 }).merged(number, attemptNumber);
}

describe('the report', () => {
  it('counts tasks by how they ended, and attempts', () => {
    const log = new Log().added(1).added(2).addedByHand(3);
    attempt(log, 1, 1, 'merge');
    attempt(log, 2, 1, 'fail');
    attempt(log, 2, 2, 'merge');
    attempt(log, 3, 1, 'done');
    expect(report(log)).toMatchObject({
      generated: 2,
      merged: 2,
      done: 1,
      failed: 0,
      attempts: 4,
      meanQuality: 0.9,
    });
  });

  it('takes as first-attempt success the share of tasks whose first attempt that counted passed', () => {
    const log = new Log().added(1).added(2).added(3).added(4);
    attempt(log, 1, 1, 'merge');
    attempt(log, 2, 1, 'fail');
    attempt(log, 2, 2, 'merge');
    attempt(log, 3, 1, 'interrupt');
    attempt(log, 3, 2, 'merge');
    attempt(log, 4, 1, 'fail');
    expect(report(log).firstAttemptSuccess).toBe(0.5);
    expect(report(log).failures).toEqual([{ class: 'external', count: 2 }]);
  });

  it('takes a success back when the attempt could not be merged', () => {
    const log = new Log().added(1).dispatched(1).started(1).wait(MINUTE);
    log.passed(1, 1, MINUTE).failed(1, 1, 'external', 'it conflicts with T-2');
    expect(report(log)).toMatchObject({
      attempts: 1,
      firstAttemptSuccess: 0,
      failures: [{ class: 'external', count: 1 }],
    });
    expect(report(log).utilisation).toBe(0.5);
  });

  it('knows nothing where nothing happened', () => {
    expect(report(new Log())).toMatchObject({
      firstAttemptSuccess: null,
      meanQuality: null,
      utilisation: null,
      longestStreakMs: 0,
      decisions: { count: 0, meanLatencyMs: null, p99LatencyMs: null },
      failures: [],
      limits: [],
      byType: [],
    });
  });

  it('divides the busy time by slots and time, with what runs now', () => {
    const log = new Log().added(1).added(2);
    attempt(log, 1, 1, 'merge')
      .wait(2 * MINUTE)
      .started(2)
      .wait(MINUTE);
    expect(report(log, { slots: 1 }).utilisation).toBe(0.5);
    expect(report(log, { slots: 2 }).utilisation).toBe(0.25);
    expect(report(log, { slots: 0 }).utilisation).toBeNull();
  });

  it('does not take the downtime of a node for work', () => {
    const log = new Log()
      .added(1)
      .started(1)
      .wait(10 * MINUTE);
    log.failed(1, 1, 'infrastructure', 'the node was killed', {
      durationMs: MINUTE,
      interrupted: true,
    });
    expect(report(log, { slots: 1 }).utilisation).toBe(0.1);
  });

  it('splits by type, also for tasks from before the window when it is told their type', () => {
    const log = new Log().added(1);
    attempt(log, 1, 1, 'merge');
    attempt(log, 2, 1, 'merge');
    const cleanup = { type: 'cleanup', merged: 1, failed: 0, p75Ms: MINUTE, meanQuality: 0.9 };
    expect(report(log).byType).toEqual([cleanup]);
    expect(report(log, { typeOf: () => 'docs' }).byType).toEqual([
      cleanup,
      { ...cleanup, type: 'docs' },
    ]);
    expect(report(log).merged).toBe(2);
  });

  it('counts what people did and the longest stretch of work between', () => {
    const log = new Log().addedByHand(1);
    attempt(log, 1, 1, 'merge');
    log
      .wait(10 * MINUTE)
      .add({ type: 'builds.paused', by: 'human', who: 'alex', reason: 'lunch', untilMs: null });
    log.added(2).added(3).wait(MINUTE);
    attempt(log, 2, 1, 'merge');
    attempt(log, 3, 1, 'merge');
    log.add({
      type: 'builds.paused',
      by: 'engine',
      who: 'engine',
      reason: 'failures',
      untilMs: null,
    });
    log.add({
      type: 'task.cancelled',
      task: taskId(4),
      project: app,
      who: 'engine',
      reason: 'the gap is closed',
    });
    expect(report(log)).toMatchObject({ interventions: 2, longestStreakMs: 2 * MINUTE });
  });

  it('ends the stretch without a human where a person answers a question', () => {
    const log = new Log().addedByHand(1);
    attempt(log, 1, 1, 'merge');
    log.wait(5 * MINUTE).add({
      type: 'approval.answered',
      approval: 'A-1' as ApprovalId,
      task: null,
      project: null,
      answer: 'approved',
      who: 'alex',
      reason: '',
    });
    attempt(log, 2, 1, 'merge');
    const { interventions, longestStreakMs } = report(log);
    expect(interventions).toBe(2);
    expect(longestStreakMs).toBeLessThan(5 * MINUTE);
  });

  it('counts limit hits, and takes a limit as free when it is cleared or its time is over', () => {
    const reached = (subject: string, untilMs: number | null) =>
      ({
        type: 'limit.reached',
        limit: 'agentTasksPerHour',
        subject,
        value: 20,
        max: 20,
        untilMs,
      }) as const;
    const log = new Log()
      .add(reached('a', null))
      .add(reached('a', null))
      .add(reached('b', START_MS + SECOND))
      .add(reached('c', null));
    log.wait(MINUTE).add({ type: 'limit.cleared', limit: 'agentTasksPerHour', subject: 'c' });
    expect(
      report(log).limits.map(({ subject, hits, reached }) => [subject, hits, reached]),
    ).toEqual([
      ['a', 2, true],
      ['b', 1, false],
      ['c', 1, false],
    ]);
  });

  it('measures the latency of decisions', () => {
    const log = new Log();
    for (let us = 100; us <= 10_000; us += 100) log.decided(1, [], us);
    const { decisions } = report(log);
    expect(decisions.count).toBe(100);
    expect(decisions.meanLatencyMs).toBeCloseTo(5.05, 6);
    expect(decisions.p99LatencyMs).toBeGreaterThanOrEqual(9.9);
    expect(decisions.p99LatencyMs).toBeLessThan(9.9 * 1.06);
  });
});

describe('the histogram', () => {
  it('gives quantiles that are at most 5 % above the true ones, and never below', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 1, max: 1e9, noNaN: true }), { minLength: 1 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (values, q) => {
          const histogram = newHistogram();
          for (const value of values) record(histogram, value);
          const sorted = [...values].sort((a, b) => a - b);
          const exact = sorted[Math.max(1, Math.ceil(q * values.length)) - 1] ?? NaN;
          const found = quantile(histogram, q) ?? NaN;
          expect(found).toBeGreaterThanOrEqual(exact * (1 - 1e-9));
          expect(found).toBeLessThanOrEqual(exact * 1.0501);
          expect(histogram.counts.size).toBeLessThanOrEqual(601);
        },
      ),
    );
  });
});
