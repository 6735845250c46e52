import type { CapReached } from '../model/budget.ts';
import type { Action, Candidate, Decision, PriorityTerms } from '../model/decision.ts';
import type { NodeId, ProjectId, TaskId } from '../model/ids.ts';
import type { TaskRegisters } from '../model/registers.ts';
import type { Route } from '../model/route.ts';
import { workKind } from '../model/task.ts';
import { pSuccess } from '../learn/capability.ts';
import { describeWait, orderWaits, type Wait } from '../explain/waits.ts';
import { missingCapabilities, poolOf, type NodeState, type Pool } from '../world/node.ts';
import type { World } from '../world/world.ts';
import { Claims } from './claims.ts';
import { planAbandon, type Abandoned } from './abandon.ts';
import { planGeneration } from './generation.ts';
import {
  conditionsOf,
  freeSlots,
  globalHold,
  holdsOf,
  isOpen,
  rateHold,
  type Conditions,
  type FreeSlots,
} from './holds.ts';
import { nextAttemptNumber } from '../world/tasks.ts';
import { planMoves, type Move } from './moves.ts';
import { planPause, type PauseChange } from './pause.ts';
import { planRails, type RailReading } from './rails.ts';
import { readyInOrder } from './order.ts';
import { routeOf } from './route.ts';
import { scoreDispatch, type Worth } from './score.ts';
import { isHeavy, isLong, isSteady, unwilling } from './willing.ts';

/** A task that is to start now, and everything that `explain` says about why. */
export interface Dispatch {
  readonly task: TaskId;
  readonly project: ProjectId;
  readonly attempt: number;
  readonly node: NodeId;
  readonly worth: Worth;
  readonly reason: string;
  readonly priority: PriorityTerms;
  readonly estimateMs: number;
  readonly timeoutMs: number;
  readonly fallbacks: readonly string[];
  /** Which agent, and how this attempt differs from the last; null where no agent works. */
  readonly route: Route | null;
  readonly alternatives: readonly Pick<Candidate, 'action' | 'score' | 'reason'>[];
}

/** What to do now. Effects are data; the engine performs them. */
export interface Plan {
  readonly decision: Omit<Decision, 'latencyUs'>;
  readonly dispatches: readonly Dispatch[];
  /** Running tasks that their node should give back. */
  readonly moves: readonly Move[];
  readonly generate: readonly ProjectId[];
  readonly pause: PauseChange | null;
  /** Attempts whose node is gone: their tasks go back to the queue. */
  readonly abandon: readonly Abandoned[];
  /** Rails that bind now. */
  readonly rails: readonly RailReading[];
}

/** Candidates kept in the log beside the selected ones; the rest can be had by replay. */
const KEPT_OTHERS = 12;
/** Ready tasks looked at beyond what the slots hold, to show what came next. */
const LOOKED_AT_BEYOND = 12;
/** Agent and cheap. */
const POOLS = 2;
/** An attempt may take twice its estimate (Q8), and never less than this: estimates of quick work are noise. */
const TIMEOUT_FACTOR = 2;
const SHORTEST_TIMEOUT_MS = 60_000;

/**
 * Decides what to do now: a pure function of the world, the time and what prompted it (D1–D5).
 * Call `world.graph.advance(nowMs)` before, so that soft dependencies that timed out are open.
 */
export function decide(world: World, nowMs: number, trigger: string): Plan {
  const conditions = conditionsOf(world, nowMs);
  const free = freeSlots(conditions);
  const slotsBefore = countFree(free);
  const dispatches: Dispatch[] = [];
  const candidates: Candidate[] = [];
  // Only the leader plans; every node looks for work in the repositories that it holds.
  const stopped = globalHold(world, conditions) !== null;

  if (!stopped && world.leads) pickDispatches(world, conditions, free, dispatches, candidates);
  const moving =
    stopped || !world.leads
      ? { moves: [], candidates: [] }
      : planMoves(world, conditions, free, (task, node) =>
          worthOf(world, task, node, world.graph.priority(task.spec.id, nowMs), nowMs),
        );
  candidates.push(...moving.candidates);
  const generation = stopped
    ? { candidates: [], projects: [], rails: [] }
    : planGeneration(
        world,
        conditions,
        countFree(free),
        atHand(world, conditions, free, dispatches),
      );
  candidates.push(...generation.candidates);
  const pause = world.leads ? planPause(world, conditions) : null;
  if (pause) candidates.push(pause.candidate);

  const kept = keep(candidates);
  return {
    decision: {
      trigger,
      worldHash: world.head,
      atMs: nowMs,
      confidence: conditions.autonomy.confidence,
      autonomy: conditions.autonomy.level,
      openTasks: world.tasks.size,
      readyTasks: world.graph.readyCount,
      freeSlots: slotsBefore,
      candidates: kept,
      omitted: Math.max(candidates.length, world.graph.readyCount) - kept.length,
    },
    dispatches,
    moves: moving.moves,
    generate: generation.projects,
    pause,
    abandon: world.leads ? planAbandon(world, nowMs) : [],
    rails: [...planRails(world, conditions, free), ...generation.rails],
  };
}

