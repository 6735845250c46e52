import { describe, expect, it } from 'vitest';
import type { TaskSummary } from '../../../shared/model/taskApi.ts';
import { VigilError } from '../../../shared/model/errors.ts';
import { taskId } from '../../../shared/model/ids.ts';
import { explainTask, type ExplainInput } from '../../../shared/explain/explain.ts';
import { describeWait, orderWaits, type Wait } from '../../../shared/explain/waits.ts';
import { Log, MINUTE, SECOND, START_MS, commit, mac, priority, summaryOf } from './log.ts';

const T1 = taskId(1);

function explain(log: Log, summary: Partial<TaskSummary>, more: Partial<ExplainInput> = {}) {
  return explainTask({
    events: log.events,
    summary: summaryOf(T1, summary),
    waits: [],
    related: { unblocked: [], waitingForIt: [] },
    promotedCommits: false,
    nowMs: log.nowMs,
    ...more,
  });
}

function waitsFor(...waits: Wait[]) {
  return { waits: orderWaits(waits).map((wait) => describeWait(wait, START_MS)) };
}

const secondTry = () =>
  new Log()
    .added(1)
    .decided(1)
    .dispatched(1)
    .started(1)
    .wait(10 * SECOND)
    .produced(1, 1, ['a.js', 'b.js'])
    .verified(1, 1, false)
    .failed(1, 1, 'missing-context', '1 new test failure.')
    .dispatched(1, 2)
    .started(1, 2)
    .wait(12 * SECOND)
    .produced(1, 2, ['a.js'])
    .verified(1, 2, true)
    .passed(1, 2, 12 * SECOND)
    .merged(1, 2);

describe('a task that never ran', () => {
  it('says what it waits for, and nothing of attempts', () => {
    const view = explain(new Log().added(1), {}, waitsFor({ kind: 'ordering', task: taskId(3) }));
    expect(view.headline).toBe('Waits for T-3 (ordering): it starts when T-3 ends.');
    expect(view.dispatch.rounds).toEqual([]);
    expect(view.execution).toEqual([]);
    expect(view.outcome).toMatchObject({
      durationMs: null,
      estimateMs: 30 * SECOND,
      lesson: 'Nothing yet: no attempt has ended.',
    });
  });

  it('names the wait that binds, not the one that happens to be listed first', () => {
    const waits = waitsFor(
      { kind: 'slot', pool: 'agent', used: 1, max: 1, ahead: 0 },
      { kind: 'agent' },
    );
    expect(explain(new Log().added(1), {}, waits).headline).toBe(
      'Waits for a node with a coding agent; none is connected.',
    );
  });

  it('is ready when nothing keeps it', () => {
    expect(explain(new Log().added(1), {}).headline).toBe(
      'Ready: it starts with the next decision.',
    );
  });

  it('says where it comes from, and shows its priority of now', () => {
    const { generation } = explain(new Log().added(1), {}, { priority });
    expect(generation).toEqual({
      source: 'the unused-file detector in cycle 3',
      trigger: 'generation cycle 3 found the gap',
      evidence: 'nothing imports src/old.js',
      atMs: START_MS,
      priority,
      specificity: 0.9,
      complexity: 0.1,
    });
    expect(explain(new Log().addedByHand(1), {}).generation).toMatchObject({
      source: 'alex',
      evidence: null,
    });
  });
});

