import { startOrder } from '../shared/decide/startOrder.ts';
import { TaskGraph } from '../shared/graph/taskGraph.ts';
import { ProjectId, taskId, taskNumber, type TaskId } from '../shared/model/ids.ts';
import type { Workload } from './workloads.ts';

const MS_PER_MINUTE = 60_000;
const PROJECT = ProjectId.parse('bench');

/** What a policy sees when at least one processor is free and a task is ready. */
export interface Moment {
  readonly graph: TaskGraph;
  readonly nowMs: number;
  readonly free: number;
  /** When each running task started, ms. */
  readonly running: ReadonlyMap<TaskId, number>;
  /** Ready tasks in the order in which they became ready. */
  readonly ready: readonly TaskId[];
}

/** The tasks to start now, best first; those beyond the free processors wait. */
export type Policy = (moment: Moment) => readonly TaskId[];

export const fifo: Policy = ({ ready }) => ready;

/** Longest remaining path first, ties by number. */
export const longestPath: Policy = ({ graph, nowMs, ready }) =>
  byValue(ready, (id) => graph.priority(id, nowMs).pathMinutes);

/** The sum of Q7 without the remaining path. */
export const termSum: Policy = ({ graph, nowMs, ready }) =>
  byValue(ready, (id) => {
    const { total, pathMinutes } = graph.priority(id, nowMs);
    return total - pathMinutes;
  });

/** The graph's own order: what stands when there are too many tasks to plan. */
export const plainOrder: Policy = ({ graph }) => [...graph.ready()];

/** Vigil's order: what a decision calls. */
export const vigil: Policy = ({ graph, nowMs, free, running }) => [
  ...startOrder(graph, {
    freeSlots: free,
    elapsedMs: (id) => nowMs - (running.get(id) ?? nowMs),
    holdsSlot: () => true,
    mayStart: () => true,
  }),
];

/** Runs the workload and returns the makespan in minutes; the policy sees estimates, time passes in truth. */
export function simulate(
  workload: Workload,
  processors: number,
  policy: Policy,
  estimates: readonly number[],
): number {
  const graph = graphOf(workload, estimates);
  const running = new Map<TaskId, { startMs: number; endMs: number }>();
  let ready = [...graph.ready()].sort((a, b) => taskNumber(a) - taskNumber(b));
  let nowMs = 0;
  while (graph.size > 0) {
    const free = processors - running.size;
    if (free > 0 && ready.length > 0) {
      const starts = new Map([...running].map(([id, { startMs }]) => [id, startMs]));
      const started = policy({ graph, nowMs, free, running: starts, ready }).slice(0, free);
      const early = started.find((id) => !ready.includes(id));
      if (early) throw new Error(`${workload.name}: the policy starts ${early} before it is ready`);
      for (const id of started) {
        const at = taskNumber(id) - 1;
        graph.start(id);
        const durationMs = (workload.durations[at] ?? 0) * MS_PER_MINUTE;
        running.set(id, { startMs: nowMs, endMs: nowMs + durationMs });
      }
    }
    if (running.size === 0)
      throw new Error(`${workload.name}: the policy starts nothing and nothing runs`);
    nowMs = Math.min(...[...running.values()].map((each) => each.endMs));
    for (const [id, { endMs }] of running) {
      if (endMs > nowMs) continue;
      running.delete(id);
      graph.end(id);
    }
    const open = new Set(graph.ready());
    const known = new Set(ready);
    const fresh = [...open]
      .filter((id) => !known.has(id))
      .sort((a, b) => taskNumber(a) - taskNumber(b));
    ready = [...ready.filter((id) => open.has(id)), ...fresh];
  }
  return nowMs / MS_PER_MINUTE;
}

/**
 * HEFT (Topcuoglu, Hariri and Wu 2002) on equal processors without communication: tasks by upward
 * rank, each to the processor where it ends first, gaps included; then run in that assignment.
 */
export function heft(workload: Workload, processors: number, estimates: readonly number[]): number {
  const { durations, edges } = workload;
  const before: number[][] = durations.map(() => []);
  for (const [from, to] of edges) before[to]?.push(from);
  const graph = graphOf(workload, estimates);
  const rank = durations.map((_, at) => graph.priority(taskId(at + 1), 0).pathMinutes);
  const order = durations
    .map((_, at) => at)
    .sort((a, b) => (rank[b] ?? 0) - (rank[a] ?? 0) || a - b);
  const lanes: { task: number; start: number; end: number }[][] = Array.from(
    { length: processors },
    () => [],
  );
  const planned: number[] = [];
  for (const task of order) {
    const from = Math.max(0, ...(before[task] ?? []).map((each) => planned[each] ?? 0));
    const length = estimates[task] ?? 0;
    const starts = lanes.map((lane) => gapIn(lane, from, length));
    const start = Math.min(...starts);
    planned[task] = start + length;
    const lane = lanes[starts.indexOf(start)];
    lane?.push({ task, start, end: start + length });
    lane?.sort((a, b) => a.start - b.start || a.end - b.end);
  }
  const ends: number[] = [];
  const next = lanes.map(() => 0);
  for (let done = 0; done < durations.length;) {
    lanes.forEach((lane, at) => {
      const task = lane[next[at] ?? 0]?.task;
      if (task === undefined || before[task]?.some((each) => ends[each] === undefined)) return;
      const previous = lane[(next[at] ?? 0) - 1]?.task;
      const start = Math.max(
        0,
        ...[...(before[task] ?? []), ...(previous === undefined ? [] : [previous])].map(
          (each) => ends[each] ?? 0,
        ),
      );
      ends[task] = start + (durations[task] ?? 0);
      next[at] = (next[at] ?? 0) + 1;
      done += 1;
    });
  }
  return Math.max(...ends);
}

function gapIn(
  lane: readonly { start: number; end: number }[],
  from: number,
  length: number,
): number {
  let start = from;
  for (const slot of lane) {
    if (start + length <= slot.start) break;
    start = Math.max(start, slot.end);
  }
  return start;
}

function graphOf({ durations, edges }: Workload, estimates: readonly number[]): TaskGraph {
  const graph = new TaskGraph();
  const before: number[][] = durations.map(() => []);
  for (const [from, to] of edges) before[to]?.push(from);
  graph.add(
    durations.map((_, at) => ({
      id: taskId(at + 1),
      project: PROJECT,
      dependencies: (before[at] ?? []).map((from) => ({
        type: 'ordering',
        task: taskId(from + 1),
      })),
      scope: [],
      exclusive: false,
      estimateMs: (estimates[at] ?? 0) * MS_PER_MINUTE,
      weight: 0,
      createdAtMs: 0,
    })),
  );
  return graph;
}

function byValue(ids: readonly TaskId[], value: (id: TaskId) => number): TaskId[] {
  const values = new Map(ids.map((id) => [id, value(id)]));
  return [...ids].sort(
    (a, b) => (values.get(b) ?? 0) - (values.get(a) ?? 0) || taskNumber(a) - taskNumber(b),
  );
}
