import { describeWait, orderWaits, type Wait } from '../explain/waits.ts';
import type { WaitView } from '../model/taskApi.ts';
import type { NodeId, TaskId } from '../model/ids.ts';
import type { TaskRegisters } from '../model/registers.ts';
import { poolOf, type Pool } from '../world/node.ts';
import type { World } from '../world/world.ts';
import { currentAttempt, statusOf } from '../world/status.ts';
import { conditionsOf, freeSlots, holdsOf, isOpen } from './holds.ts';

/** How far the count of tasks ahead is taken: beyond that only "many" matters. */
const MOST_COUNTED = 1_000;

/**
 * Why an open task is not running: every reason, the one that truly binds first. Empty for a task
 * that is at work or has ended, and for one that the next decision will start. It asks the same
 * functions as the decision does, so that the answer can't differ from what happens.
 */
export function waitsOf(world: World, task: TaskRegisters, nowMs: number): WaitView[] {
  return waitsAt(world, nowMs)(task);
}

/**
 * As `waitsOf`, for many tasks: what is the same for all of them is worked out once. To be used before
 * the world changes.
 */
export function waitsAt(world: World, nowMs: number): (task: TaskRegisters) => WaitView[] {
  const reasons = reasonsAt(world, nowMs);
  return (task) => reasons(task).map((wait) => describeWait(wait, nowMs));
}

/** As `waitsAt`, without the words, which cost more than the reasons. */
export function reasonsAt(world: World, nowMs: number): (task: TaskRegisters) => Wait[] {
  const conditions = conditionsOf(world, nowMs);
  const free = freeSlots(conditions);
  let line: Line | null = null;
  return (task) => {
    if (!isOpen(task)) return mergeWaits(world, task);
    const { id } = task.spec;
    const dependencies = world.graph
      .waits(id, nowMs)
      .map((wait): Wait =>
        wait.kind === 'artifact'
          ? { ...wait, taskEnded: wait.task !== null && !world.tasks.has(wait.task) }
          : wait,
      );
    const holds = holdsOf(world, task, conditions, free).map((hold): Wait => {
      if (hold.kind !== 'slot') return hold;
      line ??= lineOf(world);
      return { ...hold, ahead: line.ahead.get(id) ?? line.length[hold.pool] };
    });
    return orderWaits([...dependencies, ...holds]);
  };
}

/** Why a result that is cleared to merge has not merged: a node that it needs is away. */
function mergeWaits(world: World, task: TaskRegisters): Wait[] {
  const { leadership, nodes, projects } = world;
  if (!leadership || statusOf(task) !== 'merging') return [];
  const isAway = (node: NodeId): boolean => node !== leadership.self && !nodes.get(node)?.up;
  const home = projects.get(task.spec.project)?.home;
  if (home !== undefined && isAway(home))
    return [{ kind: 'away', node: home, holds: 'repository' }];
  const maker = currentAttempt(task)?.node;
  if (maker !== undefined && maker !== home && isAway(maker))
    return [{ kind: 'away', node: maker, holds: 'result' }];
  return [];
}

/** The ready tasks in line for slots: how many are ahead of each of the first, and how many there are. */
interface Line {
  readonly ahead: ReadonlyMap<TaskId, number>;
  /** At most `MOST_COUNTED`. */
  readonly length: Readonly<Record<Pool, number>>;
}

function lineOf(world: World): Line {
  const ahead = new Map<TaskId, number>();
  const length: Record<Pool, number> = { agent: 0, cheap: 0 };
  for (const id of world.graph.ready()) {
    if (length.agent >= MOST_COUNTED && length.cheap >= MOST_COUNTED) break;
    const task = world.tasks.get(id);
    if (!task || !isOpen(task)) continue;
    const pool = poolOf(task.spec);
    ahead.set(id, length[pool]);
    length[pool] = Math.min(MOST_COUNTED, length[pool] + 1);
  }
  return { ahead, length };
}
