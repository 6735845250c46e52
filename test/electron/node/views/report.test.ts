import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { Ledger } from '../../../../electron/node/ledger.ts';
import { Reports } from '../../../../electron/node/views/report.ts';
import { EventStore } from '../../../../electron/store/store.ts';
import { NodeId, ProjectId, TaskId } from '../../../../shared/model/ids.ts';
import { specOf } from '../../../shared/explain/log.ts';

const project = ProjectId.parse('app');

test('a report that goes on from the last one says what one from the start says', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'vigil-report-'));
  const store = EventStore.open(folder, NodeId.parse('here'));
  onTestFinished(() => {
    store.close();
    rmSync(folder, { recursive: true, force: true });
  });
  let nowMs = Date.UTC(2026, 10, 21);
  const clock = { nowMs: () => nowMs, after: () => ({ cancel: () => undefined }) };
  const ledger = Ledger.open(store, clock);
  const kept = new Reports(ledger);
  let number = 0;
  const step = fc.record({
    acts: fc.array(fc.constantFrom('add', 'cancel', 'pause'), { maxLength: 4 }),
    waitMs: fc.constantFrom(0, 900, 20_000, 3_600_000),
    hours: fc.constantFrom(1, 1, 1, 12),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 8 }), async (steps) => {
      for (const { acts, waitMs, hours } of steps) {
        for (const act of acts) {
          const task = TaskId.parse(`T-${act === 'add' ? (number += 1) : Math.max(1, number)}`);
          if (act === 'add')
            ledger.record({ type: 'task.added', task, project, spec: specOf(task) });
          else if (act === 'pause')
            ledger.record({
              ...{ type: 'builds.paused', by: 'human', who: 'me' },
              ...{ reason: 'rest', untilMs: null },
            });
          else if (ledger.world.tasks.has(task))
            ledger.record({ type: 'task.cancelled', task, project, who: 'me', reason: 'old' });
        }
        await ledger.durable();
        expect(kept.view(hours)).toEqual(new Reports(ledger).view(hours));
        nowMs += waitMs;
      }
    }),
    { numRuns: 20 },
  );
});
