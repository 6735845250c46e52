import type { Candidate } from '../model/decision.ts';
import type { NodeId, TaskId } from '../model/ids.ts';
import { compareTaskIds } from '../model/ids.ts';
import { missingCapabilities, poolOf, type NodeState } from '../world/node.ts';
import type { TaskRegisters } from '../model/registers.ts';
import { statusOf } from '../world/status.ts';
import type { World } from '../world/world.ts';
import { rateHold, type Conditions, type FreeSlots } from './holds.ts';
import type { Worth } from './score.ts';
import { isHeavy, isSteady, unwilling } from './willing.ts';

/** A machine that is unfit for less than this may be well before the task is under way elsewhere. */
const UNFIT_MS = 2 * 60_000;
/** A move costs what was done since the last checkpoint, so a task moves at most once in so long. */
const MOVE_AGAIN_MS = 20 * 60_000;

/** A task that its node should give back at a checkpoint, because another can go on with it. */
export interface Move {
  readonly task: TaskId;
  readonly attempt: number;
  readonly from: NodeId;
  readonly to: NodeId;
  readonly reason: string;
}

/**
 * Heavy work that should leave machines that have been unfit for a while (M3): each to another that
 * has a free slot now. Takes these slots from `free`.
 */
export function planMoves(
  world: World,
  conditions: Conditions,
  free: FreeSlots,
  worthOn: (task: TaskRegisters, node: NodeState) => Worth,
): { moves: Move[]; candidates: Candidate[] } {
  const moves: Move[] = [];
  const candidates: Candidate[] = [];
  const { nowMs, nodes } = conditions;
  for (const from of nodes) {
    if (from.unfitSinceMs === undefined || nowMs < from.unfitSinceMs + UNFIT_MS) continue;
    for (const task of heavyOn(world, from)) {
      const { id } = task.spec;
      if (nowMs < (world.moved.get(id) ?? -Infinity) + MOVE_AGAIN_MS) continue;
      const to = nodes
        .filter((node) => node !== from && couldTake(world, task, node, conditions, free))
        .sort(
          (a, b) =>
            Number(isSteady(b)) - Number(isSteady(a)) ||
            worthOn(task, b).score - worthOn(task, a).score ||
            (a.id < b.id ? -1 : 1),
        )[0];
      const why = from.fitness?.troubles.find(({ bars }) => bars !== 'steady');
      if (!to || !task.assignment || !why) continue;
      const reason = `${from.id} ${why.text}, and ${to.id} can go on with it`;
      const { attempt } = task.assignment;
      moves.push({ task: id, attempt, from: from.id, to: to.id, reason });
      const action = { kind: 'move' as const, task: id, from: from.id, to: to.id };
      candidates.push({ action, ...worthOn(task, to), selected: true, reason });
      const slots = free.get(to);
      if (slots) slots[poolOf(task.spec)] -= 1;
    }
  }
  return { moves, candidates };
}

/** When a move becomes due although nothing happens; null when none does. Ms since the epoch. */
export function nextMoveMs(world: World, nowMs: number): number | null {
  const due: number[] = [];
  for (const { id, up, unfitSinceMs } of world.nodes.values()) {
    if (!up || unfitSinceMs === undefined || world.nodes.size < 2) continue;
    const since = unfitSinceMs + UNFIT_MS;
    for (const [task, movedMs] of world.moved)
      if (world.tasks.get(task)?.assignment?.node === id) due.push(movedMs + MOVE_AGAIN_MS);
    due.push(since);
  }
  const later = due.filter((time) => time > nowMs);
  return later.length > 0 ? Math.min(...later) : null;
}

/** Heavy tasks that run on the node, the oldest first; what is being verified is as good as done. */
function heavyOn(world: World, node: NodeState): TaskRegisters[] {
  if (node.used.agent + node.used.cheap === 0) return [];
  return [...world.tasks.values()]
    .filter((task) => {
      if (task.assignment?.node !== node.id || !isHeavy(world, task.spec)) return false;
      const status = statusOf(task);
      return status === 'assigned' || status === 'running';
    })
    .sort((a, b) => compareTaskIds(a.spec.id, b.spec.id));
}

function couldTake(
  world: World,
  { spec }: TaskRegisters,
  node: NodeState,
  { nowMs }: Conditions,
  free: FreeSlots,
): boolean {
  const pool = poolOf(spec);
  return (
    (free.get(node)?.[pool] ?? 0) > 0 &&
    unwilling(node, true) === null &&
    missingCapabilities(spec, node).length === 0 &&
    rateHold(world, node, pool, nowMs) === null
  );
}
