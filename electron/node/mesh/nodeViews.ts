import { nodeProfile } from '../../../shared/explain/nodeProfile.ts';
import type { NodeView } from '../../../shared/model/meshApi.ts';
import type { NodeId, TaskId } from '../../../shared/model/ids.ts';
import { FIT, type Fitness, type Senses } from '../../../shared/model/senses.ts';
import { statusOf } from '../../../shared/world/status.ts';
import type { Members } from '../../mesh/members/members.ts';
import type { PeerState } from '../../mesh/presence/heard.ts';
import type { Ledger } from '../ledger.ts';

/** What is known of the nodes beside the log. */
export interface NodeSources {
  readonly name: string;
  readonly peers: ReadonlyMap<NodeId, PeerState>;
  readonly senses: Senses | null;
  readonly fitness: Fitness;
  readonly notes: readonly string[];
  /** Why there is no link to a node; null when nothing is known. */
  readonly problemOf: (node: NodeId) => string | null;
}

/** Every node that is or was a member, this one first, then by name. */
export function nodeViews(ledger: Ledger, members: Members, sources: NodeSources): NodeView[] {
  const { world, store } = ledger;
  const self = store.node;
  const others = members
    .list()
    .filter(({ node, revoked }) => members.isMember && node !== self && !revoked)
    .map(({ node }) => node);
  return [self, ...others].map((id) => nodeView(ledger, members, id, sources));

  function nodeView(
    { world: { nodes, learned, leadership } }: Ledger,
    { get }: Pick<Members, 'get'>,
    id: NodeId,
    { peers, ...own }: NodeSources,
  ): NodeView {
    const isSelf = id === self;
    const known = nodes.get(id);
    const peer = peers.get(id)?.presence;
    const member = get.call(members, id);
    const problem = isSelf || peer ? null : own.problemOf(id);
    const used = known?.used ?? { agent: 0, cheap: 0 };
    const max = known?.concurrency ?? { agent: 0, cheap: 0 };
    return {
      id,
      name: member?.name ?? peer?.name ?? (isSelf ? own.name : id),
      self: isSelf,
      up: isSelf || peer !== undefined,
      leads: leadership === null ? isSelf : leadership.leader === id,
      draining: known?.draining ?? false,
      version: known?.version ?? peer?.version ?? '',
      fitness: isSelf ? own.fitness : (peer?.fitness ?? known?.fitness ?? FIT),
      senses: isSelf ? own.senses : (peer?.senses ?? null),
      running: runningOn(id),
      slots: {
        agent: { used: used.agent, max: max.agent },
        cheap: { used: used.cheap, max: max.cheap },
      },
      capabilities: [...new Set([...(known?.capabilities ?? []), ...(known?.detected ?? [])])],
      profile: nodeProfile(learned.nodes, id),
      notes: [
        ...(isSelf ? own.notes : []),
        ...(isSelf && member?.revoked
          ? ['It has left its mesh or was revoked, and works alone.']
          : []),
        ...(problem === null ? [] : [problem]),
      ],
    };
  }

  function runningOn(id: NodeId): TaskId[] {
    return [...world.tasks.values()]
      .filter(
        (task) =>
          task.assignment?.node === id &&
          ['assigned', 'running', 'verifying'].includes(statusOf(task)),
      )
      .map((task) => task.spec.id);
  }
}
