import type { Unwilling } from '../explain/waits.ts';
import type { NodeId } from '../model/ids.ts';
import { FIT } from '../model/senses.ts';
import type { TaskSpec } from '../model/task.ts';
import { poolOf, type NodeState } from '../world/node.ts';
import type { World } from '../world/world.ts';

/** Work that is expected to take longer than this counts as heavy, and is better off where nothing interrupts it. */
const LONG_MS = 10 * 60_000;

/** Whether the task is expected to run for long on this node (M3). */
export function isLong(world: World, spec: TaskSpec, node: NodeId | null): boolean {
  return world.estimateMs(spec, node) >= LONG_MS;
}

/** Whether the task loads its machine: an agent's work, or long work. */
export function isHeavy(world: World, spec: TaskSpec): boolean {
  return poolOf(spec) === 'agent' || isLong(world, spec, null);
}

/** Why a node that is up takes no work of this weight (M3); null when it does. */
export function unwilling(node: NodeState, heavy: boolean): Unwilling | null {
  const { id, draining, fitness = FIT } = node;
  if (draining) return { node: id, why: 'draining', text: 'is drained: it takes nothing new' };
  if (fitness.any && (fitness.heavy || !heavy)) return null;
  const trouble = fitness.troubles.find(
    ({ bars }) => bars === 'any' || (fitness.any && bars === 'heavy'),
  );
  return trouble ? { node: id, why: trouble.kind, text: trouble.text } : null;
}

/** Whether the node may sleep or throttle under a long task. */
export function isSteady({ fitness = FIT }: NodeState): boolean {
  return fitness.steady;
}
