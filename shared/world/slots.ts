import type { NodeId, ProjectId } from '../model/ids.ts';
import type { TaskRegisters, TaskStatus } from '../model/registers.ts';
import { poolOf, type NodeState } from './node.ts';
import type { TaskChange } from './openTasks.ts';
import type { ProjectState } from './project.ts';
import { isActive, statusOf } from './status.ts';

type Projects = ReadonlyMap<ProjectId, ProjectState>;

/** Counts a task's change into the slots of the node that had it, and of the one that has it. */
export function moveSlot(
  nodes: Map<NodeId, NodeState>,
  projects: Projects,
  { task, status, before, previous }: TaskChange,
): void {
  if (previous && before) useSlot(nodes, previous, holderOf(projects, previous, before), -1);
  useSlot(nodes, task, holderOf(projects, task, status), 1);
}

/** Counts out the slot of a task that is let go of. */
export function freeSlot(
  nodes: Map<NodeId, NodeState>,
  projects: Projects,
  task: TaskRegisters,
): void {
  useSlot(nodes, task, holderOf(projects, task, statusOf(task)), -1);
}

/** The slots of a node that these tasks use. */
export function slotsUsedOn(
  id: NodeId,
  tasks: Iterable<TaskRegisters>,
  projects: Projects,
): NodeState['used'] {
  const used = { agent: 0, cheap: 0 };
  for (const task of tasks)
    if (holderOf(projects, task, statusOf(task)) === id) used[poolOf(task.spec)] += 1;
  return used;
}

/** The node of which the task occupies a slot. What its project's home merges no longer needs another node. */
function holderOf(
  projects: Projects,
  { spec, assignment }: TaskRegisters,
  status: TaskStatus,
): NodeId | null {
  if (!assignment || !isActive(status)) return null;
  const home = projects.get(spec.project)?.home ?? assignment.node;
  return status === 'merging' && home !== assignment.node ? null : assignment.node;
}

function useSlot(
  nodes: Map<NodeId, NodeState>,
  { spec }: TaskRegisters,
  holder: NodeId | null,
  by: 1 | -1,
): void {
  const node = holder === null ? undefined : nodes.get(holder);
  if (!node) return;
  const pool = poolOf(spec);
  const used = { ...node.used, [pool]: Math.max(0, node.used[pool] + by) };
  nodes.set(node.id, { ...node, used });
}