function pickDispatches(
  world: World,
  conditions: Conditions,
  free: FreeSlots,
  dispatches: Dispatch[],
  candidates: Candidate[],
): void {
  const claims = new Claims(world);
  const started: Record<Pool, number> = { agent: 0, cheap: 0 };
  // Pools in which nothing more can start: thousands of ready tasks need not be asked one by one.
  const closed = new Set<Pool>();
  let beyond = 0;
  for (const task of readyInOrder(world, conditions, free)) {
    const full = countFree(free) === 0 || closed.size === POOLS;
    if (full && beyond >= LOOKED_AT_BEYOND) break;
    const { spec } = task;
    const pool = poolOf(spec);
    if (closed.has(pool) && beyond >= LOOKED_AT_BEYOND) continue;
    if (!isOpen(task)) continue;
    const holds = holdsOf(world, task, conditions, free);
    if (closesPool(task, holds, free)) closed.add(pool);
    const conflict = holds.length === 0 ? claims.conflict(task, conditions.nowMs) : null;
    const choice =
      holds.length === 0 && !conflict ? bestNode(world, task, conditions, free, started) : null;
    if (!choice) {
      beyond += 1;
      if (beyond <= LOOKED_AT_BEYOND)
        candidates.push(
          passedOver(
            world,
            task,
            conditions,
            conflict ?? reasonOf(holds, dispatches.at(-1), conditions.nowMs),
          ),
        );
      continue;
    }
    const dispatch = toDispatch(world, task, choice, conditions);
    dispatches.push(dispatch);
    candidates.push(toCandidate(choice, dispatch.reason, true));
    for (const other of choice.others)
      candidates.push(toCandidate(other, passedFor(world, choice, other), false));
    claims.take(task);
    started[pool] += 1;
    const slots = free.get(choice.node);
    if (slots) slots[pool] -= 1;
  }
}

/** Tasks that are about to start: here, or by the word of the leader, who sees the same. */
function atHand(
  world: World,
  conditions: Conditions,
  free: FreeSlots,
  dispatches: readonly Dispatch[],
): number {
  const looksForWork = [...world.projects.keys()].some((project) => world.isHome(project));
  if (world.leads || !looksForWork) return dispatches.length;
  const expected: Dispatch[] = [];
  const copy: FreeSlots = new Map([...free].map(([node, slots]) => [node, { ...slots }]));
  pickDispatches(world, conditions, copy, expected, []);
  return expected.length;
}

/** Caps that stop every agent once they are used up, whatever it works on. */
const STOPS_ALL: ReadonlySet<string> = new Set(['hour.hard', 'day.hard', 'month.hard']);

/** Whether what holds this task holds every task of its pool: no slot, no agent, no money, or the hourly limit. */
function closesPool(
  { spec }: TaskRegisters,
  holds: ReturnType<typeof holdsOf>,
  free: FreeSlots,
): boolean {
  if (holds.some((hold) => hold.kind === 'agent')) return true;
  const none = (): boolean => [...free.values()].every((slots) => slots[poolOf(spec)] <= 0);
  if (holds.some((hold) => hold.kind === 'unfit') && none()) return true;
  const usedUp = ({ cap, value, max }: CapReached): boolean => STOPS_ALL.has(cap) && value >= max;
  if (holds.some((hold) => hold.kind === 'budget' && usedUp(hold.reached))) return true;
  return (
    spec.capabilities.length === 0 && holds.some(({ kind }) => kind === 'slot' || kind === 'limit')
  );
}

interface NodeChoice {
  readonly task: TaskRegisters;
  readonly node: NodeState;
  readonly worth: Worth;
  readonly priority: PriorityTerms;
}

