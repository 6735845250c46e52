import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { Adapting } from '../../../electron/node/adapting.ts';
import { systemClock } from '../../../electron/node/clock.ts';
import { Ledger } from '../../../electron/node/ledger.ts';
import { EventStore } from '../../../electron/store/store.ts';
import { taskId } from '../../../shared/model/ids.ts';
import { Site } from '../../shared/decide/site.ts';
import { app, commit, mac, specOf } from '../../shared/explain/log.ts';

function openLedger(): Ledger {
  const folder = mkdtempSync(path.join(tmpdir(), 'vigil-adapting-'));
  const store = EventStore.open(folder, mac);
  onTestFinished(() => {
    store.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const ledger = Ledger.open(store, systemClock);
  for (const { body } of Site.with().events) ledger.record(body);
  return ledger;
}

function fail(error: unknown): void {
  throw error;
}

/** A result of an agent, and what a human and the merge say of it. */
function judged(ledger: Ledger, number: number, good: boolean): void {
  const about = { task: taskId(number), project: app, attempt: 1 };
  const executor = { kind: 'agent' } as const;
  const spec = { ...specOf(about.task, { executor, type: 'fix' }), project: app };
  ledger.record({ type: 'task.added', task: about.task, project: app, spec });
  const answer = good ? 'approved' : 'rejected';
  ledger.record({ type: 'review.answered', ...about, answer, who: 'alex', reason: '' });
  const place = { commit: commit('a'), parent: commit('b'), rebased: false, recovered: false };
  if (good) ledger.record({ type: 'merge.done', ...about, ...place });
}

test('that work merges without a human from now on is told once, and when it no longer does', async () => {
  const ledger = openLedger();
  new Adapting({ ledger, fail }).start();
  const told = () =>
    ledger.store
      .read({ types: ['engine.adapted'] })
      .map(({ body }) => (body.type === 'engine.adapted' ? [body.cause, body.change] : []));
  for (let number = 1; number <= 25; number += 1) judged(ledger, number, true);
  const opened = [taskId(25), expect.objectContaining({ kind: 'gate', open: true })];
  await vi.waitFor(() => expect(told()).toEqual([opened]));
  for (let number = 26; number <= 36; number += 1) judged(ledger, number, false);
  const closed = [expect.anything(), expect.objectContaining({ work: 'agent fix', open: false })];
  await vi.waitFor(() => expect(told()).toEqual([opened, closed]));

  // A node that starts anew knows what was told.
  const again = Ledger.open(ledger.store, systemClock);
  new Adapting({ ledger: again, fail }).start();
  judged(again, 40, true);
  await again.durable();
  expect(told()).toHaveLength(2);
});
