import type { NodeId, ProjectId, TaskId } from '../model/ids.ts';
import type { TaskStatus } from '../model/registers.ts';
import { statusOf } from '../world/status.ts';
import type { World } from '../world/world.ts';

/** An attempt that is given up because its node is gone. */
export interface Abandoned {
  readonly task: TaskId;
  readonly project: ProjectId;
  readonly attempt: number;
  readonly node: NodeId;
  readonly reason: string;
}

/**
 * How long a node may be gone before others take over its work: longer than a link takes to come
 * back or a node to restart, short against the work itself. Work that is done twice is harmless.
 */
const GRACE_MS = 15_000;

/** Statuses in which a task needs the node that it was given to. */
const NEEDS_NODE: readonly TaskStatus[] = ['assigned', 'running', 'verifying'];

/** The attempts to give up now (Q9). */
export function planAbandon(world: World, nowMs: number): Abandoned[] {
  if (lostNodes(world).every(({ sinceMs }) => isInGrace(sinceMs, nowMs))) return [];
  const gone = new Map(lostNodes(world).map(({ node, sinceMs }) => [node, sinceMs]));
  return [...world.tasks.values()].flatMap((task): Abandoned[] => {
    const { assignment, spec } = task;
    if (!assignment || !NEEDS_NODE.includes(statusOf(task))) return [];
    const sinceMs = gone.get(assignment.node);
    if (sinceMs === undefined || isInGrace(sinceMs, nowMs)) return [];
    const { attempt, node } = assignment;
    const seconds = Math.round((nowMs - sinceMs) / 1000);
    const reason = `nothing was heard of ${node} for ${seconds} s`;
    return [{ task: spec.id, project: spec.project, attempt, node, reason }];
  });
}

/** A wall clock that was set back since the loss says nothing of how long ago that was: then it was long enough. */
export function isInGrace(sinceMs: number, nowMs: number): boolean {
  return nowMs >= sinceMs && nowMs < sinceMs + GRACE_MS;
}

/** When others take over the work of a node that is gone since then, ms. */
export function takenOverMs(sinceMs: number): number {
  return sinceMs + GRACE_MS;
}

/** When an attempt is next given up if its node does not come back, or null. Ms since the epoch. */
export function nextAbandonMs(world: World): number | null {
  if (!world.leads) return null;
  const times = lostNodes(world).map(({ sinceMs }) => takenOverMs(sinceMs));
  return times.length > 0 ? Math.min(...times) : null;
}

/** Nodes that are gone and hold slots here. */
function lostNodes(world: World): { node: NodeId; sinceMs: number }[] {
  return [...world.nodes.values()].flatMap(({ id, up, used, downSinceMs }) =>
    up || used.agent + used.cheap === 0 ? [] : [{ node: id, sinceMs: downSinceMs ?? 0 }],
  );
}