describe('a task that was merged on its second attempt', () => {
  const view = explain(
    secondTry(),
    { status: 'merged', attempts: 2, quality: 0.93, commit: commit('1a2b3c4') },
    {
      related: { unblocked: [taskId(2)], waitingForIt: [] },
      promotedCommits: true,
      ...waitsFor({ kind: 'agent' }),
    },
  );

  it('has a headline with commit, attempt and quality', () => {
    expect(view.headline).toBe('Merged as 1a2b3c4 on attempt 2, quality 0.93.');
  });

  it('waits for nothing, whatever it is told', () => {
    expect(view.dispatch.waits).toEqual([]);
  });

  it('tells each attempt with its result, failure, diff and log', () => {
    expect(
      view.execution.map((e) => [e.attempt, e.result, e.durationMs, e.failure?.class ?? null]),
    ).toEqual([
      [1, 'failed: 1 new test failure', 10 * SECOND, 'missing-context'],
      [2, 'merged as 1a2b3c4', 12 * SECOND, null],
    ]);
    expect(view.execution[0]?.verification?.passed).toBe(false);
    expect(view.execution[1]?.diff?.files).toEqual(['a.js']);
    expect(view.execution[1]?.log).toBe('/logs/T-1-2.log');
  });

  it('draws a lesson from the retry and from the duration against the estimate', () => {
    expect(view.outcome.lesson).toBe(
      'Attempt 1 failed (missing-context): 1 new test failure. Attempt 2 passed. ' +
        'It changed 1 file where attempt 1 had changed 2. ' +
        'It took 12 s, 40 % of the estimate of 30 s: tasks of this type take less than was thought.',
    );
  });

  it('shows the rounds of dispatch, the impact and the events it was told from', () => {
    expect(view.dispatch.rounds.map((r) => [r.attempt, r.node, r.pSuccess, r.reason])).toEqual([
      [1, mac, 0.8, 'longest remaining path'],
      [2, mac, 0.8, 'longest remaining path'],
    ]);
    expect(view.impact).toEqual({ unblocked: ['T-2'], waitingForIt: [], promoted: true });
    expect(view.events.map((e) => e.type)).toContain('decision.made');
    expect(view.events.at(-1)?.text).toBe('T-1 merged as 1a2b3c4 on attempt 2');
  });
});

describe('the events of other tasks', () => {
  it('change nothing in the explanation', () => {
    const alone = secondTry();
    const among = new Log();
    among.added(2).decided(2).dispatched(2).started(2);
    for (const { atMs, body } of alone.events) {
      among.nowMs = atMs;
      among.add(body).failed(2, 1, 'external', 'the network is down');
    }
    const told = (log: Log) => ({ ...explain(log, { status: 'merged' }), events: [] });
    expect(told(among)).toEqual(told(alone));
  });
});

describe('the alternatives of a dispatch', () => {
  it('come from the decision that selected it', () => {
    const other = {
      action: { kind: 'dispatch' as const, task: taskId(2), node: mac },
      score: 3,
      pSuccess: 0.5,
      value: 8,
      cost: 2,
      selected: false,
      reason: 'no slot left',
    };
    const view = explain(new Log().added(1).decided(1, [other]).dispatched(1), {
      status: 'assigned',
    });
    expect(view.dispatch.rounds[0]?.alternatives).toEqual([
      { text: 'dispatch T-2 to mac-1', score: 3, reason: 'no slot left' },
    ]);
  });
});

