import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { systemClock } from '../../../electron/node/clock.ts';
import { Ledger } from '../../../electron/node/ledger.ts';
import { EventStore } from '../../../electron/store/store.ts';
import type { EventBody } from '../../../shared/model/events.ts';
import { CommitId, NodeId, ProjectId, TaskId } from '../../../shared/model/ids.ts';
import { specOf } from '../../shared/explain/log.ts';

const task = TaskId.parse('T-1');
const project = ProjectId.parse('app');
const commit = CommitId.parse('a'.repeat(40));
const maker = NodeId.parse('maker');
const home = NodeId.parse('home');
const ids = { task, project, attempt: 1 };
const spec = specOf(task, { createdBy: maker });

function open(node: NodeId): EventStore {
  const folder = mkdtempSync(path.join(tmpdir(), 'vigil-copied-'));
  const store = EventStore.open(folder, node);
  onTestFinished(() => {
    store.close();
    rmSync(folder, { recursive: true, force: true });
  });
  return store;
}

/** Brings what one log has beyond what the other store has of it. */
async function copy(from: EventStore, to: EventStore): Promise<void> {
  const start = to.headOf(from.node).seq + 1;
  const range = from.range(from.node, start, 1_000_000);
  if (range.kind !== 'range') throw new Error(range.kind);
  const { prev, events, end } = range;
  const signature = new Uint8Array(64);
  const seal = { ...end, signature };
  expect(to.receive({ node: from.node, from: start, prev, events, seal }).kind).toBe('taken');
  await to.flush();
}

const write = (store: EventStore, ...bodies: EventBody[]) => {
  store.append(bodies, 1_000);
  return store.flush();
};

test.for([
  ['the maker first', true],
  ['the home first', false],
] as const)(
  'what became of a task is known whichever log of it arrives first: %s',
  async ([, makerFirst]) => {
    const [made, merged, here] = [open(maker), open(home), open(NodeId.parse('here'))];
    const ledger = Ledger.open(here, systemClock);
    await write(
      made,
      { type: 'task.added', task, project, spec },
      {
        type: 'attempt.started',
        ...ids,
        node: maker,
        executor: 'command',
        base: commit,
        prepareMs: 1,
        log: null,
      },
      {
        type: 'attempt.passed',
        ...ids,
        commit,
        needsReview: null,
        quality: 1,
        durationMs: 1,
      },
    );
    await copy(made, merged);
    await write(merged, {
      type: 'merge.done',
      ...ids,
      commit,
      parent: commit,
      rebased: false,
      recovered: false,
    });
    for (const store of makerFirst ? [made, merged] : [merged, made]) {
      await copy(store, here);
      await ledger.durable();
    }
    expect(here.getTask(task)).toMatchObject({ status: 'merged', attempts: 1, endedAtMs: 1_000 });
  },
);

test('of a long log that is copied, every task is known a moment later without anybody asking', async () => {
  const [made, here] = [open(maker), open(NodeId.parse('here'))];
  Ledger.open(here, systemClock);
  const tasks = Array.from({ length: 300 }, (_, at) => TaskId.parse(`T-${at + 1}`));
  for (const id of tasks) {
    const added = specOf(id, { createdBy: maker });
    made.append([{ type: 'task.added', task: id, project, spec: added }], 1_000);
    made.append([{ type: 'task.cancelled', task: id, project, who: 'someone', reason: '' }], 1_000);
  }
  await made.flush();
  await copy(made, here);
  const known = () => tasks.filter((id) => here.getTask(id)?.status === 'cancelled').length;
  await vi.waitFor(() => expect(known()).toBe(tasks.length), { timeout: 10_000 });
});
