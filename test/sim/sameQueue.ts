import { digestOf } from '../../electron/mesh/document/digest.ts';
import { queueOf } from '../../electron/node/views/queue.ts';
import { newLearned } from '../../shared/world/learned.ts';
import { newSupply } from '../../shared/world/supply.ts';
import { World } from '../../shared/world/world.ts';
import type { Members } from '../../electron/mesh/members/members.ts';
import { PROJECT } from './project.ts';
import type { SimNode } from './node.ts';
import type { Simulation } from './simulation.ts';

/**
 * 6: nodes that hold the same registers at this moment put the queue in the same order. Who is there, and how far
 * the engine trusts itself, is no register: it is made equal first.
 */
export function checkQueues(sim: Simulation): void {
  const able = sim.nodes.filter(
    ({ ready, commons, id, gone }) => ready && commons && !gone && !sim.hostile.has(id),
  );
  const bySame = Map.groupBy(able, ({ commons, members }) =>
    commons
      ? Buffer.from(digestOf(commons.document.snapshot())).toString('hex') + believed(members)
      : '',
  );
  for (const same of bySame.values()) {
    const [first, ...others] = same;
    if (!first?.ledger || others.length === 0) continue;
    const nowMs = first.ledger.nowMs();
    const nodes = first.ledger.world.toJSON().nodes;
    const order = orderOn(first, nodes, nowMs);
    for (const other of others) {
      const theirs = orderOn(other, nodes, nowMs);
      if (theirs !== order)
        sim.truth.violated(
          'sameQueue',
          `${first.id} orders ${order}, and ${other.id} with the same registers ${theirs}`,
        );
    }
  }
}

/** Whose words a node takes: it believes nobody of whom it has not heard yet that they were let in. */
function believed(members: Members): string {
  return JSON.stringify(members.list().map(({ node, revoked }) => [node, revoked?.cut]));
}

function orderOn({ ledger }: SimNode, nodes: ReturnType<World['toJSON']>['nodes'], nowMs: number) {
  if (!ledger) return '';
  const data = ledger.world.toJSON();
  const { approvals } = data.supply;
  const world = World.from({
    ...data,
    nodes,
    learned: newLearned(),
    supply: { ...newSupply(), approvals },
    limits: [],
  });
  world.graph.advance(nowMs);
  const { ready, review, waiting } = queueOf(world, nowMs, { project: PROJECT });
  const ids = (part: readonly { readonly id: string }[]) => part.map(({ id }) => id).join(' ');
  return `[${ids(ready)}] review [${sorted(review)}] waiting [${sorted(waiting)}]`;
}

function sorted(part: readonly { readonly id: string }[]): string {
  return part
    .map(({ id }) => id)
    .toSorted()
    .join(' ');
}
