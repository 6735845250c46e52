import { CycleError } from '../graph/cycle.ts';
import { TaskGraph, type GraphTask, type Wait } from '../graph/taskGraph.ts';
import { CAPABILITY_PRIOR } from '../learn/capability.ts';
import { VigilError } from '../model/errors.ts';
import { ProjectId, taskId, taskNumber, type TaskId } from '../model/ids.ts';
import type { Dependency } from '../model/task.ts';
import type {
  LibraryDependency,
  LibraryNode,
  LibraryPlan,
  LibraryTask,
  PlanInput,
  PlannedStart,
} from './planTypes.ts';
import { scoreDispatch } from './score.ts';
import { startOrder } from './startOrder.ts';

const PROJECT = ProjectId.parse('library');

/**
 * What to start now, where and why: the product's own ordering for tasks and nodes of your own.
 * Pure: the same input gives the same plan. Throws `VigilError`: `cycle` with the tasks that wait
 * for each other, `conflict` for an id that is there twice, `not-found` for a running task's node.
 */
export function plan(input: PlanInput): LibraryPlan {
  const { tasks, nodes, nowMs } = input;
  const names = tasks.map((task) => task.id);
  const nameOf = (id: TaskId) => names[taskNumber(id) - 1] ?? id;
  const known = new Map(tasks.map((task, at) => [taskId(at + 1), task]));
  const graph = graphOf(input, nameOf);
  const free = freeSlots(tasks, nodes);

  const order = [
    ...startOrder(graph, {
      freeSlots: [...free.values()].reduce((sum, slots) => sum + slots, 0),
      elapsedMs: (id) => nowMs - (known.get(id)?.running?.startedAtMs ?? nowMs),
      holdsSlot: () => true,
      mayStart: (id) => nodes.some((node) => node.slots > 0 && isAble(node, known.get(id))),
    }),
  ];
  const assignments: PlannedStart[] = [];
  for (const id of order) {
    const task = known.get(id);
    if (!task || graph.waits(id, nowMs).length > 0) continue;
    const node = bestNode(nodes, free, task);
    if (!node) continue;
    const priority = graph.priority(id, nowMs);
    const worth = scoreDispatch(node.pSuccess ?? CAPABILITY_PRIOR, priority, task.estimateMs);
    const reason = `${priority.pathMinutes.toFixed(1)} min of work behind it`;
    assignments.push({ task: task.id, node: node.id, priority, reason, ...worth });
    free.set(node.id, (free.get(node.id) ?? 0) - 1);
    // From here on it holds its resources and its scope.
    graph.start(id);
  }

  const begun = new Set(assignments.map(({ task }) => task));
  const waiting = [...known].flatMap(([id, task]) =>
    task.running || begun.has(task.id)
      ? []
      : [
          {
            task: task.id,
            reason: reasonOf(graph.waits(id, nowMs)[0], nameOf) ?? idleReason(nodes, task),
          },
        ],
  );
  const { tasks: critical, lengthMs } = graph.criticalPath();
  return { assignments, waiting, criticalPath: { tasks: critical.map(nameOf), lengthMs } };
}

function graphOf(
  { tasks, nowMs, artifacts = [] }: PlanInput,
  nameOf: (id: TaskId) => string,
): TaskGraph {
  const ids = new Map<string, TaskId>();
  tasks.forEach((task, at) => {
    if (ids.has(task.id)) {
      throw new VigilError(
        'conflict',
        `two tasks have the id ${task.id}`,
        'Give every task an id of its own.',
      );
    }
    ids.set(task.id, taskId(at + 1));
  });
  const graph = new TaskGraph();
  for (const artifact of artifacts) graph.setArtifact(PROJECT, artifact, true);
  graph.advance(nowMs);
  try {
    graph.add(tasks.map((task, at) => toGraphTask(task, taskId(at + 1), ids, nowMs)));
  } catch (error) {
    if (!(error instanceof CycleError)) throw error;
    const path = error.cycle.map(nameOf).join(' → ');
    throw new VigilError(
      'cycle',
      `these tasks would wait for each other for ever: ${path}`,
      error.help,
      { cause: error },
    );
  }
  tasks.forEach((task, at) => {
    if (task.running) graph.start(taskId(at + 1));
  });
  return graph;
}

