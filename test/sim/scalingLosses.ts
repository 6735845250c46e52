import type { TaskId } from '../../shared/model/ids.ts';
import { statusOf } from '../../shared/world/status.ts';
import type { World } from '../../shared/world/world.ts';

/**
 * What a slot's time went into: attempts; attempts whose result did not go together with what merged meanwhile;
 * waiting for files or a resource that others hold, for a result in the merge queue, for a task that comes before;
 * no work there; held back by a pause after a failure, low confidence or a rail; about to start.
 */
export const USES = [
  'work',
  'redone',
  'resource',
  'queue',
  'order',
  'starved',
  'held',
  'planning',
] as const;
export type Use = (typeof USES)[number];

/** Where the time of all slots goes, measured at every change of the world. */
export class SlotTime {
  readonly ms: Record<Use, number> = {
    work: 0,
    redone: 0,
    resource: 0,
    queue: 0,
    order: 0,
    starved: 0,
    held: 0,
    planning: 0,
  };
  readonly #world: World;
  readonly #slots: number;
  #lastMs = 0;
  #now: Partial<Record<Use, number>> = {};

  constructor(world: World, slots: number) {
    this.#world = world;
    this.#slots = slots;
  }

  /** Books the time since the last change, and looks at what holds from here on. */
  observe(nowMs: number): void {
    const spent = nowMs - this.#lastMs;
    this.#lastMs = nowMs;
    if (spent > 0) for (const use of USES) this.ms[use] += spent * (this.#now[use] ?? 0);
    this.#now = this.#look();
  }

  reset(nowMs: number): void {
    this.observe(nowMs);
    for (const use of USES) this.ms[use] = 0;
  }

  /** The length of an attempt whose result was thrown away. */
  redone(attemptMs: number): void {
    this.ms.redone += attemptMs;
    this.ms.work -= attemptMs;
  }

  /** Share of all slots' time. */
  share(use: Use): number {
    const all = USES.reduce((sum, each) => sum + this.ms[each], 0);
    return all === 0 ? 0 : this.ms[use] / all;
  }

  #look(): Partial<Record<Use, number>> {
    const world = this.#world;
    let used = 0;
    let queue = 0;
    for (const node of world.nodes.values()) used += node.used.agent;
    const merging = new Set<TaskId>();
    for (const task of world.tasks.values())
      if (statusOf(task) === 'merging') {
        merging.add(task.spec.id);
        // At its own home a result holds its slot until it is merged.
        if (world.isHome(task.spec.project) && task.assignment?.node === world.self) queue += 1;
      }
    const now: Partial<Record<Use, number>> = { work: used - queue, queue };
    let idle = this.#slots - used;
    const book = (use: Use, count: number): void => {
      const share = Math.max(0, Math.min(idle, count));
      now[use] = (now[use] ?? 0) + share;
      idle -= share;
    };
    if (idle > 0) {
      const free = { startable: 0, resource: 0, queue: 0, order: 0 };
      for (const task of world.tasks.values()) {
        if (statusOf(task) !== 'open') continue;
        const [wait] = world.graph.waits(task.spec.id, 0);
        if (!wait) free.startable += 1;
        else if ('holder' in wait) free[merging.has(wait.holder) ? 'queue' : 'resource'] += 1;
        else if ('task' in wait && wait.task !== null && merging.has(wait.task)) free.queue += 1;
        else free.order += 1;
      }
      const isHeld = world.pause !== null || world.retrying.size > 0;
      book(isHeld ? 'held' : 'planning', free.startable);
      book('queue', free.queue);
      book('resource', free.resource);
      book('order', free.order);
      book('starved', idle);
    }
    return now;
  }
}
