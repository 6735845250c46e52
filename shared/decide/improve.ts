import { serialSchedule, type Problem, type Schedule, type Steps } from './sgs.ts';

/** Longest sum of durations from each task's start to the end of a last dependent. */
export function remainingPaths({ size, durations, after }: Problem): Float64Array {
  const paths = new Float64Array(size);
  for (let task = size - 1; task >= 0; task -= 1) {
    let behind = 0;
    for (const next of after[task] ?? []) behind = Math.max(behind, paths[next] ?? 0);
    paths[task] = (durations[task] ?? 0) + behind;
  }
  return paths;
}

/**
 * A makespan that no schedule can beat: for every earliest start r and tail q, the tasks that can't
 * start before r and have at least q behind them share the slots (Fernandez and Bussell, 1973, in
 * its simple form), and no path is shorter than itself.
 */
export function lowerBound(problem: Problem, paths: Float64Array): number {
  const { size, durations, before, release, slots } = problem;
  const heads = new Float64Array(size);
  let bound = 0;
  for (let task = 0; task < size; task += 1) {
    let head = Math.max(release[task] ?? 0, slots[0] ?? 0);
    for (const each of before[task] ?? [])
      head = Math.max(head, (heads[each] ?? 0) + (durations[each] ?? 0));
    heads[task] = head;
    bound = Math.max(bound, head + (paths[task] ?? 0));
  }
  const tail = (task: number) => (paths[task] ?? 0) - (durations[task] ?? 0);
  const byTail = Array.from({ length: size }, (_, task) => task).sort((a, b) => tail(b) - tail(a));
  const unit = commonUnit(problem);
  for (const from of new Set(heads)) {
    const free = slots.filter((slot) => slot <= from).length;
    let work = 0;
    for (const task of byTail) {
      if ((heads[task] ?? 0) < from) continue;
      work += durations[task] ?? 0;
      bound = Math.max(bound, roundUp(endOfWork(slots, free, from, work), unit) + tail(task));
    }
  }
  return bound;
}

/** When this much work is done at the earliest if all slots share it from a time at which `free` of them are. */
function endOfWork(slots: readonly number[], free: number, from: number, work: number): number {
  let open = free;
  let lost = open * from;
  let end = open > 0 ? (lost + work) / open : Infinity;
  // A slot that becomes free before the end helps; a later one does not.
  for (let next = slots[open]; next !== undefined && next < end; next = slots[open]) {
    lost += next;
    open += 1;
    end = (lost + work) / open;
  }
  return end;
}

/** Where all times are whole multiples of a unit, so is every end of a task; else 0. */
function commonUnit({ durations, release, slots }: Problem): number {
  let unit = 0;
  for (const values of [durations, release, slots]) {
    for (const value of values) {
      if (!Number.isInteger(value)) return 0;
      unit = greatestCommonDivisor(unit, value);
    }
  }
  return unit;
}

function greatestCommonDivisor(a: number, b: number): number {
  let [divisor, rest] = [a, b];
  while (rest !== 0) [divisor, rest] = [rest, divisor % rest];
  return divisor;
}

function roundUp(value: number, unit: number): number {
  return unit > 0 ? Math.ceil(value / unit - 1e-9) * unit : value;
}

/** The same problem with time running backwards. */
export function reversed(problem: Problem): Problem {
  const last = problem.size - 1;
  const flip = (lists: readonly (readonly number[])[]) =>
    lists.map((list) => list.map((task) => last - task)).reverse();
  return {
    size: problem.size,
    durations: problem.durations.slice().reverse(),
    before: flip(problem.after),
    after: flip(problem.before),
    release: new Float64Array(problem.size),
    slots: problem.slots.map(() => 0),
  };
}

/**
 * Forward-backward improvement (justification; Valls, Ballestín and Quintanilla 2005): packs the
 * schedule to the right, then to the left again, until that gains nothing.
 */
export function justify(
  problem: Problem,
  backwards: Problem,
  schedule: Schedule,
  steps: Steps,
): Schedule {
  let best = schedule;
  const last = problem.size - 1;
  while (steps.left > 0) {
    const ends = best.starts.map((start, task) => start + (problem.durations[task] ?? 0));
    const right = serialSchedule(
      backwards,
      orderBy(last, (task) => -(ends[last - task] ?? 0)),
      steps,
    );
    const rightStarts = (task: number) =>
      -(right.starts[last - task] ?? 0) - (problem.durations[task] ?? 0);
    const left = serialSchedule(problem, orderBy(last, rightStarts), steps);
    if (left.makespan >= best.makespan) return left.makespan === best.makespan ? left : best;
    best = left;
  }
  return best;
}

/** Task numbers 0 to `last` by ascending key; equal keys by number, which respects precedence. */
function orderBy(last: number, key: (task: number) => number): Int32Array {
  const keys = new Float64Array(last + 1);
  const tasks = new Int32Array(last + 1);
  for (let task = 0; task <= last; task += 1) {
    keys[task] = key(task);
    tasks[task] = task;
  }
  return tasks.sort((a, b) => (keys[a] ?? 0) - (keys[b] ?? 0) || a - b);
}