describe('where a task stands', () => {
  const running = () =>
    new Log()
      .added(1)
      .dispatched(1)
      .started(1)
      .wait(12 * SECOND);
  const standing: [string, Log, Partial<TaskSummary>, string][] = [
    [
      'dispatched',
      new Log().added(1).dispatched(1),
      { status: 'assigned' },
      'Dispatched to mac-1; attempt 1 is being prepared.',
    ],
    [
      'running',
      running(),
      { status: 'running' },
      'Running on mac-1, attempt 1, for 12 s of an estimated 30 s.',
    ],
    [
      'verifying',
      running().produced(1, 1, ['a.js']),
      { status: 'verifying' },
      'Attempt 1 has made its change (1 file, +1 −2), which is being checked.',
    ],
    [
      'in review',
      running().passed(1, 1, SECOND, { needsReview: 'high risk' }),
      { status: 'review' },
      'Waits for a person: attempt 1 passed its checks, but needs a review (high risk). Answer with vigil review approve T-1 or vigil review reject T-1.',
    ],
    [
      'merging',
      running().passed(1, 1, SECOND),
      { status: 'merging' },
      'Passed on attempt 1 and is on its way into the integrated tree.',
    ],
    [
      'done',
      running().passed(1, 1, 12 * SECOND, { commit: null }),
      { status: 'done' },
      'Done on attempt 1 in 12 s; there was nothing to merge.',
    ],
    [
      'waiting after a failure',
      running().failed(1, 1, 'external', 'no network.'),
      {},
      'Attempt 1 failed: no network. Ready: it starts with the next decision.',
    ],
  ];
  it.each(standing)('is said when it is %s', (_name, log, summary, headline) => {
    expect(explain(log, summary).headline).toBe(headline);
  });

  it('is said when a person cancelled or rejected it', () => {
    const cancelled = new Log().added(1).add({
      type: 'task.cancelled',
      task: T1,
      project: summaryOf(T1).project,
      who: 'alex',
      reason: 'not now',
    });
    expect(explain(cancelled, { status: 'cancelled' }).headline).toBe(
      'Cancelled by alex: not now.',
    );
    const rejected = running()
      .passed(1, 1, SECOND, { needsReview: 'high risk' })
      .add({
        type: 'review.answered',
        task: T1,
        project: summaryOf(T1).project,
        attempt: 1,
        answer: 'rejected',
        who: 'sam',
        reason: 'we need it',
      });
    const view = explain(rejected, { status: 'rejected' });
    expect(view.headline).toBe('Rejected by sam: we need it.');
    expect(view.outcome.lesson).toContain('a person still did not want it (we need it)');
    expect(view.execution[0]?.result).toBe('passed, rejected by a person');
  });
});

describe('a task that failed for good', () => {
  it('says after how many attempts and why, and what would help', () => {
    const log = new Log().added(1);
    for (const attempt of [1, 2]) {
      log
        .dispatched(1, attempt)
        .started(1, attempt)
        .wait(MINUTE)
        .failed(1, attempt, 'ambiguous-spec', 'nothing was changed');
    }
    log.add({
      type: 'task.failed',
      task: T1,
      project: summaryOf(T1).project,
      attempts: 2,
      failure: { class: 'ambiguous-spec', reason: 'nothing was changed', interrupted: false },
    });
    const view = explain(log, { status: 'failed', attempts: 2 });
    expect(view.headline).toBe('Failed for good after 2 attempts: nothing was changed.');
    expect(view.outcome.lesson).toBe(
      'Attempts 1, 2 failed in the same way (ambiguous-spec): nothing was changed. ' +
        'Clearer instructions and acceptance criteria would help.',
    );
  });
});

describe('special turns', () => {
  it('counts an interruption apart from the failures', () => {
    const log = new Log()
      .added(1)
      .dispatched(1)
      .started(1)
      .failed(1, 1, 'infrastructure', 'the node stopped', { interrupted: true });
    const view = explain(log, {});
    expect(view.execution[0]?.result).toBe('interrupted: the node stopped');
    expect(view.outcome.lesson).toBe('1 attempt was interrupted, which does not count.');
  });

  it('takes the later word when an attempt passed and then could not be merged', () => {
    const log = new Log()
      .added(1)
      .dispatched(1)
      .started(1)
      .passed(1, 1, SECOND)
      .failed(1, 1, 'external', 'it conflicts with T-2');
    const view = explain(log, {});
    expect(view.execution[0]?.result).toBe('failed: it conflicts with T-2');
    expect(view.outcome.lesson).not.toContain('passed');
  });

  it('tells why a prediction failed', () => {
    const log = secondTry().add({
      type: 'prediction.checked',
      task: T1,
      project: summaryOf(T1).project,
      attempt: 1,
      held: false,
      confidence: 0.75,
      expected: { pSuccess: 0.9, durationMs: SECOND },
      actual: { success: false, durationMs: SECOND },
      finding: 'the tests were flaky',
    });
    expect(explain(log, { status: 'merged' }).outcome.lesson).toContain(
      'A prediction failed: the tests were flaky.',
    );
  });

  it('refuses a log without the beginning of the task', () => {
    expect(() => explain(new Log().started(1), {})).toThrow(VigilError);
  });
});
