import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../../../electron/node/clock.ts';
import { Ledger } from '../../../electron/node/ledger.ts';
import { EventStore } from '../../../electron/store/store.ts';
import { NodeId, ProjectId, TaskId } from '../../../shared/model/ids.ts';
import { newTask } from '../../../shared/world/tasks.ts';
import { specOf } from '../../shared/explain/log.ts';

const task = TaskId.parse('T-1');
const project = ProjectId.parse('app');

function openLedger(): Ledger {
  const folder = mkdtempSync(path.join(tmpdir(), 'vigil-put-'));
  const store = EventStore.open(folder, NodeId.parse('here'));
  onTestFinished(() => {
    store.close();
    rmSync(folder, { recursive: true, force: true });
  });
  return Ledger.open(store, systemClock);
}

test('what an own event did to a shared task is acted on only when that event is on disk', async () => {
  const ledger = openLedger();
  const heard: string[] = [];
  ledger.onPut((id, of) => heard.push(`${id} ${of}`));
  ledger.record({ type: 'task.added', task, project, spec: specOf(task) });
  ledger.put([newTask(specOf(task))], 'own');
  expect(heard).toEqual([]);
  await ledger.durable();
  expect(heard).toEqual(['T-1 app']);
});

test('of a task that ended elsewhere the listener hears whose it was', () => {
  const ledger = openLedger();
  ledger.put([newTask(specOf(task))]);
  const heard: (string | null)[] = [];
  ledger.onPut((_id, of) => heard.push(of));
  const cancelled = { who: 'user', reason: '', atMs: 1 };
  ledger.put([{ ...newTask(specOf(task)), cancelled }]);
  expect(ledger.world.tasks.size).toBe(0);
  expect(heard).toEqual(['app']);
});
