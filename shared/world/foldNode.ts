import type { Limits } from '../model/config.ts';
import type { BodyOf, LoggedEvent } from '../model/events.ts';
import type { NodeState } from './node.ts';

/** The node that an event is about, after it; the same object when the event changes nothing of it. */
export function foldNode(
  node: NodeState | undefined,
  { body, atMs }: LoggedEvent,
): NodeState | undefined {
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
export function foldPeer(
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