function toGraphTask(
  task: LibraryTask,
  id: TaskId,
  ids: ReadonlyMap<string, TaskId>,
  nowMs: number,
): GraphTask {
  const { dependencies = [], scope = [], weight = 0, createdAtMs = nowMs } = task;
  return {
    id,
    project: PROJECT,
    dependencies: dependencies.flatMap((each) => toDependency(each, ids)),
    scope,
    exclusive: scope.length > 0,
    estimateMs: task.estimateMs,
    weight,
    createdAtMs,
  };
}

function toDependency(
  dependency: LibraryDependency,
  ids: ReadonlyMap<string, TaskId>,
): Dependency[] {
  if (dependency.type === 'resource') return [dependency];
  const task = dependency.task === undefined ? undefined : ids.get(dependency.task);
  if (dependency.type === 'hard') {
    return [
      { type: 'hard', artifact: dependency.artifact, ...(task === undefined ? {} : { task }) },
    ];
  }
  if (task === undefined) return [];
  return dependency.type === 'ordering'
    ? [{ type: 'ordering', task }]
    : [{ type: 'soft', task, timeoutMs: dependency.timeoutMs, fallback: 'start without it' }];
}

function freeSlots(
  tasks: readonly LibraryTask[],
  nodes: readonly LibraryNode[],
): Map<string, number> {
  const free = new Map(nodes.map((node) => [node.id, node.slots]));
  for (const { id, running } of tasks) {
    if (!running) continue;
    const slots = free.get(running.node);
    if (slots === undefined) {
      throw new VigilError(
        'not-found',
        `${id} runs on ${running.node}, which is not among the nodes`,
        'List every node.',
      );
    }
    free.set(running.node, Math.max(0, slots - 1));
  }
  return free;
}

/**
 * The free node where the task is likeliest to succeed; among equals the one with fewer labels, which
 * keeps the special ones free, then the one with more room, then the first.
 */
function bestNode(
  nodes: readonly LibraryNode[],
  free: ReadonlyMap<string, number>,
  task: LibraryTask,
): LibraryNode | undefined {
  const room = (node: LibraryNode) => free.get(node.id) ?? 0;
  const labels = (node: LibraryNode) => node.capabilities?.length ?? 0;
  const chance = (node: LibraryNode) => node.pSuccess ?? CAPABILITY_PRIOR;
  return nodes
    .filter((node) => room(node) > 0 && isAble(node, task))
    .sort((a, b) => chance(b) - chance(a) || labels(a) - labels(b) || room(b) - room(a))[0];
}

function isAble(node: LibraryNode, task: LibraryTask | undefined): boolean {
  return (task?.capabilities ?? []).every((label) => node.capabilities?.includes(label));
}

function reasonOf(wait: Wait | undefined, nameOf: (id: TaskId) => string): string | null {
  switch (wait?.kind) {
    case undefined:
      return null;
    case 'artifact':
      return (
        `waits for ${wait.artifact}` + (wait.task === null ? '' : ` from ${nameOf(wait.task)}`)
      );
    case 'soft':
      return `waits for ${nameOf(wait.task)}, until ${new Date(wait.untilMs).toISOString()} at the latest`;
    case 'ordering':
      return `waits for ${nameOf(wait.task)}`;
    case 'resource':
      return `${nameOf(wait.holder)} holds ${wait.resource}`;
    case 'scope':
      return `${nameOf(wait.holder)} may change ${wait.scope}`;
  }
}

function idleReason(nodes: readonly LibraryNode[], task: LibraryTask): string {
  if (nodes.some((node) => node.slots > 0 && isAble(node, task)))
    return 'no slot is free on a node that can run it';
  const labels = task.capabilities ?? [];
  return labels.length > 0 ? `no node with slots has ${labels.join(' and ')}` : 'no node has slots';
}
