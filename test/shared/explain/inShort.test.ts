import { expect, test } from 'vitest';
import { foldTally, inShort, newTally } from '../../../shared/explain/inShort.ts';
import { taskId } from '../../../shared/model/ids.ts';
import { app, Log } from './log.ts';

/** The tasks from number `from` on, so many of which merge; the others fail. */
function work(log: Log, from: number, merged: number, failed: number): Log {
  for (let number = from; number < from + merged; number += 1) log.merged(number);
  for (let number = from + merged; number < from + merged + failed; number += 1)
    log.failed(number, 1, 'missing-context', 'one failed').add({
      ...{ type: 'task.failed', task: taskId(number), project: app, attempts: 1 },
      failure: { class: 'missing-context', reason: 'one failed', interrupted: false },
    });
  return log;
}

function told(log: Log, before: { merged: number; failed: number } | null = null): string[] {
  const tally = newTally();
  for (const { body } of log.events)
    foldTally(tally, body, (task) => (Number(task.slice(2)) < 100 ? 'fix' : 'docs'));
  return inShort(tally, before);
}

test('a period is told in a few sentences: how much, what went best, what failed most, what changed', () => {
  const log = work(work(new Log(), 1, 9, 1), 100, 1, 0);
  const reason = '9 of the last 10 were good';
  for (const open of [true, false, true]) {
    const change = { kind: 'gate', work: 'agent fix', open, reason } as const;
    log.add({ type: 'engine.adapted', project: app, cause: taskId(1), change });
  }
  expect(told(log, { merged: 4, failed: 2 })).toEqual([
    '10 tasks merged, 1 given up; in the same time before 4 and 2.',
    'Went best: fix, 9 of 10 tasks merged.',
    'Failed most: missing context, 1 of 1 failed attempt.',
    'Changed by itself: results of agent fix merge into app without a review from now on: 9 of the last 10 were good; results of agent fix wait for a review in app again: 9 of the last 10 were good; 1 more.',
  ]);
});

test('of a period in which nothing was tried there is nothing to tell', () => {
  expect(told(new Log())).toEqual([]);
});
