import { scopesOverlap } from '../graph/scope.ts';
import type { TaskRegisters } from '../model/registers.ts';
import { resourcesOf } from '../world/tasks.ts';
import type { World } from '../world/world.ts';

/**
 * What the tasks picked in one decision would hold. The graph knows what running tasks hold; these
 * are about to run, and two of them must not collide with each other either (Q4, Q11).
 */
export class Claims {
  private readonly world: World;
  private readonly taken: TaskRegisters[] = [];

  constructor(world: World) {
    this.world = world;
  }

  take(task: TaskRegisters): void {
    this.taken.push(task);
  }

  /** Why the task can't run beside those that run or were picked; null when it can. */
  conflict(task: TaskRegisters, nowMs: number): string | null {
    const [wait] = this.world.graph.waits(task.spec.id, nowMs);
    if (wait)
      return 'holder' in wait ? `held: ${wait.kind} of ${wait.holder}` : `waits: ${wait.kind}`;
    const resources = resourcesOf(task);
    for (const other of this.taken) {
      if (resourcesOf(other).some((resource) => resources.includes(resource))) {
        return `held: resource of ${other.spec.id}`;
      }
      const apart =
        task.spec.executor.kind === 'milestone' ||
        other.spec.executor.kind === 'milestone' ||
        other.spec.project !== task.spec.project ||
        !scopesOverlap(task.spec.scope, other.spec.scope);
      if (!apart) return `held: scope of ${other.spec.id}`;
    }
    return null;
  }
}
