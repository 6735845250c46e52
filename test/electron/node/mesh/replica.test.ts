import { expect, test } from 'vitest';
import { RegisterDocument } from '../../../../electron/mesh/document/registerDocument.ts';
import { systemClock } from '../../../../electron/node/clock.ts';
import { Ledger } from '../../../../electron/node/ledger.ts';
import { Replica } from '../../../../electron/node/mesh/replica.ts';
import { EventStore } from '../../../../electron/store/store.ts';
import { Budget } from '../../../../shared/model/budget.ts';
import { taskId } from '../../../../shared/model/ids.ts';
import type { Register } from '../../../../shared/model/register.ts';
import { specOf } from '../../../shared/explain/log.ts';
import { atEnd, meshOf, startNode, until, type TestNode } from '../../mesh/helpers.ts';

const id = taskId(1);
const cancelled = { who: 'ada', reason: 'not wanted', atMs: 1 };

/** The replica of a node on a store and a document of its own, and what it refused. */
function replicaOf(node: TestNode): {
  ledger: Ledger;
  document: RegisterDocument;
  refused: string[];
  changes: { count: number };
  replica: Replica;
} {
  const store = EventStore.open(node.home, node.node);
  atEnd(() => store.close());
  const ledger = Ledger.open(store, systemClock);
  const document = new RegisterDocument({ node: node.node });
  const refused: string[] = [];
  const changes = { count: 0 };
  const { members } = node.mesh;
  const replica = new Replica({
    ...{ ledger, document },
    sign: (value) => members.sign('register', value),
    verify: (writer, value, signature) =>
      members.verify(writer, 'register', value, signature) && members.keepsWord(writer, signature),
    refused: ({ name }: Register, why) => refused.push(`${name}: ${why}`),
    moved: () => undefined,
    changed: () => (changes.count += 1),
    drained: () => undefined,
  });
  replica.start();
  atEnd(() => replica.stop());
  return { ledger, document, refused, changes, replica };
}

test("a human's word on a task counts on another node when the node signed it at which it was said", async () => {
  const [a, b] = await Promise.all([startNode('n-a'), startNode('n-b')]);
  await meshOf(a, b);
  await until(() => b.mesh.members.list().length === 2);
  const here = replicaOf(a);
  const there = replicaOf(b);
  here.ledger.record({
    type: 'task.added',
    task: id,
    project: specOf(id).project,
    spec: specOf(id),
  });
  there.document.apply(here.document.encode());
  expect(there.ledger.world.tasks.has(id)).toBe(true);

  // One that speaks for a human without having heard them.
  const forged = new RegisterDocument({ node: a.node });
  forged.apply(here.document.encode());
  forged.put(`task/${id}`, 'cancelled', { seq: 2, clock: 2 }, { value: cancelled, signature: 'x' });
  there.document.apply(forged.encode());
  expect(there.refused).toContain('cancelled: its writer did not sign it');
  expect(there.ledger.world.tasks.has(id)).toBe(true);

  there.ledger.record({
    ...{ type: 'task.cancelled', task: id, project: specOf(id).project },
    ...{ who: 'ada', reason: 'not wanted' },
  });
  here.document.apply(there.document.encode());
  expect(here.ledger.world.tasks.has(id)).toBe(false);
});

test('of a node that was put out counts what it had said by then, and nothing that its key signs later and dates back', async () => {
  const [a, b] = await Promise.all([startNode('n-a'), startNode('n-b')]);
  await meshOf(a, b);
  await until(() => a.mesh.members.list().length === 2);
  const stolen = replicaOf(b);
  const here = replicaOf(a);
  const budgetOf = (hard: number) => Budget.parse({ hour: { hard } });
  const set = (hard: number) =>
    stolen.ledger.record({ type: 'budget.set', budget: budgetOf(hard), who: 'ada' });
  const cap = () => here.ledger.world.supply.budget.hour.hard;
  const { seq, clock } = set(4)[0] ?? expect.fail('nothing was recorded');
  here.document.apply(stolen.document.encode());
  expect(cap()).toBe(4);

  a.mesh.members.revoke(b.node, seq, here.replica.signaturesOf(b.node));
  here.replica.reread();
  expect(cap()).toBe(4);
  // At a place that counts, with the right key, and too late.
  const setting = { budget: budgetOf(900), approval: null, before: budgetOf(4) };
  const place = { seq, clock: clock + 1 };
  const text = ['policy/fleet', 'budget', place.seq, place.clock, setting];
  const signature = b.mesh.members.sign('register', text);
  const later = new RegisterDocument({ node: b.node });
  later.apply(here.document.encode());
  later.put('policy/fleet', 'budget', place, { value: setting, signature });
  here.document.apply(later.encode());
  expect(cap()).toBe(4);
  expect(here.refused).toContain('budget: its writer did not sign it');
});

test('a pause, a project or an answer from elsewhere is something to decide on; what is learned is not', async () => {
  const [a, b] = await Promise.all([startNode('n-a'), startNode('n-b')]);
  await meshOf(a, b);
  await until(() => b.mesh.members.list().length === 2);
  const { document, changes } = replicaOf(b);
  const before = changes.count;
  const elsewhere = new RegisterDocument({ node: a.node });
  for (const [entity, count] of [
    ['policy/plan', 0],
    ['policy/fleet', 1],
    ['project/app', 2],
    ['approval/A-1', 3],
  ] as const) {
    elsewhere.put(entity, 'state', { seq: count + 1, clock: count + 1 }, {});
    document.apply(elsewhere.encode());
    expect(changes.count - before, entity).toBe(count);
  }
});