/** The node where the task scores best; ties go to the smaller id. */
function bestNode(
  world: World,
  task: TaskRegisters,
  conditions: Conditions,
  free: FreeSlots,
  started: Record<Pool, number>,
): (NodeChoice & { others: NodeChoice[] }) | null {
  const pool = poolOf(task.spec);
  const priority = world.graph.priority(task.spec.id, conditions.nowMs);
  const choices: NodeChoice[] = [];
  const heavy = isHeavy(world, task.spec);
  for (const node of conditions.nodes) {
    if ((free.get(node)?.[pool] ?? 0) <= 0) continue;
    if (missingCapabilities(task.spec, node).length > 0) continue;
    if (unwilling(node, heavy)) continue;
    if (rateHold(world, node, pool, conditions.nowMs, started[pool])) continue;
    choices.push({
      task,
      node,
      priority,
      worth: worthOf(world, task, node, priority, conditions.nowMs),
    });
  }
  choices.sort((a, b) => b.worth.score - a.worth.score || (a.node.id < b.node.id ? -1 : 1));
  const [best, ...others] = choices;
  return best ? { ...best, others: others.slice(0, 3) } : null;
}

function worthOf(
  world: World,
  task: TaskRegisters,
  node: NodeState,
  priority: PriorityTerms,
  nowMs: number,
): Worth {
  const p = pSuccess(world.learned.capability, node.id, workKind(task.spec), nowMs);
  const mayBeInterrupted = isLong(world, task.spec, node.id) && !isSteady(node);
  return scoreDispatch(p, priority, world.estimateMs(task.spec, node.id), mayBeInterrupted);
}

/** Why another node was passed over for the chosen one. */
function passedFor(world: World, { node }: NodeChoice, other: NodeChoice): string {
  const better = `${node.id} scores higher`;
  const [trouble] = other.node.fitness?.troubles ?? [];
  return trouble && isLong(world, other.task.spec, other.node.id)
    ? `${better}: this is long work, and ${other.node.id} ${trouble.text}`
    : better;
}

function toDispatch(
  world: World,
  task: TaskRegisters,
  choice: NodeChoice & { others: NodeChoice[] },
  { nowMs }: Conditions,
): Dispatch {
  const { spec } = task;
  const estimate = world.estimateMs(spec, choice.node.id);
  const attempt = nextAttemptNumber(task);
  const { pathMinutes } = choice.priority;
  return {
    task: spec.id,
    project: spec.project,
    attempt,
    node: choice.node.id,
    worth: choice.worth,
    reason:
      `first in order with ${pathMinutes.toFixed(1)} min of work behind it, ` +
      `${Math.round(choice.worth.pSuccess * 100)} % likely to succeed here` +
      (attempt > 1 ? `, attempt ${attempt}` : ''),
    priority: choice.priority,
    estimateMs: estimate,
    timeoutMs: Math.max(SHORTEST_TIMEOUT_MS, Math.round(TIMEOUT_FACTOR * estimate)),
    fallbacks: world.graph.expiredSoft(spec.id, nowMs).map((soft) => soft.fallback),
    route: spec.executor.kind === 'agent' ? routeOf(world, task, choice.node.id) : null,
    alternatives: choice.others.map((other) => {
      const { action, score, reason } = toCandidate(other, passedFor(world, choice, other), false);
      return { action, score, reason };
    }),
  };
}

function passedOver(
  world: World,
  task: TaskRegisters,
  conditions: Conditions,
  reason: string,
): Candidate {
  const priority = world.graph.priority(task.spec.id, conditions.nowMs);
  const node = conditions.nodes[0];
  const action: Action = node
    ? { kind: 'dispatch', task: task.spec.id, node: node.id }
    : { kind: 'escalate', subject: `${task.spec.id}: no node is up` };
  const worth = node
    ? worthOf(world, task, node, priority, conditions.nowMs)
    : scoreDispatch(0, priority, 0);
  return { action, ...worth, selected: false, reason };
}

function toCandidate(
  { task, node, worth }: NodeChoice,
  reason: string,
  selected: boolean,
): Candidate {
  return {
    action: { kind: 'dispatch', task: task.spec.id, node: node.id },
    ...worth,
    selected,
    reason,
  };
}

function reasonOf(holds: readonly Wait[], before: Dispatch | undefined, nowMs: number): string {
  const [binding] = orderWaits(holds);
  if (binding && binding.kind !== 'slot') return describeWait(binding, nowMs).text;
  // The slot was free when the decision began, and went to what comes first.
  return before ? `${before.task} comes first and took the last slot.` : 'No slot is free.';
}

/** Selected candidates first, then the best of the others. */
function keep(candidates: readonly Candidate[]): Candidate[] {
  const selected = candidates.filter((candidate) => candidate.selected);
  const others = candidates
    .filter((candidate) => !candidate.selected)
    .sort((a, b) => b.score - a.score);
  return [...selected, ...others.slice(0, KEPT_OTHERS)];
}

function countFree(free: FreeSlots): number {
  let sum = 0;
  for (const slots of free.values()) sum += slots.agent + slots.cheap;
  return sum;
}
