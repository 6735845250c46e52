import { compareTaskIds, type TaskId } from '../model/ids.ts';
import { justify, lowerBound, remainingPaths, reversed } from './improve.ts';
import { parallelSchedule, type Problem, type Schedule, type Steps } from './sgs.ts';

/** Beyond this many open tasks the plain order stands: planning would take longer than it saves. */
export const MOST_PLANNED = 400;

/** Steps of search in one decision: 1 to 2 ms, a fifth of what a decision may take. */
const STEPS = 12_000;

/** A plan this close to the lower bound is good enough: estimates are not better than that. */
const TOLERANCE = 0.0005;

/** How far a sample strays from what it varies, as a share; taken in turn. */
const SPREADS = [0.05, 0.1, 0.2, 0.4] as const;

/** A ready task this much older than the newest goes first: a stream of new work must not starve it. */
const OVERTAKEN_MS = 4 * 60 * 60_000;

/** A task as a plan sees it: `dependencies` are the open tasks that it truly waits for. */
export interface PlanTask {
  readonly id: TaskId;
  readonly estimateMs: number;
  readonly running: boolean;
  readonly weight: number;
  readonly createdAtMs: number;
  readonly dependencies: readonly TaskId[];
}

/** The order that the search found to be best. */
export interface LookAhead {
  /** Every task that does not run, by planned start. */
  readonly order: readonly TaskId[];
  /** From now to the end of the last task, ms; and what no plan can beat. */
  readonly makespanMs: number;
  readonly lowerBoundMs: number;
}

/**
 * Plans the open tasks on the slots so that the last one ends soon: longest remaining path first,
 * improved by justification and seeded samples until the lower bound or the end of the steps. Never
 * leaves a slot idle that a startable task could use. Deterministic. `estimateMs` of a running task
 * is what remains of it; `slotsFreeInMs` tells for every slot, also the taken ones, when it becomes
 * free. Null where the plain order should stand: nothing depends on anything, weights are declared,
 * or there are too many tasks.
 */
export function planOrder(
  tasks: readonly PlanTask[],
  slotsFreeInMs: readonly number[],
): LookAhead | null {
  const idle = tasks.filter((task) => !task.running);
  const plain =
    idle.length === 0 ||
    idle.length > MOST_PLANNED ||
    slotsFreeInMs.length === 0 ||
    idle.some((task) => task.weight !== 0) ||
    idle.every((task) => task.dependencies.length === 0);
  if (plain) return null;
  const waiting = inPrecedence(idle);

  const problem = toProblem(waiting, tasks, slotsFreeInMs);
  const paths = remainingPaths(problem);
  const { schedule, bound } = search(problem, paths);
  const newest = Math.max(...waiting.map((task) => task.createdAtMs));
  const overtaken = (task: number) =>
    (problem.release[task] ?? 0) === 0 &&
    problem.before[task]?.length === 0 &&
    newest - (waiting[task]?.createdAtMs ?? newest) > OVERTAKEN_MS;
  const byStart = Array.from(schedule.starts.keys()).sort(
    (a, b) =>
      (schedule.starts[a] ?? 0) - (schedule.starts[b] ?? 0) ||
      (paths[b] ?? 0) - (paths[a] ?? 0) ||
      a - b,
  );
  const order = [...byStart.filter(overtaken), ...byStart.filter((task) => !overtaken(task))];
  return {
    order: order.flatMap((task) => waiting[task]?.id ?? []),
    makespanMs: schedule.makespan,
    lowerBoundMs: bound,
  };
}

function search(problem: Problem, paths: Float64Array): { schedule: Schedule; bound: number } {
  const steps: Steps = { left: STEPS };
  const bound = lowerBound(problem, paths);
  const enough = bound * (1 + TOLERANCE);
  const random = seeded(problem.size);
  const backwards = reversed(problem);
  let best = parallelSchedule(problem, paths, steps);
  /** Packed without gaps, or with gaps that pay: where the next samples are taken from. */
  let packed = best;
  for (let sample = 0; steps.left > 0 && best.makespan > enough; sample += 1) {
    const spread = SPREADS[sample % SPREADS.length] ?? 0;
    const { starts, makespan } = packed;
    const keys =
      sample % 2 === 0
        ? paths.map((path) => path * (1 + spread * (2 * random() - 1)))
        : starts.map((start) => -(start + 0.5 * spread * makespan * random()));
    const sampled = parallelSchedule(problem, keys, steps);
    const justified = justify(problem, backwards, sampled, steps);
    const closed = parallelSchedule(
      problem,
      justified.starts.map((start) => -start),
      steps,
    );
    for (const each of [sampled, closed]) if (each.makespan < best.makespan) best = each;
    for (const each of [best, justified]) if (each.makespan < packed.makespan) packed = each;
  }
  return { schedule: best, bound };
}

/** Tasks with every dependency before its dependents, lower numbers first. */
function inPrecedence(tasks: readonly PlanTask[]): PlanTask[] {
  const byId = new Map(tasks.map((task) => [task.id, task]));
  const done = new Set<TaskId>();
  const sorted: PlanTask[] = [];
  const visit = (task: PlanTask) => {
    if (done.has(task.id)) return;
    done.add(task.id);
    for (const id of task.dependencies) {
      const before = byId.get(id);
      if (before) visit(before);
    }
    sorted.push(task);
  };
  [...tasks].sort((a, b) => compareTaskIds(a.id, b.id)).forEach(visit);
  return sorted;
}

function toProblem(
  waiting: readonly PlanTask[],
  all: readonly PlanTask[],
  slots: readonly number[],
): Problem {
  const remaining = new Map(
    all.filter((task) => task.running).map((task) => [task.id, task.estimateMs]),
  );
  const numbers = new Map(waiting.map((task, at) => [task.id, at]));
  const before = waiting.map((task) => task.dependencies.flatMap((id) => numbers.get(id) ?? []));
  const after: number[][] = waiting.map(() => []);
  before.forEach((list, task) => list.forEach((each) => after[each]?.push(task)));
  return {
    size: waiting.length,
    durations: Float64Array.from(waiting, (task) => task.estimateMs),
    before,
    after,
    release: Float64Array.from(waiting, (task) =>
      Math.max(0, ...task.dependencies.map((id) => remaining.get(id) ?? 0)),
    ),
    slots: [...slots].sort((a, b) => a - b),
  };
}

/** A generator of numbers in [0, 1) from a seed (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
