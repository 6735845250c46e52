import { describeSubject } from '../explain/describeAgents.ts';
import type { Wait } from '../explain/waits.ts';
import { allowedSlots, type AutonomyNow } from '../learn/confidence.ts';
import { dispatchesInHour, whenDispatchFree } from '../learn/limits.ts';
import type { TaskRegisters } from '../model/registers.ts';
import type { TaskSpec } from '../model/task.ts';
import { admit } from '../policy/budget.ts';
import { tooVagueOrLarge } from '../policy/spec.ts';
import { leavingHolds, leavingNow, withSlotsOf, type Leaving } from './leaving.ts';
import { engineTarget } from './route.ts';
import { isHeavy, unwilling } from './willing.ts';
import {
  missingCapabilities,
  poolOf,
  AGENT_CAPABILITY,
  type NodeState,
  type Pool,
} from '../world/node.ts';
import { backoffUntilMs, statusOf } from '../world/status.ts';
import type { World } from '../world/world.ts';

/** Slots that are still free while a decision fills them. */
export type FreeSlots = Map<NodeState, Record<Pool, number>>;

/** What a decision looks at, worked out once for all tasks. */
export interface Conditions {
  readonly nowMs: number;
  readonly autonomy: AutonomyNow;
  /** Those that are up. */
  readonly nodes: readonly NodeState[];
  readonly leaving: readonly Leaving[];
}

export function conditionsOf(world: World, nowMs: number): Conditions {
  const leaving = leavingNow(world, nowMs);
  const up = [...world.nodes.values()].filter((node) => node.up);
  return {
    ...{ nowMs, autonomy: world.autonomy(nowMs), leaving },
    nodes: leaving.length === 0 ? up : withSlotsOf(leaving, up),
  };
}

/** What stops the tasks of a project; a milestone changes nothing and needs no baseline. */
function projectHold(world: World, { project: id, executor }: TaskSpec): Wait | null {
  const project = world.projects.get(id);
  if (project?.trouble) return { kind: 'project', ...project.trouble };
  return project?.baseline === null && executor.kind !== 'milestone' ? { kind: 'baseline' } : null;
}

/** What keeps a spec from an agent (G4); a model that is there makes it better first, once. */
function specHold(world: World, { executor, scores, effort }: TaskSpec): Wait | null {
  if (effort === undefined && engineTarget(world) !== null) return null;
  const detail = executor.kind === 'agent' ? tooVagueOrLarge(scores) : null;
  return detail === null ? null : { kind: 'spec', detail };
}

/** Whether a task may spend more money: asked for by a person, or mends what is broken. */
export function isCritical({ origin, type }: TaskSpec): boolean {
  return origin.kind === 'human' || type === 'fix';
}

/** A question that an attempt raised: the next one would only raise it again. */
function approvalHold({ supply }: World, { spec }: TaskRegisters): Wait | null {
  const open = supply.approvals.find(
    ({ task, subject, answer }) =>
      task === spec.id && subject.kind === 'permission' && answer === null,
  );
  return open ? { kind: 'approval', approval: open.id, text: describeSubject(open.subject) } : null;
}

/** What keeps an agent task from the money that it needs next, as far as the last refusal told. */
function budgetHold({ supply }: World, { spec }: TaskRegisters, nowMs: number): Wait | null {
  if (spec.executor.kind !== 'agent') return null;
  const needed = supply.spend.refused[spec.id] ?? { usd: 0, tokens: 1 };
  const reached = admit(
    supply.spend,
    supply.budget,
    {
      task: spec.id,
      maxTokens: needed.tokens,
      maxCostUsd: needed.usd,
      critical: isCritical(spec),
    },
    nowMs,
  );
  if (reached === null) return null;
  const asked = supply.approvals.find(
    ({ task, subject }) => task === spec.id && subject.kind === 'task-budget',
  );
  return { kind: 'budget', reached, untilMs: reached.untilMs, asked: asked?.id ?? null };
}

/** What stops all dispatching. */
export function globalHold(world: World, { autonomy }: Conditions): Wait | null {
  if (world.pause)
    return { kind: 'paused', reason: world.pause.reason, untilMs: world.pause.untilMs };
  if (autonomy.paused) {
    return {
      kind: 'autonomy',
      detail:
        'its predictions failed too often, so it waits for a human or for confidence to return',
    };
  }
  return null;
}

