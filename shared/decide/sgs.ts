/** A planning problem in arrays: tasks are numbered so that each comes after all it waits for. */
export interface Problem {
  readonly size: number;
  readonly durations: Float64Array;
  readonly before: readonly (readonly number[])[];
  readonly after: readonly (readonly number[])[];
  /** When each task may start at the earliest, for reasons outside the problem. */
  readonly release: Float64Array;
  /** When each slot becomes free, ascending. */
  readonly slots: readonly number[];
}

export interface Schedule {
  readonly starts: Float64Array;
  readonly makespan: number;
}

/** Counts steps, so that a search ends at the same point on every machine. */
export interface Steps {
  left: number;
}

/**
 * Parallel schedule generation (list scheduling): whenever a slot is free, the startable task with
 * the greatest key starts. Never leaves a slot idle that could be used.
 */
export function parallelSchedule(problem: Problem, keys: Float64Array, steps: Steps): Schedule {
  const { size, durations, before, after, release } = problem;
  const starts = new Float64Array(size);
  const waitsFor = Int32Array.from(before, (list) => list.length);
  const free = [...problem.slots];
  const from = release.slice();
  /** Ascending by key: the best is last. */
  const startable: number[] = [];
  /** Startable later, descending by time: the next is last. */
  const later: number[] = [];
  for (let task = 0; task < size; task += 1) {
    if (waitsFor[task] === 0) insert(later, task, (a, b) => (from[b] ?? 0) - (from[a] ?? 0));
  }
  const byKey = (a: number, b: number) => (keys[a] ?? 0) - (keys[b] ?? 0) || b - a;
  const byTime = (a: number, b: number) => (from[b] ?? 0) - (from[a] ?? 0) || b - a;
  let makespan = 0;
  // Never goes back: a slot may have stood idle since before the tasks that it is to take could start.
  let now = 0;
  for (let placed = 0; placed < size; placed += 1) {
    now = Math.max(now, free[0] ?? 0);
    if (startable.length === 0) now = Math.max(now, from[later.at(-1) ?? 0] ?? 0);
    for (
      let next = later.at(-1);
      next !== undefined && (from[next] ?? 0) <= now;
      next = later.at(-1)
    ) {
      later.pop();
      insert(startable, next, byKey);
    }
    const task = startable.pop() ?? 0;
    starts[task] = now;
    const end = now + (durations[task] ?? 0);
    makespan = Math.max(makespan, end);
    free.shift();
    insert(free, end, (a, b) => a - b);
    for (const next of after[task] ?? []) {
      from[next] = Math.max(from[next] ?? 0, end);
      waitsFor[next] = (waitsFor[next] ?? 0) - 1;
      if (waitsFor[next] === 0) insert(later, next, byTime);
    }
    steps.left -= 1 + (after[task]?.length ?? 0);
  }
  return { starts, makespan };
}

/**
 * Serial schedule generation: each task of `list` (in which each comes after all it waits for) goes
 * to the earliest place where a slot is free for all of its duration, also before tasks placed earlier.
 */
export function serialSchedule(problem: Problem, list: ArrayLike<number>, steps: Steps): Schedule {
  const { durations, before, release, slots } = problem;
  const starts = new Float64Array(problem.size);
  /** From each time on until the next, this many slots are free. */
  const times: number[] = [0];
  const idle: number[] = [0];
  for (const slot of slots) {
    if (slot > (times.at(-1) ?? 0)) {
      times.push(slot);
      idle.push((idle.at(-1) ?? 0) + 1);
    } else {
      idle[idle.length - 1] = (idle.at(-1) ?? 0) + 1;
    }
  }
  let makespan = 0;
  for (let at = 0; at < list.length; at += 1) {
    const task = list[at] ?? 0;
    const duration = durations[task] ?? 0;
    let start = release[task] ?? 0;
    for (const each of before[task] ?? []) {
      start = Math.max(start, (starts[each] ?? 0) + (durations[each] ?? 0));
    }
    let first = segmentAt(times, start);
    for (let last = first; ; last += 1) {
      steps.left -= 1;
      if ((idle[last] ?? 0) <= 0) {
        first = last + 1;
        start = times[first] ?? 0;
      } else if ((times[last + 1] ?? Infinity) >= start + duration) {
        break;
      }
    }
    const end = start + duration;
    occupy(times, idle, first, start, end);
    starts[task] = start;
    makespan = Math.max(makespan, end);
  }
  return { starts, makespan };
}

function occupy(times: number[], idle: number[], first: number, start: number, end: number): void {
  let at = first;
  if ((times[at] ?? 0) < start) {
    at += 1;
    times.splice(at, 0, start);
    idle.splice(at, 0, idle[at - 1] ?? 0);
  }
  for (; at < times.length && (times[at] ?? 0) < end; at += 1) {
    if ((times[at + 1] ?? Infinity) > end) {
      times.splice(at + 1, 0, end);
      idle.splice(at + 1, 0, idle[at] ?? 0);
    }
    idle[at] = (idle[at] ?? 0) - 1;
  }
}

function segmentAt(times: readonly number[], time: number): number {
  let low = 0;
  let high = times.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((times[middle] ?? 0) <= time) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** Inserts into a sorted list, after equal ones. */
function insert<T>(list: T[], item: T, compare: (a: T, b: T) => number): void {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const other = list[middle];
    if (other !== undefined && compare(other, item) <= 0) low = middle + 1;
    else high = middle;
  }
  list.splice(low, 0, item);
}
