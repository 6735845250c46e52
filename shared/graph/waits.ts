import type { TaskId } from '../model/ids.ts';
import { softUntilMs, type GraphNode } from './node.ts';
import { overlappingScope } from './scope.ts';

/** What keeps a task from starting, as far as the graph knows. */
export type Wait =
  /** `task` is to make it; `taskEnded`: and has left the graph without it. */
  | { kind: 'artifact'; artifact: string; task: TaskId | null; taskEnded: boolean }
  | { kind: 'soft'; task: TaskId; untilMs: number; fallback: string }
  | { kind: 'ordering'; task: TaskId }
  /** `holder` runs and holds it. */
  | { kind: 'resource'; resource: string; holder: TaskId }
  | { kind: 'scope'; scope: string; holder: TaskId };

interface Bound {
  readonly wait: Wait;
  /** 3: nothing in the graph ends it. 2: a task's end. 1: a time. 0: work that already runs. */
  readonly rank: number;
  /** How long it binds within its rank, ms. */
  readonly spanMs: number;
}

/** What the node waits for at this time, the one that binds longest first. */
export function waitsOf(
  node: GraphNode,
  nowMs: number,
  open: ReadonlyMap<TaskId, GraphNode>,
  running: Iterable<GraphNode>,
): Wait[] {
  const bounds = [...dependencyBounds(node, nowMs, open), ...holdBounds(node, running)];
  bounds.sort((a, b) => b.rank - a.rank || b.spanMs - a.spanMs);
  return bounds.map((bound) => bound.wait);
}

/** Whether work that runs holds a resource or files that the node needs. */
export function isHeld(node: GraphNode, running: Iterable<GraphNode>): boolean {
  return holdBounds(node, running).next().done !== true;
}

function* dependencyBounds(
  node: GraphNode,
  nowMs: number,
  open: ReadonlyMap<TaskId, GraphNode>,
): Generator<Bound> {
  for (const edge of node.edges) {
    const { dependency } = edge;
    if (!edge.blocking) continue;
    switch (dependency.type) {
      case 'hard': {
        const task = dependency.task ?? null;
        const maker = task === null ? undefined : open.get(task);
        const taskEnded = task !== null && !maker;
        const wait: Wait = { kind: 'artifact', artifact: dependency.artifact, task, taskEnded };
        yield { wait, rank: maker ? 2 : 3, spanMs: maker?.estimateMs ?? 0 };
        break;
      }
      case 'soft': {
        const untilMs = softUntilMs(edge);
        if (untilMs <= nowMs) break;
        const { task, fallback } = dependency;
        yield { wait: { kind: 'soft', task, untilMs, fallback }, rank: 1, spanMs: untilMs - nowMs };
        break;
      }
      case 'ordering': {
        const spanMs = open.get(dependency.task)?.estimateMs ?? 0;
        yield { wait: { kind: 'ordering', task: dependency.task }, rank: 2, spanMs };
        break;
      }
      case 'resource':
    }
  }
}

function* holdBounds(node: GraphNode, running: Iterable<GraphNode>): Generator<Bound> {
  for (const other of running) {
    if (other === node) continue;
    const holder = other.id;
    const spanMs = other.estimateMs;
    for (const resource of node.resources) {
      if (other.resources.includes(resource)) {
        yield { wait: { kind: 'resource', resource, holder }, rank: 0, spanMs };
      }
    }
    const scope = heldScope(node, other);
    if (scope !== null) yield { wait: { kind: 'scope', scope, holder }, rank: 0, spanMs };
  }
}

function heldScope({ task }: GraphNode, { task: other }: GraphNode): string | null {
  const apart = !task.exclusive || !other.exclusive || task.project !== other.project;
  return apart ? null : overlappingScope(task.scope, other.scope);
}