/** The hourly rail of a pool, when it has been reached. */
export function rateHold(
  world: World,
  node: NodeState,
  pool: Pool,
  nowMs: number,
  startedNow = 0,
): Wait | null {
  const limit = pool === 'agent' ? 'agentTasksPerHour' : 'cheapTasksPerHour';
  const max = node.limits[limit];
  const value = dispatchesInHour(world.learned.rates, pool, nowMs) + startedNow;
  if (value < max) return null;
  return {
    kind: 'limit',
    limit,
    value,
    max,
    untilMs: whenDispatchFree(world.learned.rates, pool, max, nowMs),
  };
}

/**
 * Why this task can't start on any node now although its dependencies are met; empty when it can.
 * The reasons that hold it longest come out of `orderWaits`, not of the order here.
 */
export function holdsOf(
  world: World,
  task: TaskRegisters,
  conditions: Conditions,
  free: FreeSlots | null,
): Wait[] {
  const { nowMs, autonomy, nodes, leaving } = conditions;
  const { spec } = task;
  const holds: Wait[] = [];
  const add = (hold: Wait | null) => hold && holds.push(hold);
  add(globalHold(world, conditions));
  add(projectHold(world, spec));
  add(specHold(world, spec));
  add(approvalHold(world, task));
  add(budgetHold(world, task, nowMs));
  const backoff = backoffUntilMs(task, nowMs);
  if (backoff > nowMs) holds.push({ kind: 'backoff', untilMs: backoff });
  holds.push(...leavingHolds(leaving, task));

  const pool = poolOf(spec);
  if (nodes.length === 0) return [...holds, { kind: 'node' }];
  const able = nodes.filter((node) => missingCapabilities(spec, node).length === 0);
  const [first] = able;
  if (!first) {
    const missing = nodes
      .map((node) => missingCapabilities(spec, node))
      .sort((a, b) => a.length - b.length)[0];
    const lacksAgent =
      spec.executor.kind === 'agent' &&
      !nodes.some((n) => n.capabilities.includes(AGENT_CAPABILITY));
    holds.push(
      lacksAgent
        ? { kind: 'agent' }
        : { kind: 'capability', missing: missing ?? spec.capabilities },
    );
    return holds;
  }
  if (able.every((node) => rateHold(world, node, pool, nowMs)))
    add(rateHold(world, first, pool, nowMs));
  if (autonomy.maxEstimateMs !== null && world.estimateMs(spec, null) > autonomy.maxEstimateMs) {
    holds.push({
      kind: 'autonomy',
      detail: 'confidence is low, so only smaller tasks start for now',
    });
  }
  const heavy = isHeavy(world, spec);
  const reasons = able.flatMap((node) => unwilling(node, heavy) ?? []);
  if (reasons.length === able.length) return [...holds, { kind: 'unfit', nodes: reasons }];
  const willing = able.filter((node) => unwilling(node, heavy) === null);
  if (free && willing.every((node) => (free.get(node)?.[pool] ?? 0) <= 0)) {
    const used = willing.reduce((sum, node) => sum + node.used[pool], 0);
    const max = willing.reduce((sum, node) => sum + node.concurrency[pool], 0);
    holds.push({ kind: 'slot', pool, used, max, ahead: 0 });
  }
  return holds;
}

/**
 * Free slots of each node, fewer while confidence is low: gradually, and never below one in all. A node
 * that takes no work of a kind has no slots for it.
 */
export function freeSlots({ nodes, autonomy }: Conditions): FreeSlots {
  const share = (max: number, used: number) => Math.max(0, allowedSlots(autonomy, max) - used);
  return new Map(
    nodes.map((node) => [
      node,
      {
        agent:
          node.capabilities.includes(AGENT_CAPABILITY) && unwilling(node, true) === null
            ? share(node.concurrency.agent, node.used.agent)
            : 0,
        cheap: unwilling(node, false) === null ? share(node.concurrency.cheap, node.used.cheap) : 0,
      },
    ]),
  );
}

/** Whether the task is one that a decision may start: open, not awaiting a human or a merge. */
export function isOpen(task: TaskRegisters): boolean {
  return statusOf(task) === 'open';
}
