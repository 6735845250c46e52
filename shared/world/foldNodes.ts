import { Limits } from '../model/config.ts';
import type { BodyOf, LoggedEvent } from '../model/events.ts';
import type { NodeId } from '../model/ids.ts';
import type { NodeState } from './node.ts';

/** What is known of nodes, after an event of this one's log; `usedOn` counts the slots in use on a node. */
export function foldNodes(
  nodes: Map<NodeId, NodeState>,
  event: LoggedEvent,
  inMesh: boolean,
  usedOn: (id: NodeId) => NodeState['used'],
): void {
  const { body, node: self, atMs } = event;
  switch (body.type) {
    case 'node.started':
    case 'node.stopped':
    case 'node.sensed':
    case 'node.drained':
    case 'capabilities.found': {
      const node = foldNode(nodes.get(body.node), event);
      if (node) nodes.set(node.id, node);
      // What a process saw of others does not outlive it.
      if (body.type === 'node.started' && inMesh)
        for (const id of nodes.keys()) if (id !== self) setDown(nodes, id, atMs);
      break;
    }
    case 'peer.changed': {
      const limits = nodes.get(self)?.limits ?? Limits.parse({});
      const used = usedOn(body.peer);
      nodes.set(body.peer, foldPeer(nodes.get(body.peer), body, atMs, limits, used));
      break;
    }
    case 'peer.lost':
      setDown(nodes, body.peer, atMs);
      break;
    case 'member.revoked':
      // A node that left or was put out goes on alone: it is still there for itself.
      if (body.peer !== self) nodes.delete(body.peer);
      break;
    case 'mesh.left':
      for (const id of nodes.keys()) if (id !== self) nodes.delete(id);
      break;
    default:
  }
}

/** A node that has work and was never seen here is gone as far as this one knows: its work is given up in time. */
export function hearOf(nodes: Map<NodeId, NodeState>, id: NodeId, atMs: number): void {
  if (nodes.has(id)) return;
  const none = { agent: 0, cheap: 0 };
  nodes.set(id, {
    ...{ id, up: false, downSinceMs: atMs, version: '', capabilities: [] },
    ...{ concurrency: none, limits: Limits.parse({}), used: none },
  });
}

function setDown(nodes: Map<NodeId, NodeState>, id: NodeId, atMs: number): void {
  const node = nodes.get(id);
  if (node?.up) nodes.set(id, { ...node, up: false, downSinceMs: atMs });
}

/** The node that an event is about, after it; the same object when the event changes nothing of it. */
function foldNode(node: NodeState | undefined, { body, atMs }: LoggedEvent): NodeState | undefined {
  switch (body.type) {
    case 'node.started': {
      const { node: id, version, concurrency, capabilities, limits } = body;
      const used = node?.used ?? { agent: 0, cheap: 0 };
      return {
        ...{ id, up: true, version, concurrency, capabilities, limits, used },
        // What it felt before it stopped says nothing of now; what a human told it holds.
        ...(node?.draining ? { draining: true } : {}),
        ...(node?.detected ? { detected: node.detected } : {}),
      };
    }
    case 'node.stopped':
      return node && { ...node, up: false, downSinceMs: atMs };
    case 'node.sensed': {
      if (!node) return node;
      const { unfitSinceMs, ...rest } = node;
      const { fitness } = body;
      return fitness.heavy
        ? { ...rest, fitness }
        : { ...rest, fitness, unfitSinceMs: unfitSinceMs ?? atMs };
    }
    case 'node.drained': {
      if (!node) return node;
      const { draining: _, ...rest } = node;
      return body.drain ? { ...rest, draining: true } : rest;
    }
    case 'capabilities.found':
      return node && { ...node, detected: body.capabilities };
    default:
      return node;
  }
}

/** Another node, by what it last said of itself; the limits are those of whoever plans for it. */
function foldPeer(
  known: NodeState | undefined,
  body: BodyOf<'peer.changed'>,
  atMs: number,
  limits: Limits,
  used: NodeState['used'],
): NodeState {
  const { peer: id, name, version, concurrency, capabilities, fitness, draining } = body;
  return {
    ...{ id, name, up: true, version, concurrency, capabilities, limits, used },
    ...(fitness ? { fitness } : {}),
    ...(fitness && !fitness.heavy ? { unfitSinceMs: known?.unfitSinceMs ?? atMs } : {}),
    ...(draining ? { draining: true } : {}),
  };
}
