import { observeShare } from '../learn/spend.ts';
import type { EventType, LoggedEvent } from '../model/events.ts';
import type { NodeId } from '../model/ids.ts';
import { AGENT_CAPABILITY, type NodeState } from './node.ts';
import { choicesOn, type Supply } from './supply.ts';

/** Events after which other nodes may be able to do agent tasks. */
const SUPPLIES: ReadonlySet<EventType> = new Set([
  'agents.found',
  'provider.set',
  'provider.removed',
  'peer.changed',
]);

/** Events after which another share of the money may be this side's. */
const SHARES: ReadonlySet<EventType> = new Set([
  'node.started',
  'peer.changed',
  'peer.lost',
  'member.revoked',
  'mesh.left',
]);

/**
 * Labels the nodes that can do agent tasks: those with an agent that has a model to call, and at the start of
 * this one also those that say so themselves.
 */
export function labelAgents(
  nodes: Map<NodeId, NodeState>,
  supply: Supply,
  { body: { type } }: LoggedEvent,
): void {
  const isStart = type === 'node.started';
  if (!isStart && !SUPPLIES.has(type)) return;
  for (const node of nodes.values()) {
    const others = node.capabilities.filter((label) => label !== AGENT_CAPABILITY);
    const declared = isStart && others.length < node.capabilities.length;
    const can = declared || choicesOn(supply, node.id).length > 0;
    const capabilities = can ? [...others, AGENT_CAPABILITY] : others;
    nodes.set(node.id, { ...node, capabilities });
  }
}

/** The supply after an event: each side of a mesh that is cut in two spends its share of what is left. */
export function shareMoney(
  supply: Supply,
  nodes: ReadonlyMap<NodeId, NodeState>,
  { body, node: self, atMs }: LoggedEvent,
  inMesh: boolean,
): Supply {
  if (!SHARES.has(body.type)) return supply;
  const spenders = [...nodes.values()].filter(
    ({ id }) => inMesh && (id === self || choicesOn(supply, id).length > 0),
  );
  const up = spenders.filter((node) => node.up).length;
  const spend = observeShare(supply.spend, up, spenders.length, atMs);
  return spend === supply.spend ? supply : { ...supply, spend };
}
