import { overlappingScope } from '../graph/scope.ts';
import type { Wait } from '../explain/waits.ts';
import type { NodeId } from '../model/ids.ts';
import type { TaskRegisters } from '../model/registers.ts';
import { leavingOf } from '../world/leaving.ts';
import { poolOf, type NodeState } from '../world/node.ts';
import { resourcesOf } from '../world/tasks.ts';
import type { World } from '../world/world.ts';
import { isInGrace, takenOverMs } from './abandon.ts';

/** A task of which an attempt that no longer counts may still be at work on a node. */
export interface Leaving {
  readonly task: TaskRegisters;
  readonly node: NodeId;
}

/**
 * What still holds its slot, its resources and its scope although it no longer counts: until its node tells that it
 * has ended, or is gone for so long that others take over its work.
 */
export function leavingNow(world: World, nowMs: number): Leaving[] {
  return [...world.leaving.values()].flatMap((task) =>
    leavingOf(task).flatMap(({ node }): Leaving[] => {
      const state = world.nodes.get(node);
      const holds = state && (state.up || isInGrace(state.downSinceMs ?? 0, nowMs));
      return holds ? [{ task, node }] : [];
    }),
  );
}

/** When something next is let go of because its node does not come back, or null. Ms since the epoch. */
export function nextLeftMs(world: World): number | null {
  const times = [...world.leaving.values()].flatMap((task) =>
    leavingOf(task).flatMap(({ node }) => {
      const state = world.nodes.get(node);
      return state && !state.up ? [takenOverMs(state.downSinceMs ?? 0)] : [];
    }),
  );
  return times.length > 0 ? Math.min(...times) : null;
}

/** The nodes with the slots that such attempts occupy counted among the used ones. */
export function withSlotsOf(leaving: readonly Leaving[], nodes: readonly NodeState[]): NodeState[] {
  return nodes.map((node) => {
    const here = leaving.filter((each) => each.node === node.id);
    if (here.length === 0) return node;
    const used = { ...node.used };
    for (const { task } of here) used[poolOf(task.spec)] += 1;
    return { ...node, used };
  });
}

/** What a task needs for itself and attempts of others that no longer count still hold (Q4, Q11). */
export function leavingHolds(leaving: readonly Leaving[], task: TaskRegisters): Wait[] {
  const { spec } = task;
  const resources = resourcesOf(task);
  return leaving.flatMap(({ task: other, node: stopsOn }): Wait[] => {
    const holder = other.spec.id;
    if (holder === spec.id) return [];
    const held = resourcesOf(other).filter((resource) => resources.includes(resource));
    const waits = held.map((resource): Wait => ({ kind: 'resource', resource, holder, stopsOn }));
    const apart =
      spec.executor.kind === 'milestone' ||
      other.spec.executor.kind === 'milestone' ||
      other.spec.project !== spec.project;
    const scope = apart ? null : overlappingScope(spec.scope, other.spec.scope);
    return scope === null ? waits : [...waits, { kind: 'scope', scope, holder, stopsOn }];
  });
}
